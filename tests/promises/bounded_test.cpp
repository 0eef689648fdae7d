// bounded: what is counted never passes the memory budget, however slow subscribers are.

#include "support/broker_maker.hpp"
#include <gtest/gtest.h>

#include <atomic>
#include <string>

namespace penstock {
namespace {

constexpr std::size_t kBudget = 32U << 20U;

TEST(Bounded, APublisherIsToldFullWhenSubscribersHoldTheBudgetAndNothingElseIsLost) {
  Broker broker{{.workers = 1, .memory_bytes_max = kBudget}};
  test::Gate gate;
  const Subscription stuck =
      broker.subscribe("big", [&](const Event&) { gate.wait(); }, {.queue_bytes_max = 1U << 30U});

  Publisher publisher = broker.publisher();
  const std::string payload(100'000, 'x');
  std::size_t accepted = 0;
  Verdict verdict = Verdict::accepted;
  for (std::size_t used_most = 0; verdict == Verdict::accepted; used_most = broker.stats().memory_used_bytes) {
    ASSERT_LE(used_most, kBudget);
    ASSERT_LE(accepted, kBudget / payload.size()) << "more than fits was taken";
    verdict = test::publish(publisher, "big", payload);
    accepted += verdict == Verdict::accepted ? 1 : 0;
  }

  EXPECT_EQ(verdict, Verdict::full);
  EXPECT_GT(accepted, kBudget / payload.size() / 2) << "most of the budget is for events";
  gate.open();
  EXPECT_TRUE(broker.close());
  EXPECT_EQ(stuck.stats().ok, accepted);
}

TEST(Bounded, MemoryComesBackForOtherPublishersWhenEventsHaveBeenDelivered) {
  Broker broker{{.workers = 1, .memory_bytes_max = kBudget}};
  test::Gate gate;
  const Subscription stuck =
      broker.subscribe("big", [&](const Event&) { gate.wait(); }, {.queue_bytes_max = 1U << 30U});
  Publisher hoarder = broker.publisher();
  Publisher other = broker.publisher();
  const std::string payload(60'000, 'x');
  while (test::publish(hoarder, "big", payload) == Verdict::accepted) {
  }
  ASSERT_EQ(test::publish(other, "big", payload), Verdict::full);

  gate.open();
  ASSERT_TRUE(test::eventually([&] { return stuck.stats().lag == 0; }));

  // The hoarder does not publish any more: its empty slabs must come to the other all the same.
  EXPECT_EQ(test::publish(other, "big", payload), Verdict::accepted);
}

TEST(Bounded, AnotherClassOfSizesMayUseWhatTheFirstGaveBack) {
  Broker broker{{.workers = 1, .memory_bytes_max = kBudget}};
  const Subscription subscription = broker.subscribe("any", [](const Event&) {}, {.execution = Execution::in_worker});
  Publisher publisher = broker.publisher();
  for (const std::size_t bytes : {200U, 3'000U, 20'000U, 90'000U, 1'000'000U}) {
    const std::string payload(bytes, 'x');
    for (std::size_t sent = 0; sent < 2 * kBudget; sent += bytes) {
      ASSERT_TRUE(test::eventually([&] { return test::publish(publisher, "any", payload) == Verdict::accepted; }))
          << bytes;
    }
  }
  EXPECT_LE(broker.stats().memory_used_bytes, kBudget);
}

TEST(Bounded, ALiveQueueDropsItsOldestAndTellsTheSubscriberOfTheGap) {
  Broker broker{{.workers = 1}};
  test::Gate gate;
  std::atomic<std::uint64_t> told{0};
  std::atomic<std::uint64_t> seen{0};
  std::string last;
  const Subscription slow = broker.subscribe(
      "t",
      [&](const Event& event) {
        gate.wait();
        last = event.payload();
        ++seen;
      },
      {.name = "slow", .queue_bytes_max = 64U << 10U, .on_gap = [&](std::uint64_t dropped) { told += dropped; }});
  Publisher publisher = broker.publisher();
  constexpr std::uint64_t event_count = 5'000;
  for (std::uint64_t i = 0; i < event_count; ++i) test::publish_surely(publisher, "t", std::to_string(i));
  gate.open();
  ASSERT_TRUE(broker.close());

  const SubscriptionStats stats = slow.stats();
  EXPECT_GT(stats.dropped, 0U);
  EXPECT_EQ(told, stats.dropped);
  EXPECT_EQ(seen + stats.dropped, event_count);
  EXPECT_EQ(last, std::to_string(event_count - 1)) << "the newest are kept";
}

TEST(Bounded, AFullSubscriptionThatRefusesMakesPublishersOfItsTopicsWait) {
  Broker broker{{.workers = 1}};
  test::Gate gate;
  const Subscription slow = broker.subscribe("t.>", [&](const Event&) { gate.wait(); },
                                             {.queue_bytes_max = 64U << 10U, .overflow = Overflow::refuse});
  Publisher publisher = broker.publisher();
  std::uint64_t accepted = 0;
  while (accepted < 100'000 && test::publish(publisher, "t.a", "x") == Verdict::accepted) ++accepted;

  EXPECT_LT(accepted, 100'000U);
  EXPECT_EQ(test::publish(publisher, "other", "x"), Verdict::accepted) << "others are not held back";
  gate.open();
  EXPECT_TRUE(test::eventually([&] { return test::publish(publisher, "t.b", "x") == Verdict::accepted; }));
  ASSERT_TRUE(broker.close());
  EXPECT_EQ(slow.stats().dropped, 0U);
  EXPECT_EQ(slow.stats().ok, accepted + 1);
}

TEST(Bounded, AnOverflowingSubscriptionThatDisconnectsEndsAndCountsWhatItLost) {
  Broker broker{{.workers = 1}};
  test::Gate gate;
  std::atomic<std::uint64_t> told{0};
  const Subscription slow = broker.subscribe("t", [&](const Event&) { gate.wait(); },
                                             {.queue_bytes_max = 64U << 10U,
                                              .overflow = Overflow::disconnect,
                                              .on_gap = [&](std::uint64_t dropped) { told += dropped; }});
  Publisher publisher = broker.publisher();
  for (int i = 0; i < 5'000; ++i) test::publish_surely(publisher, "t", "x");

  EXPECT_TRUE(test::eventually([&] { return slow.ended(); }));
  gate.open();
  ASSERT_TRUE(broker.close());
  const SubscriptionStats stats = slow.stats();
  EXPECT_GT(stats.dropped, 0U);
  EXPECT_EQ(told, stats.dropped);
  EXPECT_EQ(stats.matched, stats.ok + stats.dropped);
}

TEST(Bounded, AnEmptyQueueTakesOneBatchOfAnySize) {
  Broker broker{{.workers = 1}};
  std::atomic<std::size_t> bytes{0};
  const Subscription subscription =
      broker.subscribe("t", [&](const Event& event) { bytes = event.payload().size(); }, {.queue_bytes_max = 1});
  Publisher publisher = broker.publisher();
  ASSERT_EQ(test::publish(publisher, "t", std::string(3'000'000, 'x')), Verdict::accepted);
  ASSERT_TRUE(broker.close());
  EXPECT_EQ(bytes, 3'000'000U);
}

}  // namespace
}  // namespace penstock
