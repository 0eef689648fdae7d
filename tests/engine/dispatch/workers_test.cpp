#include "dispatch/workers.hpp"

#include "engine/delivery/lives.hpp"
#include "engine/event/blocks.hpp"
#include "support/broker_maker.hpp"
#include "topic/source_table.hpp"
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

namespace penstock::dispatch {
namespace {

std::chrono::steady_clock::time_point in_a_minute() {
  return std::chrono::steady_clock::now() + std::chrono::minutes{1};
}

class WorkersTest : public testing::TestWithParam<Wait> {
 protected:
  std::unique_ptr<Workers> make(std::size_t count, Wait wait) {
    return std::make_unique<Workers>(Workers::Options{.workers = count, .wait = wait}, blocks_.memory, tables_, pool_);
  }

  void queue(Workers& workers, Lane& lane, Shard::Token& token) {
    event::Block* block = blocks_.block("t");
    block->source = &source_;
    ASSERT_TRUE(lane.shard.enqueue(token, block));
    workers.work_came(lane);
  }

  std::shared_ptr<delivery::Live> subscribe(Handler handler) {
    auto live = test::live(tables_.refusing(), {"t"}, std::move(handler), delivery::Way::in_worker);
    tables_.add(live);
    return live;
  }

  test::Blocks blocks_;
  topic::SourceEntry source_{"s", nullptr, 0};
  delivery::SubscriberTables tables_;
  delivery::HandlerPool pool_{1, blocks_.memory, [](delivery::Live&) {}};
};

TEST_P(WorkersTest, DeliverWhatComesOneByOneAndInBursts) {
  const auto workers = make(2, GetParam());
  std::atomic<int> seen{0};
  const auto live = subscribe([&](const Event&) { ++seen; });
  workers->start(nullptr);
  Lane& lane = workers->lane_for_publisher();
  Shard::Token token{lane.shard};
  for (int i = 1; i <= 50; ++i) {
    queue(*workers, lane, token);
    while (seen != i) std::this_thread::yield();
  }
  for (int i = 0; i < 2'000; ++i) queue(*workers, lane, token);
  while (seen != 2'050) std::this_thread::yield();
  EXPECT_TRUE(test::eventually([&] { return workers->idle(); }));
  EXPECT_TRUE(workers->stop(in_a_minute()));
  EXPECT_EQ(live->stats().ok, 2'050U);
}

INSTANTIATE_TEST_SUITE_P(Each, WorkersTest, testing::Values(Wait::park, Wait::spin),
                         [](const auto& test) { return test.param == Wait::park ? "Parked" : "Spinning"; });

TEST_F(WorkersTest, BeginWithAShardForEach) {
  EXPECT_EQ(make(3, Wait::park)->lanes(), 3U);
  EXPECT_EQ(make(3, Wait::park)->workers(), 3U);
}

TEST_F(WorkersTest, SpreadPublishersAndAddAShardWhenAllAreFull) {
  const auto workers = make(2, Wait::park);
  Lane& first = workers->lane_for_publisher();
  Lane& second = workers->lane_for_publisher();
  EXPECT_NE(&first, &second);
  for (std::size_t i = 2; i < 2 * Shard::kPublishersMax; ++i) (void)workers->lane_for_publisher();
  EXPECT_EQ(workers->lanes(), 2U);
  EXPECT_EQ(first.publishers, Shard::kPublishersMax);
  EXPECT_EQ(second.publishers, Shard::kPublishersMax);
  Lane& third = workers->lane_for_publisher();
  EXPECT_EQ(workers->lanes(), 3U);
  EXPECT_EQ(third.publishers, 1U);
  first.publishers -= 2;
  (void)workers->lane_for_publisher();
  EXPECT_EQ(third.publishers, 2U) << "the one with the fewest";
}

TEST_F(WorkersTest, RefuseMorePublishersThanThereCanBeShardsFor) {
  const auto workers = make(1, Wait::park);
  for (std::size_t i = 0; i < delivery::kClaimsMax * Shard::kPublishersMax; ++i) (void)workers->lane_for_publisher();
  EXPECT_EQ(workers->lanes(), delivery::kClaimsMax);
  EXPECT_THROW((void)workers->lane_for_publisher(), SetupError);
}

TEST_F(WorkersTest, AreNotIdleWhileAnEventIsBetweenQueueAndHandler) {
  const auto workers = make(1, Wait::park);
  test::Gate gate;
  const auto live = subscribe([&](const Event&) { gate.wait(); });
  workers->start(nullptr);
  Lane& lane = workers->lane_for_publisher();
  Shard::Token token{lane.shard};
  EXPECT_TRUE(workers->idle());
  queue(*workers, lane, token);
  gate.await_waiting(1);
  EXPECT_TRUE(lane.shard.empty());
  EXPECT_FALSE(workers->idle());
  gate.open();
  EXPECT_TRUE(test::eventually([&] { return workers->idle(); }));
  EXPECT_TRUE(workers->stop(in_a_minute()));
}

TEST_F(WorkersTest, TakeOverAShardWhoseHomeWorkerIsBusy) {
  const auto workers = make(2, Wait::park);
  test::Gate gate;
  std::atomic<int> seen{0};
  const auto live = subscribe([&](const Event&) {
    if (seen++ == 0) gate.wait();
  });
  workers->start(nullptr);
  Lane& first = workers->lane_for_publisher();
  Lane& second = workers->lane_for_publisher();
  Shard::Token token{first.shard};
  Shard::Token other_token{second.shard};
  queue(*workers, first, token);
  gate.await_waiting(1);
  for (int i = 0; i < 50; ++i) queue(*workers, second, other_token);
  EXPECT_TRUE(test::eventually([&] { return seen == 51; })) << "the free one serves whichever shard has work";
  gate.open();
  EXPECT_TRUE(workers->stop(in_a_minute()));
}

TEST_F(WorkersTest, SayWhenOneDoesNotReturnInTimeAndLeaveItsShardAlone) {
  const auto workers = make(1, Wait::park);
  test::Gate gate;
  std::atomic<bool> ended{false};
  const auto live = subscribe([&](const Event&) { gate.wait(); });
  // What the thread holds until it ends: here, the word that it did.
  workers->start(std::shared_ptr<void>(&ended, [&ended](void*) { ended = true; }));
  Lane& lane = workers->lane_for_publisher();
  Shard::Token token{lane.shard};
  queue(*workers, lane, token);
  gate.await_waiting(1);
  queue(*workers, lane, token);
  EXPECT_FALSE(workers->stop(std::chrono::steady_clock::now() + std::chrono::milliseconds{5}));
  workers->drop_rest();
  EXPECT_EQ(live->stats().dropped, 0U) << "its claim is still held";
  gate.open();
  EXPECT_TRUE(test::eventually([&] { return ended.load(); }));
  workers->drop_rest();
  EXPECT_EQ(live->stats().dropped, 1U);
  EXPECT_EQ(live->stats().ok, 1U);
}

TEST_F(WorkersTest, StopAtOnceWhenParked) {
  const auto workers = make(4, Wait::park);
  workers->start(nullptr);
  EXPECT_TRUE(workers->stop(in_a_minute()));
}

}  // namespace
}  // namespace penstock::dispatch
