// What the holder of a shard's claim works with: forms batches, looks up who wants them, hands them over.
//
//     if (shard.try_claim()) { while (event::Batch* batch = claim.next_batch()) claim.hand_over(batch); }
//
// Threads: whoever holds the shard's claim; the counters are read by any. Allocation: none once topics and
// subscriptions have been seen.

#pragma once

#include "delivery/handler_pool.hpp"
#include "delivery/match_cache.hpp"
#include "delivery/subscriber_table.hpp"
#include "dispatch/shard.hpp"
#include "event/batch.hpp"
#include "metrics/histogram.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace penstock::dispatch {

class Claim {
 public:
  /// Taken from the shard in one go: four batches share what that costs between threads (dispatch/shard.hpp).
  static constexpr std::size_t kTakenMax = 4 * event::kBatchEventsMax;

  Claim(Shard& shard, event::BatchPool& batches, delivery::SubscriberTables& tables, delivery::HandlerPool& pool);

  /// Up to 64 events and 1 MiB, or one larger event; nullptr: the shard is empty, or `events_max` is 0. Takes at most
  /// so many from the shard.
  [[nodiscard]] event::Batch* next_batch(std::size_t events_max = kTakenMax) noexcept;
  /// Gives each event to everyone who wants it, and lets go of the batch.
  void hand_over(event::Batch* batch) noexcept;
  /// When the broker closes and nobody will deliver any more: counts what is in the shard as dropped.
  void drop_rest() noexcept;
  /// Events taken from the queue that are in no batch yet: the claim must not be released before they are.
  [[nodiscard]] bool has_taken() const noexcept { return next_ != taken_count_; }
  /// Before the claim is released.
  void let_go_of_table() noexcept { tables_.unpin(reader_); }

  [[nodiscard]] const metrics::Histogram& dispatch_duration() const noexcept { return dispatch_duration_; }

 private:
  void take(std::size_t events_max) noexcept;
  void count_drained(const event::Block& block) noexcept;
  void tell_drained() noexcept;
  void forget_wanting() noexcept;
  void mark_wanted(const delivery::SubscriberTable& table, const event::Batch& batch);
  static void count_unmatched(const event::Batch& batch, std::size_t begin, std::size_t end) noexcept;
  [[nodiscard]] bool fill_mailboxes(const delivery::SubscriberTable& table, event::Batch* batch) noexcept;
  void call_inline(const delivery::SubscriberTable& table, const event::Batch& batch) noexcept;
  template <class Deliver>
  void deliver(delivery::Live& live, Deliver deliver_to) noexcept;

  Shard& shard_;
  event::BatchPool& batches_;
  delivery::SubscriberTables& tables_;
  delivery::HandlerPool& pool_;
  delivery::TableReader& reader_;
  delivery::MatchCache cache_;
  std::vector<std::uint64_t> masks_;    // By index into the table's lives; all zero between batches.
  std::vector<std::uint32_t> wanting_;  // Indexes whose mask is not zero.
  std::array<event::Block*, kTakenMax> taken_{};
  std::size_t taken_count_ = 0;
  std::size_t next_ = 0;
  event::BlockPool* drained_of_ = nullptr;  // Whose events went into batches last, and how many it was not told of.
  std::size_t drained_ = 0;
  metrics::Histogram dispatch_duration_;
};

}  // namespace penstock::dispatch
