// Tells publishers what became of their events, and counts it, once the journal has answered.
//
//     Receipts receipts;                          // the CommitListener of a dispatch::Commit
//     receipts.make_rows(sources);                // under the set-up lock, for every source there is
//
// A receipt goes straight to the sink that its event names, in runs of one sink: whoever must pass it on to a thread of
// his own gathers and wakes there. So the broker keeps no table of waiting publishes, and nothing outlives an event.
//
// Threads: on_append() by the commit thread, whose counters these are; the rest read by any.
// Blocking: as the sinks do. Allocation: none. Cost: some 10 ns an event, one reading of the clock a batch.

#pragma once

#include "broker/tally.hpp"
#include "dispatch/commit.hpp"
#include "metrics/counter.hpp"
#include "metrics/histogram.hpp"
#include <penstock/publisher.hpp>
#include <penstock/stats.hpp>

#include <array>
#include <cstddef>
#include <functional>
#include <span>
#include <string_view>
#include <utility>

namespace penstock {

class Receipts final : public dispatch::CommitListener {
 public:
  /// `on_failure` is told once, of the first failed write or sync.
  Receipts(const journal::Journal& journal, std::function<void(std::string_view)> on_failure)
      : journal_{journal}, on_failure_{std::move(on_failure)} {}

  void make_rows(std::size_t sources) { tallies_.make_rows(sources); }
  void on_append(std::span<event::Block* const> blocks, std::span<const journal::Stored> stored) noexcept override;

  [[nodiscard]] const Tallies& tallies() const noexcept { return tallies_; }
  void add_to(BrokerStats& stats) const;

 private:
  void count(const event::Block& block, journal::Outcome outcome) noexcept;
  void count_batch(std::span<const journal::Stored> stored) noexcept;

  const journal::Journal& journal_;
  std::function<void(std::string_view)> on_failure_;  // Empty once told.
  Tallies tallies_;
  metrics::Histogram receipts_;
  metrics::Histogram syncs_;
  std::array<metrics::Counter, kBatchSizes> batch_sizes_;
  metrics::Counter batch_events_;
  std::array<Receipt, journal::Journal::kBatchEventsMax> run_{};
};

}  // namespace penstock
