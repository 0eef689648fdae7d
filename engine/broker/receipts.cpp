#include "broker/receipts.hpp"

#include "event/block.hpp"
#include "os/clock.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace penstock {

namespace {

Verdict verdict_of(journal::Outcome outcome) noexcept {
  switch (outcome) {
    case journal::Outcome::stored: return Verdict::accepted;
    case journal::Outcome::duplicate: return Verdict::duplicate;
    case journal::Outcome::full:
    case journal::Outcome::failed: break;
  }
  return Verdict::full;
}

}  // namespace

void Receipts::on_append(std::span<event::Block* const> blocks, std::span<const journal::Stored> stored) noexcept {
  count_batch(stored);
  if (const journal::DiskFailed* failure = journal_.failure(); failure != nullptr && on_failure_) {
    std::exchange(on_failure_, nullptr)(failure->what());
  }
  const std::int64_t now_ns = os::steady_ns();
  for (std::size_t i = 0; i < blocks.size();) {
    ReceiptSink* const sink = blocks[i]->sink;
    std::size_t count = 0;
    for (; i < blocks.size() && blocks[i]->sink == sink; ++i, ++count) {
      const event::Block& block = *blocks[i];
      this->count(block, stored[i].outcome);
      if (block.begun_ns != 0) receipts_.record(now_ns - block.begun_ns);
      if (sink == nullptr) continue;
      run_[count] = {
          .tag = block.tag, .id = stored[i].id, .offset = stored[i].offset, .verdict = verdict_of(stored[i].outcome)};
    }
    if (sink != nullptr) sink->on_receipts(std::span{run_}.first(count));
  }
}

void Receipts::count(const event::Block& block, journal::Outcome outcome) noexcept {
  SourceTally& tally = tallies_.of(*block.source);
  switch (outcome) {
    case journal::Outcome::stored:
      tally.accepted.add(1);
      if (block.unrouted) tally.unrouted.add(1);
      if (block.lacks_delivery_id) tally.without_delivery_id.add(1);
      return;
    case journal::Outcome::duplicate: tally.duplicate.add(1); return;
    case journal::Outcome::full: tally.refused[static_cast<std::size_t>(Refusal::full)].add(1); return;
    case journal::Outcome::failed: tally.refused[static_cast<std::size_t>(Refusal::journal_failed)].add(1); return;
  }
}

void Receipts::count_batch(std::span<const journal::Stored> stored) noexcept {
  const auto events = static_cast<std::size_t>(std::count_if(
      stored.begin(), stored.end(), [](const auto& one) { return one.outcome == journal::Outcome::stored; }));
  if (events == 0) return;                                                 // Nothing was written, and nothing synced.
  const auto size = static_cast<std::size_t>(std::bit_width(events - 1));  // 1, 2, 4 … 1,024
  batch_sizes_[std::min(size, kBatchSizes - 1)].add(1);
  batch_events_.add(events);
  syncs_.record(journal_.last_sync_ns());
}

void Receipts::add_to(BrokerStats& stats) const {
  receipts_.add_to(stats.receipt);
  syncs_.add_to(stats.journal.sync);
  for (std::size_t i = 0; i < kBatchSizes; ++i) stats.journal.batch_sizes[i] = batch_sizes_[i].read();
  stats.journal.batch_events = batch_events_.read();
}

}  // namespace penstock
