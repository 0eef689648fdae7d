// The way in: builds events in place and publishes them.
//
//     penstock::Publisher publisher = broker.publisher();                     // one per thread
//     penstock::EventBuilder event = publisher.event("github", body.size());  // room in the block that will travel
//     std::ranges::copy(body, event.payload(body.size()).begin());
//     if (publisher.publish(std::move(event)) == penstock::Verdict::full) answer_503();
//
// Threads: a Publisher and its builders are used by one thread at a time. A Publisher may outlive its Broker: publish
// then answers `closed`; a builder may not outlive its Publisher.
// Blocking: publish never waits, but for events with a delivery id: some 100 ns for another thread that queues one, if
// their ids share a lock (one in 16 does). Allocation: none once warm (slabs of the broker's budget, never the general
// heap). Errors: publish answers a Verdict; nothing here throws but Broker::publisher() and Broker::source().

#pragma once

#include <penstock/dedup.hpp>
#include <penstock/event.hpp>
#include <penstock/export.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

namespace penstock {

class PublisherCore;  // engine/broker/publisher_core.hpp
namespace topic {
struct SourceEntry;  // engine/topic/source_table.hpp
}

/// What became of one publish. Every value but `accepted` and `duplicate` means that the broker kept nothing.
enum class Verdict : std::uint8_t { accepted, duplicate, bad_topic, too_large, full, closed };

/// What became of an event that publish() took: given once, when it is known.
struct Receipt {
  std::uint64_t tag = 0;     ///< As given to publish().
  EventId id = {};           ///< Of a duplicate: the first one's.
  std::uint64_t offset = 0;  ///< In the journal, of a duplicate the first one's; 0: there is no journal.
  /// `accepted`: as safe as the broker makes it (with a journal: synced to this disk). `duplicate`. Or `full`: nothing
  /// was kept after all, since the disk failed or is full.
  Verdict verdict = Verdict::accepted;
};

/// Who is given receipts. Must live until every receipt it is owed has come; Broker::close() gives the last ones.
class PENSTOCK_EXPORT ReceiptSink {
 public:
  virtual ~ReceiptSink() = default;
  /// Up to 1,024 at a time, of one sync and in the order of publishing. On the commit thread: must not block, throw, or
  /// call the broker but Publisher::publish of another thread's. Without a journal: inside publish().
  virtual void on_receipts(std::span<const Receipt> receipts) noexcept = 0;
};

/// Why an event was turned away before or by publish. Counted per source; the names are the metric's `reason` label.
enum class Refusal : std::uint8_t {
  bad_topic,
  too_large,
  full,
  closed,  // publish's own
  unauthorized,
  stale,
  malformed,  // verification
  cut_short,
  too_slow,
  no_length,
  bad_encoding,  // transport
  overloaded,    // unverified bodies hold their share of the budget
  slow_journal,
  journal_failed,  // the disk's
};
inline constexpr std::size_t kRefusals = static_cast<std::size_t>(Refusal::journal_failed) + 1;

[[nodiscard]] PENSTOCK_EXPORT std::string_view to_string(Verdict verdict) noexcept;
[[nodiscard]] PENSTOCK_EXPORT std::string_view to_string(Refusal refusal) noexcept;

/// A configured sender: a name for counters and events, and the base topic of what it sends. Made by Broker::source();
/// a cheap value, valid for as long as some Broker, Publisher or Source of that broker lives.
class PENSTOCK_EXPORT Source {
 public:
  [[nodiscard]] std::string_view name() const noexcept;
  [[nodiscard]] std::string_view topic() const noexcept;

 private:
  friend class Broker;
  friend class Publisher;
  Source(std::shared_ptr<const void> owner, const topic::SourceEntry* entry) noexcept
      : owner_{std::move(owner)}, entry_{entry} {}

  std::shared_ptr<const void> owner_;  // Keeps what the entry lives in.
  const topic::SourceEntry* entry_;
};

/// An event in the making: one block of a publisher's pool. Movable; a destroyed builder gives its block back.
class PENSTOCK_EXPORT EventBuilder {
 public:
  EventBuilder(EventBuilder&& other) noexcept;
  EventBuilder& operator=(EventBuilder&& other) noexcept;
  EventBuilder(const EventBuilder&) = delete;
  EventBuilder& operator=(const EventBuilder&) = delete;
  ~EventBuilder();

  /// Sets the payload's size and gives its bytes, to be written in place. Empty when there is no memory: publish then
  /// says `full`. Called again, it keeps the bytes already there up to the smaller size.
  [[nodiscard]] std::span<char> payload(std::size_t bytes) noexcept;

