#include "os/atomics.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <thread>
#include <type_traits>

namespace penstock::os {

namespace {

#if !defined(PENSTOCK_COUNT)
static_assert(std::is_same_v<Atomic<int>, std::atomic<int>>, "counting is paid for only where it was asked for");
static_assert(std::is_same_v<Mutex, std::mutex> && std::is_same_v<Condition, std::condition_variable>);
#endif
static_assert(sizeof(Atomic<std::uint32_t>) == sizeof(std::uint32_t), "futex(2) wants a plain 32-bit word");

void futex(Atomic<std::uint32_t>& word, int operation, std::uint32_t value) noexcept {
  ::syscall(SYS_futex, &word, operation, value, nullptr, nullptr, 0);
}

}  // namespace

void StdAtomics::sleep(Atomic<std::uint32_t>& word, std::uint32_t value) noexcept {
  futex(word, FUTEX_WAIT_PRIVATE, value);
}

void StdAtomics::wake(Atomic<std::uint32_t>& word) noexcept {
  count_wake();
  futex(word, FUTEX_WAKE_PRIVATE, 1);
}

void StdAtomics::pause() noexcept { std::this_thread::sleep_for(std::chrono::microseconds{20}); }

}  // namespace penstock::os
