// A Publisher's working parts: its token on one shard, its pool of blocks, its parser, its counters.
//
// Threads: one at a time, but for `busy` and the counters, which close() and stats() read.

#pragma once

#include "broker/broker_core.hpp"
#include "broker/tally.hpp"
#include "event/block_pool.hpp"
#include "event/id_maker.hpp"
#include "metrics/histogram.hpp"
#include "os/atomics.hpp"
#include "routing/json_field.hpp"
#include <penstock/publisher.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

namespace penstock {

class PublisherCore {
 public:
  static constexpr std::uint64_t kQueuedMax = 65'536;  ///< Events of one Publisher waiting in its shard; then `full`.

  explicit PublisherCore(std::shared_ptr<BrokerCore> broker);
  ~PublisherCore();
  PublisherCore(const PublisherCore&) = delete;
  PublisherCore& operator=(const PublisherCore&) = delete;

  [[nodiscard]] EventBuilder begin(const topic::SourceEntry* source, std::string_view topic_name,
                                   std::size_t payload_bytes, std::size_t metadata_bytes) noexcept;
  [[nodiscard]] Verdict publish(EventBuilder& event, EventId* id) noexcept;
  [[nodiscard]] Verdict publish(EventBuilder& event, ReceiptSink& sink, std::uint64_t tag) noexcept;

  void wake_later() noexcept { wakes_later_ = true; }
  void wake() noexcept;

  // EventBuilder's.
  void give_back(event::Block* block) noexcept { pool_->give(block); }
  [[nodiscard]] bool grow_payload(EventBuilder& event, std::size_t bytes) noexcept;
  [[nodiscard]] bool grow_area(EventBuilder& event, std::size_t bytes) noexcept;
  void set_delivery_id(EventBuilder& event, std::string_view id, std::chrono::seconds window) noexcept;
  void find_delivery_id(EventBuilder& event, const Dedup& dedup) noexcept;
  [[nodiscard]] std::size_t payload_bytes_max() const noexcept { return broker_->options().payload_bytes_max; }
  [[nodiscard]] event::BlockPool& pool() noexcept { return *pool_; }

  [[nodiscard]] SourceTally& tally(const topic::SourceEntry& source) noexcept { return tallies_.of(source); }
  [[nodiscard]] std::string_view last_topic() const noexcept { return {last_topic_.data(), last_topic_bytes_}; }

  // BrokerCore's, under its set-up lock.
  Tallies& tallies() noexcept { return tallies_; }
  [[nodiscard]] const metrics::Histogram& receipts() const noexcept { return receipts_; }
  [[nodiscard]] bool busy() const noexcept { return busy_.load(std::memory_order_seq_cst); }
  void move_in(dispatch::Intake& intake, event::BlockPool& pool);
  dispatch::Intake& move_out() noexcept;

 private:
  [[nodiscard]] const topic::TopicEntry* find_topic(std::string_view name) noexcept;
  [[nodiscard]] Verdict admit(EventBuilder& event) noexcept;
  [[nodiscard]] Verdict route(EventBuilder& event) noexcept;
  [[nodiscard]] bool charge(std::size_t bytes) noexcept;
  [[nodiscard]] std::size_t charge_index(std::size_t payload_bytes) noexcept;
  [[nodiscard]] bool add_sub_topic(EventBuilder& event, std::string_view value) noexcept;
  static void drop_sub_topic(event::Block& block) noexcept;
  [[nodiscard]] Verdict pass_journal_gate() noexcept;
  [[nodiscard]] Verdict take(EventBuilder& event, EventId& id) noexcept;
  void count(SourceTally& tally, Verdict verdict) noexcept;
  [[nodiscard]] std::size_t record_bytes_for(std::size_t topic_bytes, std::size_t source_bytes) const noexcept;
  [[nodiscard]] bool write_record(event::Block& block) noexcept;
  [[nodiscard]] Verdict queue(EventBuilder& event) noexcept;
  [[nodiscard]] Verdict queue_once(EventBuilder& event, EventId& id) noexcept;
  [[nodiscard]] event::Block* move_to_larger(event::Block* block, std::size_t area_bytes,
                                             std::size_t payload_bytes) noexcept;

  static constexpr std::size_t kNoMemory = ~std::size_t{0};
  static constexpr std::size_t kParserBytes =
      routing::JsonFieldReader::index_bytes(routing::JsonFieldReader::kKeptBytesMax);

  const std::shared_ptr<BrokerCore> broker_;
  dispatch::Intake* intake_ = nullptr;
  event::BlockPool* pool_ = nullptr;
  std::optional<dispatch::Shard::Token> token_;
  const topic::TopicEntry* last_entry_ = nullptr;
  routing::JsonFieldReader reader_;
  event::IdMaker ids_;
  Tallies tallies_;
  metrics::Histogram receipts_;
  std::array<char, kTopicBytesMax> last_topic_{};
  std::size_t last_topic_bytes_ = 0;
  std::size_t unannounced_ = 0;  // Events queued since the last wake().
  bool wakes_later_ = false;
  bool parser_charged_ = false;
  bool unrouted_ = false;  // Of the event being published, and the next one too.
  bool lacks_delivery_id_ = false;
  std::optional<Refusal> journal_refusal_;  // Why the journal takes none, if that is why.
  ReceiptSink* sink_ = nullptr;             // Of the event being published.
  std::uint64_t tag_ = 0;
  alignas(64) os::Atomic<bool> busy_{false};
};

}  // namespace penstock
