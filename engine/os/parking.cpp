#include "os/parking.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace penstock::os {

namespace {

static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t), "futex(2) wants a plain 32-bit word");

void futex(std::atomic<std::uint32_t>& word, int operation, std::uint32_t value) noexcept {
  ::syscall(SYS_futex, &word, operation, value, nullptr, nullptr, 0);
}

}  // namespace

Parking::Parking(std::size_t workers) : workers_{workers}, flags_{std::make_unique<Flag[]>(workers)} {}

void Parking::fence() noexcept { std::atomic_thread_fence(std::memory_order_seq_cst); }

void Parking::wake_one(std::size_t from) noexcept {
  for (std::size_t i = 0; i < workers_; ++i) {
    std::atomic<std::uint32_t>& flag = flags_[(from + i) % workers_].value;
    // The exchange picks one waker for one sleeper; a plain look first keeps the line shared.
    if (flag.load(std::memory_order_relaxed) == 0 || flag.exchange(0, std::memory_order_acq_rel) == 0) continue;
    futex(flag, FUTEX_WAKE_PRIVATE, 1);
    return;
  }
}

void Parking::wake_all() noexcept {
  fence();
  for (std::size_t i = 0; i < workers_; ++i) {
    flags_[i].value.store(0, std::memory_order_release);
    futex(flags_[i].value, FUTEX_WAKE_PRIVATE, 1);
  }
}

void Parking::wait(std::size_t me) noexcept {
  std::atomic<std::uint32_t>& flag = flags_[me].value;
  while (flag.load(std::memory_order_acquire) == 1) futex(flag, FUTEX_WAIT_PRIVATE, 1);
}

}  // namespace penstock::os
