#include "delivery/handler_pool.hpp"

#include "engine/delivery/lives.hpp"
#include "engine/event/blocks.hpp"
#include "support/broker_maker.hpp"
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <vector>

namespace penstock::delivery {
namespace {

std::chrono::steady_clock::time_point in_a_minute() {
  return std::chrono::steady_clock::now() + std::chrono::minutes{1};
}

class PoolTest : public testing::Test {
 protected:
  void put(HandlerPool& pool, const std::shared_ptr<Live>& live, std::size_t events = 1) {
    if (live->put(blocks_.batch(events), ~std::uint64_t{0} >> (64 - events))) pool.schedule(live);
  }

  test::Blocks blocks_;
  RefusingCount refusing_{0};
};

TEST_F(PoolTest, RunsEverySubscriptionThatIsScheduled) {
  HandlerPool pool{2, blocks_.memory, [](Live&) {}};
  std::vector<std::shared_ptr<Live>> lives;
  lives.reserve(20);
  for (int i = 0; i < 20; ++i) lives.push_back(test::live(refusing_, {"t"}));
  for (int round = 0; round < 50; ++round) {
    for (const auto& live : lives) put(pool, live, 3);
  }
  for (const auto& live : lives) {
    EXPECT_TRUE(test::eventually([&] { return live->stats().ok == 150; }));
  }
  EXPECT_TRUE(pool.stop(in_a_minute()));
  EXPECT_EQ(pool.threads(), 0U);
}

TEST_F(PoolTest, GrowsWhileAllItsThreadsAreStuck) {
  HandlerPool pool{1, blocks_.memory, [](Live&) {}};
  test::Gate gate;
  std::vector<std::shared_ptr<Live>> stuck;
  for (int i = 0; i < 5; ++i) {
    stuck.push_back(test::live(refusing_, {"t"}, [&](const Event&) { gate.wait(); }));
    put(pool, stuck.back());
  }
  gate.await_waiting(5);
  EXPECT_GE(pool.threads(), 5U);
  const auto free = test::live(refusing_, {"t"});
  put(pool, free);
  EXPECT_TRUE(test::eventually([&] { return free->stats().ok == 1; })) << "the stuck ones hold nobody up";
  gate.open();
  EXPECT_TRUE(pool.stop(in_a_minute()));
}

TEST_F(PoolTest, NeverRunsOneSubscriptionOnTwoThreads) {
  HandlerPool pool{3, blocks_.memory, [](Live&) {}};
  std::atomic<int> inside{0};
  std::atomic<int> overlaps{0};
  std::uint64_t plain = 0;  // Without a lock: a race on it is what the thread sanitizer would report.
  const auto live = test::live(refusing_, {"t"}, [&](const Event&) {
    if (++inside != 1) ++overlaps;
    ++plain;
    --inside;
  });
  for (int i = 0; i < 3'000; ++i) put(pool, live);
  EXPECT_TRUE(test::eventually([&] { return live->stats().lag == 0; }));
  EXPECT_EQ(overlaps, 0);
  EXPECT_TRUE(pool.stop(in_a_minute()));
  EXPECT_EQ(plain + live->stats().dropped, 3'000U);
}

TEST_F(PoolTest, GivesOthersATurnWhileOneHasMuchQueued) {
  HandlerPool pool{1, blocks_.memory, [](Live&) {}};
  test::Gate gate;
  std::shared_ptr<Live> late;
  std::atomic<std::uint64_t> left_when_late_ran{0};
  const auto busy = test::live(refusing_, {"t"}, [&](const Event&) { gate.wait(); });
  late = test::live(refusing_, {"t"}, [&](const Event&) { left_when_late_ran = busy->stats().lag; });
  for (int i = 0; i < 200; ++i) put(pool, busy);
  gate.await_waiting(1);
  put(pool, late);
  gate.open();
  EXPECT_TRUE(test::eventually([&] { return late->stats().ok == 1 && busy->stats().lag == 0; }));
  EXPECT_GT(left_when_late_ran, 0U);
  EXPECT_TRUE(pool.stop(in_a_minute()));
}

TEST_F(PoolTest, SaysWhenAHandlerDoesNotReturnInTime) {
  test::Gate gate;
  const auto ended = std::make_shared<std::atomic<bool>>(false);
  const auto live = test::live(refusing_, {"t"}, [&gate, ended](const Event&) {
    gate.wait();
    *ended = true;
  });
  {
    HandlerPool pool{1, blocks_.memory, [](Live&) {}};
    put(pool, live);
    gate.await_waiting(1);
    EXPECT_FALSE(pool.stop(std::chrono::steady_clock::now() + std::chrono::milliseconds{5}));
  }  // It may go although its thread is still in the handler.
  gate.open();
  EXPECT_TRUE(test::eventually([&] { return live->stats().ok == 1; }));
  EXPECT_TRUE(*ended);
}

TEST_F(PoolTest, RunsNothingMoreOnceStopped) {
  HandlerPool pool{1, blocks_.memory, [](Live&) {}};
  EXPECT_TRUE(pool.stop(in_a_minute()));
  std::atomic<int> runs{0};
  const auto live = test::live(refusing_, {"t"}, [&](const Event&) { ++runs; });
  put(pool, live);
  EXPECT_TRUE(pool.stop(in_a_minute())) << "stopping again is the same";
  EXPECT_EQ(runs, 0);
  EXPECT_EQ(live->stats().lag, 1U);
}

TEST_F(PoolTest, SaysWhenAClosedSubscriptionsRunHasEnded) {
  std::atomic<Live*> told{nullptr};
  HandlerPool pool{1, blocks_.memory, [&](Live& live) { told = &live; }};
  Live* self = nullptr;
  const auto live = test::live(refusing_, {"t"}, [&](const Event&) { (void)self->mark_closed(); });
  self = live.get();
  put(pool, live);
  EXPECT_TRUE(test::eventually([&] { return told == live.get(); }));
  EXPECT_TRUE(pool.stop(in_a_minute()));
}

}  // namespace
}  // namespace penstock::delivery
