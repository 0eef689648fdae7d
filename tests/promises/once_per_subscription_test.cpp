// once-per-subscription: an event that matches a subscription in several ways is delivered to it once.

#include "support/broker_maker.hpp"
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace penstock {
namespace {

class OncePerSubscription : public testing::TestWithParam<Execution> {};

TEST_P(OncePerSubscription, HoldsForPatternsThatMatchByBaseTopicAndSubTopicAndWildcard) {
  Broker broker{{.workers = 1}};
  broker.route("github", Route::header("x-github-event"));
  test::Collected collected;
  const Subscription subscription =
      broker.subscribe({"github", "github.push", "github.*", "github.>", ">", "*", "*.push", "github.push"},
                       [&](const Event& event) { collected.add(event.payload()); }, {.execution = GetParam()});

  Publisher publisher = broker.publisher();
  ASSERT_EQ(test::publish(publisher, "github", "one", {{"x-github-event", "push"}}), Verdict::accepted);
  ASSERT_EQ(test::publish(publisher, "github", "two", {{"x-github-event", "ping"}}), Verdict::accepted);
  ASSERT_EQ(test::publish(publisher, "github", "three"), Verdict::accepted);

  EXPECT_TRUE(broker.close());
  EXPECT_EQ(collected.texts(), (std::vector<std::string>{"one", "two", "three"}));
  EXPECT_EQ(subscription.stats().matched, 3U);
}

TEST_P(OncePerSubscription, GivesEachOfSeveralSubscriptionsItsOwnDelivery) {
  Broker broker{{.workers = 2}};
  test::Collected first;
  test::Collected second;
  const Subscription one =
      broker.subscribe("a.b", [&](const Event& event) { first.add(event.payload()); }, {.execution = GetParam()});
  const Subscription two =
      broker.subscribe("a.*", [&](const Event& event) { second.add(event.payload()); }, {.execution = GetParam()});

  Publisher publisher = broker.publisher();
  ASSERT_EQ(test::publish(publisher, "a.b", "x"), Verdict::accepted);

  EXPECT_TRUE(broker.close());
  EXPECT_EQ(first.texts(), std::vector<std::string>{"x"});
  EXPECT_EQ(second.texts(), std::vector<std::string>{"x"});
}

INSTANTIATE_TEST_SUITE_P(Ways, OncePerSubscription, testing::Values(Execution::pool, Execution::in_worker),
                         [](const auto& test) {
                           return std::string(test.param == Execution::pool ? "InThePool" : "InTheWorker");
                         });

}  // namespace
}  // namespace penstock
