#include "os/barrier.hpp"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace penstock::os {

namespace {

bool register_membarrier() noexcept {
  return ::syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
}

}  // namespace

namespace detail {

const bool kHasMembarrier = register_membarrier();

void full_fence() noexcept { std::atomic_thread_fence(std::memory_order_seq_cst); }

}  // namespace detail

void heavy_barrier() noexcept {
  detail::full_fence();
  if (detail::kHasMembarrier) ::syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
}

}  // namespace penstock::os
