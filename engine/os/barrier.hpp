// A store-load barrier that one side hardly pays for: the frequent side (every publish, every delivery) gets a compiler
// barrier, the rare side (close, unsubscribe) has the kernel run a full barrier on every thread of the process.
//
//     frequent:  mine.store(x, relaxed);  os::light_barrier();  if (theirs.load(relaxed)) …
//     rare:      theirs.store(y, relaxed); os::heavy_barrier(); if (mine.load(acquire)) …
//
// At least one of the two sees the other's store: as if both had a seq_cst fence between store and load. After
// membarrier(2) MEMBARRIER_CMD_PRIVATE_EXPEDITED returns, every running thread has passed a full barrier, so a frequent
// side is either before its store (and will load `theirs` after the rare store) or has its store visible to the load.
// Where the kernel lacks it, both sides use a seq_cst fence.
//
// Threads: any. light: 0 to 8 ns; heavy: a system call, some microseconds.

#pragma once

#include <atomic>

namespace penstock::os {

namespace detail {
extern const bool kHasMembarrier;
void full_fence() noexcept;
}  // namespace detail

inline void light_barrier() noexcept {
  std::atomic_signal_fence(std::memory_order_seq_cst);
  if (!detail::kHasMembarrier) detail::full_fence();
}

void heavy_barrier() noexcept;

}  // namespace penstock::os
