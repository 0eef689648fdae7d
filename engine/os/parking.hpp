// How idle workers sleep without missing work, and how publishers wake them without paying for it.
//
//     publisher:  queue.enqueue(x);  parking.work_came(home, [&] { return claim_is_free; });
//     worker:     parking.search();                     // counted as searching
//                 … look at the queues; found: parking.found([&] { return some_unclaimed_queue_has_work; }); …
//                 … nothing: parking.park(me, [&] { return some_queue_has_work; });
//
// Protocol. Four places are a store, a seq_cst fence, then loads of what the other side stores before its fence; so for
// each pair at least one side sees the other (Dekker), and no wake-up is lost:
//   publish    enqueue           | fence | claim free? anybody searching? a parked flag?
//   release    claim := free     | fence | queue empty?            (dispatch/shard_claim.hpp)
//   park       flag := parked, searchers - 1 | fence | every queue empty?   only then sleep on the flag
//   found      searchers - 1     | fence | (last one only) an unclaimed queue with work? then wake another
// publish against park: either the publisher sees the flag, or the worker sees the event. A publisher that sees a
// searcher leaves the wake-up to it: a searcher ends in found (which looks again) or in park (which looks again).
// A publisher that sees the claim held leaves it to the holder, whose release looks again.
// A publisher may leave the right half of its line for later and do it once for several enqueues (Publisher::wake).
// The flag is set before the searchers' count falls, so whoever reads the lower count (acquire) reads the flag too.
// Model: tests/models/parking_model.cpp.
//
// Threads: search/found/park by the worker that owns `me`; work_came and wake_all by any.
// Cost: work_came with nobody to wake: one fence, two loads. A wake-up: one futex call.

#pragma once

#include "os/atomics.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace penstock::os {

template <class Atomics>
class BasicParking {
 public:
  explicit BasicParking(std::size_t workers) : workers_{workers}, flags_{std::make_unique<Flag[]>(workers)} {}

  template <class ClaimIsFree>
  void work_came(std::size_t home, ClaimIsFree claim_is_free) noexcept {
    Atomics::fence();
    if (searchers_.load(std::memory_order_acquire) == 0 && claim_is_free()) wake_one(home);
  }

  void search() noexcept { searchers_.fetch_add(1, std::memory_order_relaxed); }

  template <class HasUnclaimedWork>
  void found(std::size_t me, HasUnclaimedWork has_unclaimed_work) noexcept {
    if (searchers_.fetch_sub(1, std::memory_order_release) != 1) return;
    Atomics::fence();
    if (has_unclaimed_work()) wake_one(me + 1);
  }

  /// Returns when woken, or at once when there is work. The worker is no searcher any more.
  template <class HasWork>
  void park(std::size_t me, HasWork has_work) noexcept {
    flags_[me].value.store(1, std::memory_order_relaxed);
    searchers_.fetch_sub(1, std::memory_order_release);
    Atomics::fence();
    if (!has_work()) wait(me);
    flags_[me].value.store(0, std::memory_order_relaxed);
  }

  void wake_all() noexcept;

  /// The fence of the pairs above, for the release of a claim.
  static void fence() noexcept { Atomics::fence(); }

 private:
  struct alignas(64) Flag {
    typename Atomics::template Atomic<std::uint32_t> value{0};
  };

  void wake_one(std::size_t from) noexcept;
  void wait(std::size_t me) noexcept;

  const std::size_t workers_;
  const std::unique_ptr<Flag[]> flags_;
  alignas(64) typename Atomics::template Atomic<std::uint32_t> searchers_{0};
};

template <class Atomics>
void BasicParking<Atomics>::wake_one(std::size_t from) noexcept {
  for (std::size_t i = 0; i < workers_; ++i) {
    auto& flag = flags_[(from + i) % workers_].value;
    // The exchange picks one waker for one sleeper; a plain look first keeps the line shared.
    if (flag.load(std::memory_order_relaxed) == 0 || flag.exchange(0, std::memory_order_acq_rel) == 0) continue;
    Atomics::wake(flag);
    return;
  }
}

template <class Atomics>
void BasicParking<Atomics>::wake_all() noexcept {
  Atomics::fence();
  for (std::size_t i = 0; i < workers_; ++i) {
    flags_[i].value.store(0, std::memory_order_release);
    Atomics::wake(flags_[i].value);
  }
}

template <class Atomics>
void BasicParking<Atomics>::wait(std::size_t me) noexcept {
  auto& flag = flags_[me].value;
  while (flag.load(std::memory_order_acquire) == 1) Atomics::sleep(flag, 1);
}

using Parking = BasicParking<StdAtomics>;
extern template class BasicParking<StdAtomics>;

}  // namespace penstock::os
