// The code of delivery/mailbox.hpp, apart: included by mailbox.cpp, which makes the engine's Mailbox of it, and by the
// model, which makes its own.

#pragma once

#include "delivery/mailbox.hpp"
#include "event/block.hpp"
#include "os/clock.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>

namespace penstock::delivery {

namespace detail {

inline std::uint64_t count_of(std::uint64_t mask) noexcept { return static_cast<std::uint64_t>(std::popcount(mask)); }

}  // namespace detail

template <class Batch, class Atomics>
bool BasicMailbox<Batch, Atomics>::put(Batch* batch, std::uint64_t mask) noexcept {
  Lock lock{mutex_};
  if (ended_) {
    dropped_batches_.push_back(batch);
    release_dropped(lock);
    return false;
  }
  matched_ += detail::count_of(mask);
  const bool too_much = !entries_.empty() && bytes_ + batch->bytes > bytes_max_;
  if (too_much && overflow_ == Overflow::drop_oldest) drop_oldest_for(batch->bytes);
  entries_.push_back({batch, mask});
  bytes_ += batch->bytes;
  if (too_much && overflow_ == Overflow::disconnect) {
    ended_ = true;
    drop_all();
  }
  if (overflow_ == Overflow::refuse && bytes_ > bytes_max_ && !refusing_) {
    refusing_ = true;
    refusing_count_.fetch_add(1, std::memory_order_relaxed);
  }
  const bool slept = !scheduled_;
  scheduled_ = true;
  release_dropped(lock);
  return slept;
}

template <class Batch, class Atomics>
void BasicMailbox<Batch, Atomics>::drop_oldest_for(std::size_t bytes) noexcept {
  const Entry begun = running_ ? entries_.pop_front() : Entry{};
  while (!entries_.empty() && bytes_ + bytes > bytes_max_) drop_front();
  if (begun.batch != nullptr) entries_.push_front(begun);
}

template <class Batch, class Atomics>
void BasicMailbox<Batch, Atomics>::drop_all() noexcept {
  const Entry begun = running_ ? entries_.pop_front() : Entry{};
  while (!entries_.empty()) drop_front();
  if (begun.batch != nullptr) entries_.push_front(begun);
}

template <class Batch, class Atomics>
void BasicMailbox<Batch, Atomics>::drop_front() noexcept {
  const Entry entry = entries_.pop_front();
  bytes_ -= entry.batch->bytes;
  dropped_ += detail::count_of(entry.mask);
  untold_gap_ += detail::count_of(entry.mask);
  dropped_batches_.push_back(entry.batch);
}

template <class Batch, class Atomics>
void BasicMailbox<Batch, Atomics>::release_dropped(Lock& lock) noexcept {
  // Releasing may unmap memory: not under a lock that a worker may want. As a rule there is one, at the end of a call.
  while (!dropped_batches_.empty()) {
    Batch* batch = dropped_batches_.pop_front();
    const bool last = dropped_batches_.empty();
    lock.unlock();
    release(batch);
    if (last) return;
    lock.lock();
  }
}

template <class Batch, class Atomics>
typename BasicMailbox<Batch, Atomics>::Next BasicMailbox<Batch, Atomics>::begin(Entry& entry,
                                                                                std::uint64_t& gap) noexcept {
  const Guard lock{mutex_};
  return begin_next(entry, gap);
}

template <class Batch, class Atomics>
typename BasicMailbox<Batch, Atomics>::Next BasicMailbox<Batch, Atomics>::begin_next(Entry& entry,
                                                                                     std::uint64_t& gap) noexcept {
  gap = untold_gap_;
  untold_gap_ = 0;
  if (telling_) finished_.notify_all();
  telling_ = entries_.empty() && gap != 0;
  if (telling_) return Next::gap_only;
  if (entries_.empty()) {
    scheduled_ = false;
    return Next::nothing;
  }
  running_ = true;
  entry = entries_.front();
  return Next::entry;
}

template <class Batch, class Atomics>
Batch* BasicMailbox<Batch, Atomics>::finish(const Settled& settled) noexcept {
  const Guard lock{mutex_};
  Batch* done = settle(settled);
  finished_.notify_all();
  return done;
}

template <class Batch, class Atomics>
typename BasicMailbox<Batch, Atomics>::Next BasicMailbox<Batch, Atomics>::finish_and_begin(const Settled& settled,
                                                                                           Entry& entry,
                                                                                           std::uint64_t& gap,
                                                                                           Batch*& done) noexcept {
  const Guard lock{mutex_};
  done = settle(settled);
  const Next next = begin_next(entry, gap);
  if (next != Next::entry) finished_.notify_all();
  return next;
}

template <class Batch, class Atomics>
Batch* BasicMailbox<Batch, Atomics>::settle(const Settled& settled) noexcept {
  ok_ += settled.ok;
  dead_ += settled.dead;
  running_ = false;
  Entry& entry = entries_.front();
  entry.mask &= ~settled.mask;
  Batch* done = nullptr;
  if (entry.mask == 0 || ended_) {
    dropped_ += detail::count_of(entry.mask);
    bytes_ -= entry.batch->bytes;
    done = entries_.pop_front().batch;
  }
  if (bytes_ <= bytes_max_) end_refusing();
  return done;
}

template <class Batch, class Atomics>
void BasicMailbox<Batch, Atomics>::end_refusing() noexcept {
  if (refusing_) refusing_count_.fetch_sub(1, std::memory_order_relaxed);
  refusing_ = false;
}

template <class Batch, class Atomics>
bool BasicMailbox<Batch, Atomics>::close(bool wait) noexcept {
  Lock lock{mutex_};
  ended_ = true;
  end_refusing();
  drop_all();
  release_dropped(lock);
  if (!lock) lock.lock();
  if (wait) finished_.wait(lock, [this] { return !running_ && !telling_; });
  return !running_ && !telling_;
}

template <class Batch, class Atomics>
bool BasicMailbox<Batch, Atomics>::ended() const noexcept {
  const Guard lock{mutex_};
  return ended_;
}

template <class Batch, class Atomics>
bool BasicMailbox<Batch, Atomics>::idle() const noexcept {
  const Guard lock{mutex_};
  return entries_.empty() && !running_ && !telling_;
}

template <class Batch, class Atomics>
bool BasicMailbox<Batch, Atomics>::owes_gap() const noexcept {
  const Guard lock{mutex_};
  return untold_gap_ != 0 || telling_;
}

template <class Batch, class Atomics>
bool BasicMailbox<Batch, Atomics>::refusing() const noexcept {
  const Guard lock{mutex_};
  return refusing_;
}

template <class Batch, class Atomics>
void BasicMailbox<Batch, Atomics>::add_to(SubscriptionStats& stats) const {
  const Guard lock{mutex_};
  stats.matched += matched_;
  stats.ok += ok_;
  stats.dead += dead_;
  stats.dropped += dropped_;
  stats.attempts_ok += ok_;
  stats.attempts_failed += dead_;
  if (entries_.empty()) return;
  const auto first = static_cast<std::size_t>(std::countr_zero(entries_.front().mask));
  const std::int64_t age_ns = os::wall_ns() - entries_.front().batch->blocks[first]->time_ns;
  stats.oldest_unsettled_seconds = age_ns > 0 ? static_cast<double>(age_ns) / 1e9 : 0;
}

}  // namespace penstock::delivery
