// drained: a graceful stop takes no more, delivers all that was accepted, and ends within its limit.

#include "support/broker_maker.hpp"
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace penstock {
namespace {

TEST(Drained, CloseDeliversAllThatWasAcceptedWhilePublishersGoOnTrying) {
  for (int round = 0; round < 20; ++round) {
    Broker broker{{.workers = 2}};
    std::atomic<std::uint64_t> seen{0};
    const Subscription queued = broker.subscribe("t", [&](const Event&) { ++seen; }, {.queue_bytes_max = 1U << 30U});
    std::atomic<std::uint64_t> accepted{0};
    std::vector<std::thread> publishers;
    publishers.reserve(3);
    for (int t = 0; t < 3; ++t) {
      publishers.emplace_back([&] {
        Publisher publisher = broker.publisher();
        for (;;) {
          const Verdict verdict = test::publish(publisher, "t", "x");
          if (verdict == Verdict::closed) return;
          if (verdict == Verdict::accepted) ++accepted;
        }
      });
    }
    ASSERT_TRUE(test::eventually([&] { return accepted > 100; }));
    EXPECT_TRUE(broker.close());
    for (std::thread& thread : publishers) thread.join();
    ASSERT_EQ(seen, accepted) << "round " << round;
  }
}

TEST(Drained, AHandlerThatDoesNotEndInTimeIsLeftBehindAndCounted) {
  test::Gate gate;
  std::atomic<bool> left{false};
  std::optional<Subscription> subscription;
  {
    Broker broker{{.workers = 1, .drain_limit = std::chrono::milliseconds{50}}};
    subscription.emplace(broker.subscribe("t", [&](const Event&) {
      gate.wait();
      left = true;
    }));
    Publisher publisher = broker.publisher();
    for (int i = 0; i < 100; ++i) ASSERT_EQ(test::publish(publisher, "t", "x"), Verdict::accepted);
    gate.await_waiting(1);
    EXPECT_FALSE(broker.close()) << "something was left undelivered";
    const SubscriptionStats stats = subscription->stats();
    EXPECT_GE(stats.dropped, 100U - 64U) << "all but the batch that the handler is in";
    EXPECT_EQ(stats.dropped + stats.lag, 100U);
    EXPECT_EQ(test::publish(publisher, "t", "x"), Verdict::closed);
  }
  gate.open();
  EXPECT_TRUE(test::eventually([&] { return left && subscription->stats().lag == 0; }));
  EXPECT_EQ(subscription->stats().ok, 1U) << "the call in progress was the last";
  EXPECT_EQ(subscription->stats().dropped, 99U);
}

TEST(Drained, WhatWaitsBehindAStuckInlineHandlerIsCountedToo) {
  test::Gate gate;
  std::atomic<int> calls{0};
  Broker broker{{.workers = 1, .drain_limit = std::chrono::milliseconds{50}}};
  const Subscription subscription = broker.subscribe("t",
                                                     [&](const Event&) {
                                                       if (++calls == 1) gate.wait();
                                                       std::this_thread::sleep_for(std::chrono::milliseconds{1});
                                                     },
                                                     {.execution = Execution::in_worker});
  Publisher publisher = broker.publisher();
  for (int i = 0; i < 3'000; ++i) ASSERT_EQ(test::publish(publisher, "t", "x"), Verdict::accepted);
  gate.await_waiting(1);
  std::thread opener{[&] {
    std::this_thread::sleep_for(std::chrono::milliseconds{60});
    gate.open();
  }};
  EXPECT_FALSE(broker.close());
  opener.join();
  const SubscriptionStats stats = subscription.stats();
  EXPECT_EQ(stats.matched, 3'000U);
  EXPECT_GT(stats.dropped, 0U);
  EXPECT_EQ(stats.matched, stats.ok + stats.dropped);
}

TEST(Drained, CloseGivesTheSameAnswerToAllWhoCallIt) {
  Broker broker{{.workers = 1}};
  std::atomic<int> yes{0};
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int i = 0; i < 8; ++i) threads.emplace_back([&] { yes += broker.close() ? 1 : 0; });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(yes, 8);
  EXPECT_TRUE(broker.close());
}

TEST(Drained, FromInsideAHandlerCloseOnlyRefusesNewEvents) {
  Broker broker{{.workers = 1}};
  std::atomic<int> answer{-1};
  const Subscription subscription = broker.subscribe("t", [&](const Event&) { answer = broker.close() ? 1 : 0; });
  Publisher publisher = broker.publisher();
  ASSERT_EQ(test::publish(publisher, "t", "x"), Verdict::accepted);
  ASSERT_TRUE(test::eventually([&] { return answer >= 0; }));
  EXPECT_EQ(answer, 0);
  EXPECT_EQ(test::publish(publisher, "t", "x"), Verdict::closed);
  EXPECT_TRUE(broker.close()) << "from outside it drains as ever";
}

TEST(Drained, APublisherASubscriptionAndAKeptEventMayOutliveTheBroker) {
  std::optional<Publisher> publisher;
  std::optional<Subscription> subscription;
  std::vector<Event> kept;
  std::optional<Source> source;
  {
    Broker broker{{.workers = 1}};
    source.emplace(broker.source("github"));
    subscription.emplace(broker.subscribe("github", [&](const Event& event) { kept.push_back(event); },
                                          {.execution = Execution::in_worker}));
    publisher.emplace(broker.publisher());
    ASSERT_EQ(test::publish(*publisher, "github", "kept", {{"name", "value"}}), Verdict::accepted);
    ASSERT_EQ(test::publish(*publisher, "github", std::string(500'000, 'y')), Verdict::accepted);
    ASSERT_TRUE(test::eventually([&] { return subscription->stats().ok == 2; }));
  }
  EXPECT_EQ(test::publish(*publisher, "github", "late"), Verdict::closed);
  EXPECT_TRUE(subscription->ended());
  subscription.reset();
  publisher.reset();
  source.reset();
  ASSERT_EQ(kept.size(), 2U);
  EXPECT_EQ(kept[0].payload(), "kept");
  EXPECT_EQ(kept[0].source(), "github");
  EXPECT_EQ(kept[0].metadata("NAME"), "value");
  EXPECT_EQ(kept[1].payload(), std::string(500'000, 'y'));
}

TEST(Drained, ASubscriberThatTakesIsToldOfTheEndAndMayTakeUntilThen) {
  Broker broker{{.workers = 1, .drain_limit = std::chrono::seconds{20}}};
  std::atomic<int> filled{0};
  test::Collected collected;
  Subscription subscription = broker.subscribe_mailbox({"t"}, [&] { ++filled; });
  Publisher publisher = broker.publisher();
  ASSERT_EQ(test::publish(publisher, "t", "1"), Verdict::accepted);
  ASSERT_TRUE(test::eventually([&] { return filled == 1; }));
  std::thread closer{[&] { EXPECT_TRUE(broker.close()); }};
  EXPECT_EQ(subscription.take(10, [&](const Event& event) { collected.add(event.payload()); }), 1U);
  closer.join();
  EXPECT_EQ(filled, 2) << "told of the end";
  EXPECT_TRUE(subscription.ended());
  EXPECT_EQ(subscription.take(10, [](const Event&) { FAIL(); }), 0U);
}

}  // namespace
}  // namespace penstock
