// The rooms of one broker, and the order in which they start and stop. Shared by the Broker, its Publishers,
// Subscriptions and threads, so that each may outlive the others.
//
// Locks, outermost first: set-up (this file) -> seen ids -> subscriber tables -> mailbox. Memory's and a pool's are
// innermost, and no callback runs under any of them.

#pragma once

#include "broker/durability.hpp"
#include "broker/seen_ids.hpp"
#include "broker/tally.hpp"
#include "delivery/handler_pool.hpp"
#include "delivery/subscriber_table.hpp"
#include "dispatch/workers.hpp"
#include "event/memory.hpp"
#include "os/atomics.hpp"
#include "routing/router.hpp"
#include "topic/source_table.hpp"
#include "topic/topic_table.hpp"
#include <penstock/broker.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace penstock {

class PublisherCore;

class BrokerCore : public std::enable_shared_from_this<BrokerCore> {
 public:
  explicit BrokerCore(const BrokerOptions& options);  ///< Throws SetupError.
  ~BrokerCore();
  BrokerCore(const BrokerCore&) = delete;
  BrokerCore& operator=(const BrokerCore&) = delete;

  void start();  ///< Apart from the constructor: the threads hold this.

  const topic::SourceEntry& add_source(std::string_view name, std::string_view topic_name);
  void set_route(std::string_view topic_name, const Route& route);
  void remove_route(std::string_view topic_name) noexcept;
  void add_publisher(PublisherCore& publisher);  ///< Gives it its lane, pool and rows.
  void remove_publisher(PublisherCore& publisher) noexcept;
  std::shared_ptr<delivery::Live> subscribe(const std::vector<std::string>& patterns, delivery::Way way,
                                            SubscribeOptions options, delivery::Live::Callbacks callbacks);
  void unsubscribe(const std::shared_ptr<delivery::Live>& live) noexcept;
  void keep(std::shared_ptr<ReceiptSink> sink);
  [[nodiscard]] BrokerStats stats();
  void set_drain_limit(std::chrono::milliseconds limit) noexcept { drain_limit_ = limit; }
  bool close() noexcept;

  [[nodiscard]] bool closed() const noexcept { return closed_.load(std::memory_order_relaxed); }
  [[nodiscard]] const BrokerOptions& options() const noexcept { return options_; }
  [[nodiscard]] event::Memory& memory() noexcept { return *memory_; }
  [[nodiscard]] topic::TopicTable& topics() noexcept { return topics_; }
  [[nodiscard]] topic::SourceTable& sources() noexcept { return sources_; }
  [[nodiscard]] SeenIds& seen() noexcept { return seen_; }
  [[nodiscard]] delivery::SubscriberTables& tables() noexcept { return tables_; }
  [[nodiscard]] dispatch::Workers& workers() noexcept { return workers_; }
  [[nodiscard]] Durability* durability() noexcept { return durability_.get(); }  ///< nullptr: there is no journal.
  [[nodiscard]] journal::DedupKey dedup_key_of(std::string_view source, std::string_view delivery_id) const noexcept {
    return durability_ ? durability_->key_of(source, delivery_id) : seen_.key_of(source, delivery_id);
  }
  [[nodiscard]] std::shared_ptr<const journal::Journal> journal();  ///< nullptr: there is none, or it is closed.
  /// What a reader of the journal makes its events from.
  struct ReaderPools {
    event::BlockPool& blocks;
    event::BatchPool& batches;
  };
  [[nodiscard]] ReaderPools adopt_reader_pools();
  void leave_reader_pools(const ReaderPools& pools) noexcept;
  /// Tells that events were queued there.
  void work_came(dispatch::Intake& intake) noexcept {
    if (durability_) {
      durability_->commit().work_came();
    } else {
      workers_.work_came(static_cast<dispatch::Lane&>(intake));
    }
  }

 private:
  struct MemoryUnref {
    void operator()(event::Memory* memory) const noexcept { memory->unref(); }
  };

  void make_rows();
  void await_publishers() noexcept;
  [[nodiscard]] bool await_deliveries(std::chrono::steady_clock::time_point deadline) noexcept;
  void end_subscriptions() noexcept;
  bool drain_and_stop() noexcept;
  void fold_ended();
  void add_source_stats(BrokerStats& stats);
  void add_topic_stats(BrokerStats& stats);

  const BrokerOptions options_;
  os::Atomic<std::chrono::milliseconds> drain_limit_{options_.drain_limit};
  const std::unique_ptr<event::Memory, MemoryUnref> memory_;
  topic::TopicTable topics_;
  topic::SourceTable sources_;
  SeenIds seen_;
  delivery::SubscriberTables tables_;
  delivery::TableReader& closer_;
  // What the pool's threads, which may outlive this, know of it.
  const std::shared_ptr<std::weak_ptr<BrokerCore>> weak_self_ = std::make_shared<std::weak_ptr<BrokerCore>>();
  delivery::HandlerPool pool_;
  dispatch::Workers workers_;
  const std::unique_ptr<Durability> durability_;
  os::Atomic<bool> closed_{false};

  os::Mutex mutex_;  // Set-up: everything below.
  os::Condition close_done_;
  enum class Closing : std::uint8_t { no, running, done } closing_ = Closing::no;
  bool drained_ = false;
  std::vector<PublisherCore*> publishers_;
  std::vector<std::unique_ptr<const routing::Router>> routers_;  // Replaced ones too: a publish may be reading one.
  Tallies past_;                                                 // Of Publishers that are gone.
  metrics::Histogram past_receipts_;
  std::vector<std::shared_ptr<delivery::Live>> ended_;  // Until their last call has left.
  std::vector<SubscriptionStats> past_subscriptions_;   // Summed by name.
  std::vector<std::shared_ptr<ReceiptSink>> sinks_;     // Until the last receipt.
  std::size_t reader_pools_ = 0;                        // There ever were.
  std::vector<event::BatchPool*> left_batch_pools_;     // Of readers that are gone; room for all there ever were.
};

}  // namespace penstock
