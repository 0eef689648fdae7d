#include "delivery/live.hpp"

#include "delivery/running.hpp"
#include "event/block.hpp"
#include "event/lent.hpp"
#include <penstock/topic.hpp>

#include <algorithm>
#include <bit>
#include <exception>
#include <utility>

namespace penstock::delivery {

namespace {

/// The `most` lowest bits of those set.
std::uint64_t lowest(std::uint64_t mask, std::size_t most) noexcept {
  std::uint64_t left = mask;
  for (; left != 0 && most != 0; --most) left &= left - 1;
  return mask & ~left;
}

}  // namespace

Live::Live(std::vector<std::string> patterns, Way way, SubscribeOptions options, Callbacks callbacks,
           RefusingCount& refusing)
    : patterns_{std::move(patterns)},
      way_{way},
      options_{std::move(options)},
      callbacks_{std::move(callbacks)},
      mailbox_{options_.queue_bytes_max, options_.overflow, refusing},
      cells_{way == Way::in_worker ? std::make_unique<Cell[]>(kClaimsMax) : nullptr} {}

Live::~Live() = default;

bool Live::wants(std::string_view base_topic, std::string_view topic) const noexcept {
  return std::any_of(patterns_.begin(), patterns_.end(), [&](const std::string& pattern) {
    return matches(pattern, topic) || matches(pattern, base_topic);
  });
}

bool Live::call(const Handler& handler, event::Block* block) const noexcept {
  const auto report = [this](std::string_view what) {
    try {
      if (callbacks_.on_handler_error) callbacks_.on_handler_error(options_.name, what);
    } catch (...) {  // NOLINT(bugprone-empty-catch): the report is all that there was to do.
    }
  };
  try {
    handler(event::Lent{block}.event());
    return true;
  } catch (const std::exception& error) {
    report(error.what());
  } catch (...) {
    report("not a std::exception");
  }
  return false;
}

Mailbox::Settled Live::run(const Handler& handler, const event::Batch& batch, std::uint64_t mask) const noexcept {
  Mailbox::Settled settled;
  for (std::uint64_t left = mask; left != 0 && !closed() && !cut_off_.load(std::memory_order_relaxed);
       left &= left - 1) {
    const auto i = static_cast<std::size_t>(std::countr_zero(left));
    (call(handler, batch.blocks[i]) ? settled.ok : settled.dead) += 1;
    settled.mask |= std::uint64_t{1} << i;
  }
  return settled;
}

void Live::run_inline(const event::Batch& batch, std::uint64_t mask, std::size_t cell) noexcept {
  const RunningHere here{*this};
  const Mailbox::Settled settled = run(callbacks_.handler, batch, mask);
  Cell& mine = cells_[cell];
  mine.matched.add(settled.ok + settled.dead);  // What came after the end was not matched.
  mine.ok.add(settled.ok);
  mine.dead.add(settled.dead);
}

void Live::drop_inline(std::uint64_t mask, std::size_t cell) noexcept {
  const auto events = static_cast<std::uint64_t>(std::popcount(mask));
  cells_[cell].matched.add(events);
  cells_[cell].dropped.add(events);
}

bool Live::put(event::Batch* batch, std::uint64_t mask) noexcept {
  const bool slept = mailbox_.put(batch, mask);
  if (way_ == Way::pool) return slept;
  // Its end is told too, to one who was woken before and has not come: it may wait for something else.
  const bool ended = options_.overflow == Overflow::disconnect && mailbox_.ended() && !told_end_.exchange(true);
  if ((slept || ended) && callbacks_.on_filled) callbacks_.on_filled();
  return false;
}

bool Live::run_queued(std::size_t entries_max) noexcept {
  const RunningHere here{*this};
  event::Releases releases;
  Mailbox::Entry entry;
  std::uint64_t gap = 0;
  Mailbox::Next next = mailbox_.begin(entry, gap);
  for (std::size_t i = 1; next != Mailbox::Next::nothing; ++i) {
    if (gap != 0) tell_gap(gap);
    if (next == Mailbox::Next::gap_only) {
      if (i == entries_max) return true;
      next = mailbox_.begin(entry, gap);
      continue;
    }
    const Mailbox::Settled settled = run(callbacks_.handler, *entry.batch, entry.mask);
    if (i == entries_max || closed()) {
      releases.add(mailbox_.finish(settled));
      return !closed();
    }
    event::Batch* done = nullptr;
    next = mailbox_.finish_and_begin(settled, entry, gap, done);
    releases.add(done);
  }
  return false;
}

std::size_t Live::take(std::size_t events_max, const std::function<void(const Event&)>& visit) {
  if (took_.exchange(true, std::memory_order_acquire)) return 0;
  const RunningHere here{*this};
  event::Releases releases;
  std::size_t taken = 0;
  Mailbox::Entry entry;
  std::uint64_t gap = 0;
  Mailbox::Next next = events_max == 0 || closed() ? Mailbox::Next::nothing : mailbox_.begin(entry, gap);
  while (next != Mailbox::Next::nothing) {
    if (gap != 0) tell_gap(gap);
    if (next == Mailbox::Next::gap_only) {  // Must be followed by another begin(), closed or not: close() waits for it.
      next = mailbox_.begin(entry, gap);
      continue;
    }
    const Mailbox::Settled settled = run(visit, *entry.batch, lowest(entry.mask, events_max - taken));
    taken += settled.ok + settled.dead;
    if (taken == events_max || closed()) {
      releases.add(mailbox_.finish(settled));
      break;
    }
    event::Batch* done = nullptr;
    next = mailbox_.finish_and_begin(settled, entry, gap, done);
    releases.add(done);
  }
  took_.store(false, std::memory_order_release);
  return taken;
}

void Live::tell_gap(std::uint64_t gap) const noexcept {
  try {
    if (options_.on_gap && !closed()) options_.on_gap(gap);
  } catch (...) {  // NOLINT(bugprone-empty-catch): a callback that must not throw did; the gap stays counted.
  }
}

void Live::cut_off() noexcept {
  cut_off_.store(true, std::memory_order_relaxed);
  mailbox_.close(false);
}

void Live::tell_ended() const noexcept {
  if (callbacks_.on_filled) callbacks_.on_filled();
}

void Live::destroy_callbacks() noexcept {
  if (!gate_.take_destruction()) return;
  const Callbacks gone = std::exchange(callbacks_, Callbacks{});
  const auto on_gap = std::exchange(options_.on_gap, nullptr);
}

SubscriptionStats Live::stats() const {
  SubscriptionStats stats{.name = options_.name, .patterns = patterns_};
  mailbox_.add_to(stats);
  for (std::size_t i = 0; cells_ != nullptr && i < kClaimsMax; ++i) {
    stats.matched += cells_[i].matched.read();
    stats.ok += cells_[i].ok.read();
    stats.dead += cells_[i].dead.read();
    stats.dropped += cells_[i].dropped.read();
    stats.attempts_ok += cells_[i].ok.read();
    stats.attempts_failed += cells_[i].dead.read();
  }
  const std::uint64_t settled = stats.ok + stats.dead + stats.dropped;
  stats.lag = stats.matched > settled ? stats.matched - settled : 0;
  return stats;
}

}  // namespace penstock::delivery
