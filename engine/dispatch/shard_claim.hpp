// The right to drain a shard, and how it goes from thread to thread.
//
//     enqueue(x); if (claim.try_claim_after_enqueue()) drain();       // a publisher that drains by itself, or
//     if (!empty() && claim.try_claim()) drain();                     // a worker that looks for work
//     drain:  do { take all; claim.release(); } while (claim.claim_again([&] { return empty(); }));
//
// Protocol. A CAS (acquire) takes the claim, a store (release) gives it up: so all that belongs to a claim (consumer
// token, caches, counters, taken events) passes from holder to holder without further locks. Two places are a store, a
// seq_cst fence, then a load of what the other side stores, so that at least one side sees the other (Dekker):
//   enqueue    event queued  | fence | claim free?   then drain, or wake who does (os/parking.hpp)
//   release    claim := free | fence | queue empty?  no: claim again
// So no event is left behind by a publisher that found the claim held and a holder that found the queue empty.
// Model: tests/models/shard_claim_model.cpp and caller_runs_model.cpp.
//
// Threads: any. Blocking, allocation: none. Cost: one locked instruction to claim, one fence to look again.

#pragma once

#include "os/atomics.hpp"

#include <atomic>
#include <cstdint>

namespace penstock::dispatch {

template <class Atomics = os::StdAtomics>
class ShardClaim {
 public:
  [[nodiscard]] bool claimed() const noexcept { return claimed_.load(std::memory_order_relaxed) != 0; }

  [[nodiscard]] bool try_claim() noexcept {
    std::uint32_t free = 0;
    return !claimed() && claimed_.compare_exchange_strong(free, 1, std::memory_order_acquire);
  }

  /// For who has just queued an event. False: the holder's look after its release comes upon the event.
  [[nodiscard]] bool try_claim_after_enqueue() noexcept {
    Atomics::fence();
    return try_claim();
  }

  void release() noexcept { claimed_.store(0, std::memory_order_release); }

  /// After release(), by who will not look for work elsewhere: claims again if something came meanwhile.
  template <class IsEmpty>
  [[nodiscard]] bool claim_again(IsEmpty is_empty) noexcept {
    Atomics::fence();
    return !is_empty() && try_claim();
  }

 private:
  typename Atomics::template Atomic<std::uint32_t> claimed_{0};
};

}  // namespace penstock::dispatch
