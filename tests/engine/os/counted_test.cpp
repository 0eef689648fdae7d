#include "os/counted.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <thread>

namespace penstock::os {
namespace {

static_assert(sizeof(CountedAtomic<std::uint32_t>) == sizeof(std::uint32_t), "futex(2) wants a plain 32-bit word");

template <class Step>
std::uint64_t rmw_of(Step step) {
  const Costs before = costs();
  step();
  return (costs() - before).shared_rmw;
}

TEST(CountedAtomic, CountsWhatLocksABusAndNothingElse) {
  CountedAtomic<int> value{1};
  constexpr auto relaxed = std::memory_order_relaxed;
  EXPECT_EQ(rmw_of([&] { value.fetch_add(2, relaxed); }), 1U);
  EXPECT_EQ(rmw_of([&] { value.fetch_sub(1, relaxed); }), 1U);
  EXPECT_EQ(rmw_of([&] { EXPECT_EQ(value.exchange(7, relaxed), 2); }), 1U);
  EXPECT_EQ(rmw_of([&] { value.store(3); }), 1U) << "a seq_cst store is an exchange";
  EXPECT_EQ(rmw_of([&] { value = 4; }), 1U);
  EXPECT_EQ(rmw_of([&] { value.store(5, std::memory_order_release); }), 0U);
  EXPECT_EQ(rmw_of([&] { EXPECT_EQ(value.load(), 5); }), 0U);
}

TEST(CountedAtomic, CountsAComparisonThatFailsToo) {
  CountedAtomic<int> value{1};
  int expected = 9;
  EXPECT_EQ(rmw_of([&] { EXPECT_FALSE(value.compare_exchange_strong(expected, 2)); }), 1U);
  EXPECT_EQ(expected, 1);
  EXPECT_EQ(rmw_of([&] { EXPECT_TRUE(value.compare_exchange_strong(expected, 2, std::memory_order_acquire)); }), 1U);
  EXPECT_EQ(value.load(), 2);
}

TEST(CountedMutex, CountsBothEndsOfALock) {
  CountedMutex mutex;
  EXPECT_EQ(rmw_of([&] { const std::lock_guard lock{mutex}; }), 2U);
  EXPECT_EQ(rmw_of([&] {
              const std::unique_lock lock{mutex, std::try_to_lock};
              EXPECT_TRUE(lock.owns_lock());
            }),
            2U);
}

TEST(CountedCondition, CountsAWakeUpOnlyWhereSomebodyWaits) {
  CountedMutex mutex;
  CountedCondition condition;
  bool waiting = false;
  bool come = false;
  const Costs before = costs();
  condition.notify_all();
  EXPECT_EQ((costs() - before).wakes, 0U);
  std::thread waiter{[&] {
    std::unique_lock lock{mutex};
    waiting = true;
    condition.wait(lock, [&] { return come; });
  }};
  for (bool waits = false; !waits; std::this_thread::yield()) {
    const std::lock_guard lock{mutex};  // Open again only once it waits.
    waits = waiting;
  }
  {
    const std::lock_guard lock{mutex};
    come = true;
  }
  condition.notify_one();
  waiter.join();
  EXPECT_EQ((costs() - before).wakes, 1U);
}

}  // namespace
}  // namespace penstock::os
