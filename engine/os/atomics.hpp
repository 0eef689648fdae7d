// What lock-free protocols are written against, so that tests/models can put a model checker's atomics in their place.
//
//     template <class Atomics = os::StdAtomics>
//     class ShardClaim { typename Atomics::template Atomic<std::uint32_t> claimed_{0}; … Atomics::fence(); … };
//
// A protocol with an argument about memory orders stands in a header of its own, as a template over this policy. The
// engine uses it with StdAtomics, whose names are the standard's own: the instructions are those of std::atomic. The
// model (tests/models) runs the same code through many interleavings, once as it is and once with each order weakened
// that its comment names.
//
// The engine's other atomics and locks are os::Atomic, os::Mutex and os::Condition, the same again: std::atomic and so
// on, but in a build with PENSTOCK_COUNT, where os/counted.hpp counts what they cost.
//
// Threads, blocking, cost: of what a name stands for. sleep: futex(2); wake: a system call, 4 us.

#pragma once

#include "os/barrier.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>

#if defined(PENSTOCK_COUNT)
#include "os/counted.hpp"
#endif

namespace penstock::os {

#if defined(PENSTOCK_COUNT)
template <class T>
using Atomic = CountedAtomic<T>;
using Mutex = CountedMutex;
using Condition = CountedCondition;
#else
template <class T>
using Atomic = std::atomic<T>;
using Mutex = std::mutex;
using Condition = std::condition_variable;
inline void count_shared_rmw(std::uint64_t /*n*/ = 1) noexcept {}  ///< For what others do, of whom we know how much.
inline void count_fence() noexcept {}
inline void count_wake() noexcept {}
#endif

struct StdAtomics {
  template <class T>
  using Atomic = os::Atomic<T>;
  template <class T>
  using Plain = T;  ///< Not atomic: who touches it owns it, or holds the lock. The model looks for races on it.

  using Mutex = os::Mutex;
  using Guard = std::lock_guard<Mutex>;
  using Lock = std::unique_lock<Mutex>;
  using Condition = os::Condition;

  static void fence() noexcept {
    count_fence();
    std::atomic_thread_fence(std::memory_order_seq_cst);
  }
  static void light_barrier() noexcept { os::light_barrier(); }
  static void heavy_barrier() noexcept { os::heavy_barrier(); }

  /// Sleeps until wake(word), but not when `word` is no longer `value`. May return early.
  static void sleep(Atomic<std::uint32_t>& word, std::uint32_t value) noexcept;
  /// Wakes one thread that sleeps on `word`.
  static void wake(Atomic<std::uint32_t>& word) noexcept;
  /// Between two looks at what another thread is about to end.
  static void pause() noexcept;
};

}  // namespace penstock::os
