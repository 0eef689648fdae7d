// unsubscribed-is-over: once unsubscribe has returned, the handler is not running, will not run, and is destroyed.

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

class UnsubscribedIsOver : public testing::TestWithParam<Execution> {};

TEST_P(UnsubscribedIsOver, WhileEventsPourInNothingOfTheHandlerIsTouchedAfterwards) {
  Broker broker{{.workers = 2}};
  std::atomic<bool> stop{false};
  std::vector<std::thread> publishers;
  publishers.reserve(2);
  for (int t = 0; t < 2; ++t) {
    publishers.emplace_back([&] {
      Publisher publisher = broker.publisher();
      while (!stop) (void)test::publish(publisher, "t", "x");
    });
  }
  for (int round = 0; round < 200; ++round) {
    auto alive = std::make_shared<std::atomic<bool>>(true);
    const std::weak_ptr<std::atomic<bool>> watched = alive;
    std::atomic<int> calls{0};
    std::atomic<int> calls_after{0};
    Subscription subscription = broker.subscribe("t",
                                                 [owned = std::move(alive), &calls, &calls_after](const Event&) {
                                                   ++calls;
                                                   if (!*owned) ++calls_after;
                                                 },
                                                 {.execution = GetParam()});
    if (round % 2 == 0) {
      ASSERT_TRUE(test::eventually([&] { return calls > 0; }));
    }
    subscription.unsubscribe();
    const int calls_then = calls;
    EXPECT_TRUE(watched.expired()) << "the handler is destroyed when unsubscribe returns";
    std::this_thread::yield();
    ASSERT_EQ(calls, calls_then) << "round " << round;
    ASSERT_EQ(calls_after, 0);
  }
  stop = true;
  for (std::thread& thread : publishers) thread.join();
  EXPECT_TRUE(broker.close());
}

TEST_P(UnsubscribedIsOver, ItWaitsForTheCallThatIsRunning) {
  Broker broker{{.workers = 1}};
  test::Gate gate;
  std::atomic<bool> returned{false};
  Subscription subscription = broker.subscribe("t",
                                               [&](const Event&) {
                                                 gate.wait();
                                                 returned = true;
                                               },
                                               {.execution = GetParam()});
  Publisher publisher = broker.publisher();
  ASSERT_EQ(test::publish(publisher, "t", "x"), Verdict::accepted);
  gate.await_waiting(1);

  std::atomic<bool> over{false};
  std::thread other{[&] {
    subscription.unsubscribe();
    EXPECT_TRUE(returned);
    over = true;
  }};
  std::this_thread::sleep_for(std::chrono::milliseconds{20});
  EXPECT_FALSE(over) << "a call is running";
  gate.open();
  other.join();
}

TEST_P(UnsubscribedIsOver, FromInsideTheHandlerTheCallInProgressIsTheLast) {
  Broker broker{{.workers = 1}};
  std::optional<Subscription> subscription;
  std::atomic<int> calls{0};
  auto owned = std::make_shared<int>(0);
  const std::weak_ptr<int> watched = owned;
  test::Gate ready;
  subscription.emplace(broker.subscribe("t",
                                        [&, kept = std::move(owned)](const Event&) {
                                          ready.wait();
                                          ++calls;
                                          subscription->unsubscribe();
                                          EXPECT_FALSE(watched.expired()) << "still in its call";
                                        },
                                        {.execution = GetParam()}));
  Publisher publisher = broker.publisher();
  for (int i = 0; i < 10; ++i) ASSERT_EQ(test::publish(publisher, "t", "x"), Verdict::accepted);
  ready.open();

  EXPECT_TRUE(test::eventually([&] { return watched.expired(); })) << "destroyed after the last call";
  EXPECT_TRUE(broker.close());
  EXPECT_EQ(calls, 1);
  EXPECT_TRUE(subscription->ended());
}

TEST_P(UnsubscribedIsOver, ARingOfHandlersThatEndEachOtherDoesNotHang) {
  Broker broker{{.workers = 2}};
  // Two shards, so that inline handlers of two workers meet.
  Publisher first = broker.publisher();
  Publisher second = broker.publisher();
  for (int round = 0; round < 20; ++round) {
    struct Ring {
      std::optional<Subscription> a, b;
      std::atomic<int> inside{0};
      void meet() {
        ++inside;
        while (inside < 2) std::this_thread::yield();
      }
    };
    // Held by both handlers: that nobody else holds it any more shows that both are destroyed.
    auto ring = std::make_shared<Ring>();
    test::Gate ready;
    ring->a.emplace(broker.subscribe("a",
                                     [&ready, ring](const Event&) {
                                       ready.wait();
                                       ring->meet();
                                       ring->b->unsubscribe();
                                     },
                                     {.execution = GetParam()}));
    ring->b.emplace(broker.subscribe("b",
                                     [&ready, ring](const Event&) {
                                       ready.wait();
                                       ring->meet();
                                       ring->a->unsubscribe();
                                     },
                                     {.execution = GetParam()}));
    ASSERT_EQ(test::publish(first, "a", "x"), Verdict::accepted);
    ASSERT_EQ(test::publish(second, "b", "x"), Verdict::accepted);
    ready.await_waiting(2);
    ready.open();
    ASSERT_TRUE(test::eventually([&] { return ring.use_count() == 1; })) << "round " << round;
    EXPECT_TRUE(ring->a->ended());
    EXPECT_TRUE(ring->b->ended());
  }
  EXPECT_TRUE(broker.close());
}

INSTANTIATE_TEST_SUITE_P(Ways, UnsubscribedIsOver, testing::Values(Execution::pool, Execution::in_worker),
                         [](const auto& test) {
                           return std::string(test.param == Execution::pool ? "InThePool" : "InTheWorker");
                         });

TEST(UnsubscribedIsOverQueued, EntriesLeftInTheMailboxCountAsDropped) {
  Broker broker{{.workers = 1}};
  test::Gate gate;
  Subscription subscription = broker.subscribe("t", [&](const Event&) { gate.wait(); });
  Publisher publisher = broker.publisher();
  for (int i = 0; i < 100; ++i) ASSERT_EQ(test::publish(publisher, "t", "x"), Verdict::accepted);
  ASSERT_TRUE(test::eventually([&] { return subscription.stats().matched == 100; }));
  gate.await_waiting(1);  // Matched is not begun yet.
  std::thread other{[&] { subscription.unsubscribe(); }};
  ASSERT_TRUE(test::eventually([&] { return subscription.ended(); }));
  gate.open();
  other.join();

  const SubscriptionStats stats = subscription.stats();
  EXPECT_EQ(stats.ok, 1U);
  EXPECT_EQ(stats.dropped, 99U);
  EXPECT_EQ(stats.lag, 0U);
}

TEST(UnsubscribedIsOverQueued, TheDestructorUnsubscribesAndAMovedFromObjectDoesNothing) {
  Broker broker{{.workers = 1}};
  std::atomic<int> calls{0};
  Publisher publisher = broker.publisher();
  {
    Subscription first = broker.subscribe("t", [&](const Event&) { ++calls; }, {.execution = Execution::in_worker});
    const Subscription moved = std::move(first);
    first.unsubscribe();  // NOLINT(bugprone-use-after-move): that it does nothing is the point.
    ASSERT_EQ(test::publish(publisher, "t", "x"), Verdict::accepted);
    ASSERT_TRUE(test::eventually([&] { return calls == 1; }));
  }
  ASSERT_EQ(test::publish(publisher, "t", "x"), Verdict::accepted);
  EXPECT_TRUE(broker.close());
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace penstock
