// isolated: a slow, throwing or dead subscriber delays no other subscription and no publisher.

#include "support/broker_maker.hpp"
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace penstock {
namespace {

TEST(Isolated, StuckHandlersHoldUpNeitherPublishersNorOtherSubscriptions) {
  Broker broker{{.workers = 1}};
  test::Gate gate;
  std::vector<Subscription> stuck;
  stuck.reserve(20);
  for (int i = 0; i < 20; ++i) stuck.push_back(broker.subscribe("t", [&](const Event&) { gate.wait(); }));
  std::atomic<int> seen{0};
  const Subscription free = broker.subscribe("t", [&](const Event&) { ++seen; });

  Publisher publisher = broker.publisher();
  for (int i = 0; i < 1'000; ++i) ASSERT_EQ(test::publish(publisher, "t", "x"), Verdict::accepted);

  EXPECT_TRUE(test::eventually([&] { return seen == 1'000; })) << seen << " while twenty were stuck";
  for (const Subscription& subscription : stuck) EXPECT_EQ(subscription.stats().ok, 0U);
  gate.open();
  EXPECT_TRUE(broker.close());
}

TEST(Isolated, AStuckSubscriptionGetsItsEventsInOrderOnceItGoesOn) {
  Broker broker{{.workers = 1}};
  test::Gate gate;
  test::Collected collected;
  const Subscription stuck = broker.subscribe("t", [&](const Event& event) {
    gate.wait();
    collected.add(event.payload());
  });
  Publisher publisher = broker.publisher();
  std::vector<std::string> wanted;
  for (int i = 0; i < 300; ++i) {
    wanted.push_back(std::to_string(i));
    ASSERT_EQ(test::publish(publisher, "t", wanted.back()), Verdict::accepted);
  }
  gate.open();
  ASSERT_TRUE(broker.close());
  EXPECT_EQ(collected.texts(), wanted);
}

class Throwing : public testing::TestWithParam<Execution> {};

TEST_P(Throwing, IsCaughtCountedAndReportedAndTheNextEventComes) {
  test::Collected reports;
  Broker broker{{.workers = 1, .on_handler_error = [&](std::string_view subscription, std::string_view what) {
                   reports.add(std::string(subscription) + ": " + std::string(what));
                 }}};
  std::atomic<int> calls{0};
  const Subscription throwing = broker.subscribe("t",
                                                 [&](const Event& event) {
                                                   ++calls;
                                                   if (event.payload() == "bad") throw std::runtime_error("no good");
                                                   if (event.payload() == "odd")
                                                     throw 7;  // NOLINT(hicpp-exception-baseclass): users do.
                                                 },
                                                 {.name = "picky", .execution = GetParam()});
  test::Collected neighbour;
  const Subscription next =
      broker.subscribe("t", [&](const Event& event) { neighbour.add(event.payload()); }, {.execution = GetParam()});

  Publisher publisher = broker.publisher();
  for (const char* payload : {"bad", "good", "odd", "good"}) {
    ASSERT_EQ(test::publish(publisher, "t", payload), Verdict::accepted);
  }
  ASSERT_TRUE(broker.close());

  const SubscriptionStats stats = throwing.stats();
  EXPECT_EQ(calls, 4);
  EXPECT_EQ(stats.ok, 2U);
  EXPECT_EQ(stats.dead, 2U);
  EXPECT_EQ(stats.attempts_failed, 2U);
  EXPECT_EQ(reports.texts(), (std::vector<std::string>{"picky: no good", "picky: not a std::exception"}));
  EXPECT_EQ(neighbour.size(), 4U);
}

INSTANTIATE_TEST_SUITE_P(Ways, Throwing, testing::Values(Execution::pool, Execution::in_worker), [](const auto& test) {
  return std::string(test.param == Execution::pool ? "InThePool" : "InTheWorker");
});

TEST(Isolated, OneSubscriptionsHandlerNeverRunsTwiceAtOnceInThePool) {
  Broker broker{{.workers = 3}};
  std::atomic<int> inside{0};
  std::atomic<int> overlaps{0};
  std::atomic<int> seen{0};
  const Subscription subscription = broker.subscribe("t", [&](const Event&) {
    if (inside.fetch_add(1) != 0) ++overlaps;
    std::this_thread::yield();
    inside.fetch_sub(1);
    ++seen;
  });
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      Publisher publisher = broker.publisher();
      for (int i = 0; i < 2'000; ++i) test::publish_surely(publisher, "t", "x");
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(broker.close());
  EXPECT_EQ(seen, 8'000);
  EXPECT_EQ(overlaps, 0);
}

TEST(Isolated, AHandlerMayPublishIntoTheBrokerThatCallsIt) {
  Broker broker{{.workers = 1}};
  test::Collected collected;
  Publisher inner = broker.publisher();
  const Subscription forward = broker.subscribe(
      "in", [&](const Event& event) { EXPECT_EQ(test::publish(inner, "out", event.payload()), Verdict::accepted); },
      {.execution = Execution::in_worker});
  const Subscription out = broker.subscribe("out", [&](const Event& event) { collected.add(event.payload()); });
  Publisher publisher = broker.publisher();
  for (int i = 0; i < 100; ++i) ASSERT_EQ(test::publish(publisher, "in", std::to_string(i)), Verdict::accepted);
  EXPECT_TRUE(test::eventually([&] { return collected.size() == 100; }));
}

}  // namespace
}  // namespace penstock