  /// For bodies that arrive in pieces: room for at least one more byte (at most `wanted`) behind what was committed.
  /// Up to 128 KiB the block grows by moving, twice its bytes at most; above, it has a mapping of its own that is
  /// charged to the budget 64 KiB at a time, as bytes arrive. Empty: no memory, or past payload_bytes_max.
  [[nodiscard]] std::span<char> room(std::size_t wanted) noexcept;
  void commit(std::size_t bytes) noexcept;  ///< That many bytes of the last room() were written.

  [[nodiscard]] std::string_view payload() const noexcept;  ///< What is there so far.

  /// Appends a name and a value; copies both. Repeats are kept. After 64 KiB of metadata publish says `too_large`.
  void metadata(std::string_view name, std::string_view value) noexcept;

  /// Has the event taken once: if its source had one with the same delivery id accepted less than `window` (at least
  /// 1 s) ago, publish says `duplicate`, also when both arrive at the same moment. The age is that of the first one's
  /// acceptance by the system's clock. An id that is empty or longer than kDeliveryIdBytesMax is none: the event is
  /// counted in SourceStats::without_delivery_id and published all the same. Called again, the last one counts.
  /// Events without a delivery id pay nothing; with one, a hash of it, a short lock and a look: some 100 ns.
  void delivery_id(std::string_view id, std::chrono::seconds window) noexcept;
  /// The same with the id that stands in the event's metadata and payload by now. A JSON number counts as it is
  /// written; a header that stands twice is no id.
  void deduplicate(const Dedup& dedup) noexcept;

 private:
  friend class PublisherCore;
  EventBuilder(PublisherCore* core, const topic::SourceEntry* source) noexcept : core_{core}, source_{source} {}

  PublisherCore* core_;
  event::Block* block_ = nullptr;  // Null: no event can be made, for the reason in trouble_; or moved from.
  const topic::SourceEntry* source_;
  Verdict trouble_ = Verdict::accepted;
};

class PENSTOCK_EXPORT Publisher {
 public:
  Publisher(Publisher&& other) noexcept;
  Publisher& operator=(Publisher&& other) noexcept;
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;
  ~Publisher();

  /// Begins an event of base topic `topic` (its source's name is the same). `payload_bytes_expected` is a hint that
  /// saves moving: the whole size when it is known, 0 when not; so is `metadata_bytes_expected`: 32 bytes a field and
  /// the length of names and values. Never fails: a bad topic or no memory shows at publish.
  [[nodiscard]] EventBuilder event(std::string_view topic, std::size_t payload_bytes_expected,
                                   std::size_t metadata_bytes_expected = 256) noexcept;
  [[nodiscard]] EventBuilder event(const Source& source, std::size_t payload_bytes_expected,
                                   std::size_t metadata_bytes_expected = 256) noexcept;
  /// An event of `source` on another base topic than the source's own (POST /v1/topics/{topic}/events).
  [[nodiscard]] EventBuilder event(const Source& source, std::string_view topic, std::size_t payload_bytes_expected,
                                   std::size_t metadata_bytes_expected = 256) noexcept;

  /// Routes, stamps (id, time) and queues the event. Moved from only when `accepted`. From then on every subscription
  /// whose pattern matches will see it, in the order of this Publisher's publishes. `id`, if given, gets the event's
  /// id; of a `duplicate`, the first one's. What was refused (`full` …) has left no trace: sent again, it is taken.
  [[nodiscard]] Verdict publish(EventBuilder&& event, EventId* id = nullptr) noexcept;

  /// The same, and `sink` is told what became of it: with a journal `accepted` only means that a receipt will come.
  /// Exactly one for each `accepted` here, none for any other answer. Without a journal it comes before this returns.
  [[nodiscard]] Verdict publish(EventBuilder&& event, ReceiptSink& sink, std::uint64_t tag) noexcept;

  /// For event loops. After wake_later() publish leaves a sleeping worker asleep; wake() wakes one for all that was
  /// queued since, so a turn that publishes 30 events pays for one wake-up (4 us), not for 30. Every 64 events, when
  /// the queue is full and when the Publisher ends it wakes by itself; else events wait for wake(). wake() is cheap
  /// when there is nobody to wake, or nothing was queued.
  void wake_later() noexcept;
  void wake() noexcept;

  /// The final topic of the last event that publish accepted. Valid until the next publish.
  [[nodiscard]] std::string_view last_topic() const noexcept;

  /// Counts an event of `source` that will never be published: received, and refused for that reason.
  void refuse(const Source& source, Refusal reason) noexcept;

  /// Counts an exchange that is not an event (a sender's handshake).
  void handshake(const Source& source) noexcept;

 private:
  friend class Broker;
  explicit Publisher(std::unique_ptr<PublisherCore> core) noexcept;
  std::unique_ptr<PublisherCore> core_;
};

}  // namespace penstock
