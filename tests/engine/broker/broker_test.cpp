#include "support/broker_maker.hpp"
#include <gtest/gtest.h>
#include <penstock/broker.hpp>

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace penstock {
namespace {

using Patterns = std::vector<std::string>;

std::string text_of_refusal(const std::function<void()>& set_up) {
  try {
    set_up();
  } catch (const SetupError& error) {
    return error.what();
  }
  return "taken";
}

testing::AssertionResult says(const std::string& text, const std::vector<std::string>& parts) {
  for (const std::string& part : parts) {
    if (text.find(part) == std::string::npos) return testing::AssertionFailure() << "no '" << part << "' in: " << text;
  }
  return testing::AssertionSuccess();
}

TEST(BrokerSetUp, RefusesTooLittleMemoryAndSaysHowMuchIsEnough) {
  EXPECT_TRUE(says(text_of_refusal([] { Broker{{.memory_bytes_max = (16U << 20U) - 1}}; }),
                   {"memory_bytes_max", "16777215", "16 MiB"}));
  EXPECT_EQ(text_of_refusal([] { Broker{{.workers = 1, .memory_bytes_max = 16U << 20U}}; }), "taken");
}

TEST(BrokerSetUp, RefusesMoreWorkersThanShards) {
  EXPECT_TRUE(says(text_of_refusal([] { Broker{{.workers = 65}}; }), {"workers", "65", "64"}));
}

TEST(BrokerSetUp, TakesAsManyWorkersAsTheMachineSuggestsWhenToldNone) {
  EXPECT_GE(Broker{}.stats().workers, 1U);
  EXPECT_EQ(Broker{{.workers = 3}}.stats().workers, 3U);
}

TEST(BrokerSetUp, RefusesPatternsThatAreNoneAndQuotesThem) {
  Broker broker{{.workers = 1}};
  for (const std::string pattern : {"", "a..b", "a.>.b", "a*", "a b", "a\n"}) {
    EXPECT_TRUE(says(text_of_refusal([&] { (void)broker.subscribe(pattern, [](const Event&) {}); }),
                     {"subscribe '" + pattern + "'", "levels"}));
  }
  EXPECT_TRUE(says(text_of_refusal([&] {
                     (void)broker.subscribe(Patterns{"a", ">b"}, [](const Event&) {});
                   }),
                   {"'>b'"}));
  EXPECT_TRUE(
      says(text_of_refusal([&] { (void)broker.subscribe(Patterns{}, [](const Event&) {}); }), {"no pattern", "'>'"}));
  EXPECT_TRUE(broker.stats().subscriptions.empty()) << "what was refused leaves nothing behind";
}

TEST(BrokerSetUp, RefusesAnEmptyHandler) {
  Broker broker{{.workers = 1}};
  EXPECT_TRUE(says(text_of_refusal([&] { (void)broker.subscribe("a", Handler{}); }), {"handler is empty"}));
}

TEST(BrokerSetUp, RefusesASourceOrARouteOfABadTopic) {
  Broker broker{{.workers = 1}};
  EXPECT_TRUE(says(text_of_refusal([&] { (void)broker.source("s", "a..b"); }), {"'a..b'"}));
  EXPECT_TRUE(says(text_of_refusal([&] { (void)broker.source("no topic"); }), {"'no topic'"}));
  EXPECT_TRUE(says(text_of_refusal([&] { broker.route("a b", Route::header("x")); }), {"'a b'"}));
  EXPECT_TRUE(says(text_of_refusal([&] { broker.route("a", Route{}); }), {"route for 'a'", "no place"}));
}

TEST(BrokerSetUp, RefusesOneSourceNameWithTwoTopics) {
  Broker broker{{.workers = 1}};
  const Source first = broker.source("github");
  EXPECT_EQ(first.topic(), "github");
  EXPECT_EQ(broker.source("github", "github").name(), "github");
  EXPECT_TRUE(says(text_of_refusal([&] { (void)broker.source("github", "forge"); }), {"'github'", "'forge'"}));
}

TEST(BrokerSetUp, RefusesThePublisherAfterTheLastAndTakesOneInThePlaceOfOneThatLeft) {
  Broker broker{{.workers = 1}};
  std::vector<Publisher> publishers;
  publishers.reserve(1'024);
  for (int i = 0; i < 1'024; ++i) publishers.push_back(broker.publisher());
  EXPECT_EQ(broker.stats().publishers, 1'024U);
  EXPECT_EQ(broker.stats().shards, 64U);
  EXPECT_TRUE(says(text_of_refusal([&] { (void)broker.publisher(); }), {"1,024", "per thread"}));
  publishers.pop_back();
  Publisher again = broker.publisher();
  EXPECT_EQ(test::publish(again, "t", "x"), Verdict::accepted);
}

TEST(BrokerTest, DeliversToEveryWayOfSubscribing) {
  Broker broker{{.workers = 2}};
  test::Collected pooled;
  test::Collected in_line;
  std::atomic<int> filled{0};
  const Subscription pool = broker.subscribe("a.*", [&](const Event& event) { pooled.add(event.payload()); });
  const Subscription inline_one =
      broker.subscribe(Patterns{"a", "b"}, [&](const Event& event) { in_line.add(event.payload()); },
                       {.execution = Execution::in_worker});
  Subscription taken = broker.subscribe_mailbox({">"}, [&] { ++filled; });
  Publisher publisher = broker.publisher();
  for (const char* topic : {"a", "a.x", "b", "c"}) test::publish_surely(publisher, topic, topic);

  ASSERT_TRUE(test::eventually([&] { return taken.stats().matched == 4; }));
  std::string got;
  EXPECT_EQ(taken.take(3, [&](const Event& event) { got += event.payload(); }), 3U);
  EXPECT_EQ(taken.take(3, [&](const Event& event) { got += event.payload(); }), 1U);
  EXPECT_EQ(got, "aa.xbc");
  EXPECT_GE(filled, 1);
  EXPECT_TRUE(broker.close());
  EXPECT_EQ(pooled.texts(), (std::vector<std::string>{"a.x"}));
  EXPECT_EQ(in_line.texts(), (std::vector<std::string>{"a", "b"}));
}

TEST(BrokerTest, RoutesFromTheNextPublishOnAndByTheNewestRoute) {
  Broker broker{{.workers = 1}};
  test::Collected topics;
  const Subscription all = broker.subscribe(">", [&](const Event& event) { topics.add(event.topic()); });
  Publisher publisher = broker.publisher();
  const auto send = [&] {
    ASSERT_EQ(test::publish(publisher, "t", R"({"type":"json"})", {{"x-event", "header"}}), Verdict::accepted);
  };
  send();
  broker.route("t", Route::header("x-event"));
  send();
  broker.route("t", Route::json("/type"));
  send();
  EXPECT_TRUE(broker.close());
  EXPECT_EQ(topics.texts(), (std::vector<std::string>{"t", "t.header", "t.json"}));
}

TEST(BrokerTest, LeavesEventsOnTheirBaseTopicOnceARouteIsGone) {
  Broker broker;
  broker.route("t", Route::function("own", [](const Event&, std::span<char>) { return std::string_view{"sub"}; }));
  Publisher publisher = broker.publisher();
  const auto publish = [&publisher] {
    EXPECT_EQ(publisher.publish(publisher.event("t", 0)), Verdict::accepted);
    return std::string{publisher.last_topic()};
  };
  EXPECT_EQ(publish(), "t.sub");
  broker.unroute("t");
  broker.unroute("never heard of");
  EXPECT_EQ(publish(), "t");
  EXPECT_TRUE(broker.close());
  EXPECT_TRUE(broker.stats().topics.at(0).route.empty());
  EXPECT_EQ(broker.stats().sources.at(0).unrouted, 0U);
}

TEST(BrokerTest, TellsOfExceptionsByTheSubscriptionsName) {
  test::Collected told;
  Broker broker{{.workers = 1, .on_handler_error = [&](std::string_view name, std::string_view what) {
                   told.add(std::string(name) + ": " + std::string(what));
                 }}};
  const Subscription broken =
      broker.subscribe("t", [](const Event&) { throw std::runtime_error("no index"); }, {.name = "indexer"});
  Publisher publisher = broker.publisher();
  test::publish_surely(publisher, "t", "x");
  EXPECT_TRUE(broker.close());
  EXPECT_EQ(told.texts(), (std::vector<std::string>{"indexer: no index"}));
  EXPECT_EQ(broken.stats().dead, 1U);
}

TEST(BrokerTest, TellsATakerWhenItsQueueOverflowedAndWhenTheBrokerClosed) {
  Broker broker{{.workers = 1}};
  std::atomic<int> overflowed{0};
  std::atomic<int> closed{0};
  Subscription small =
      broker.subscribe_mailbox({"t"}, [&] { ++overflowed; }, {.queue_bytes_max = 1, .overflow = Overflow::disconnect});
  const Subscription idle = broker.subscribe_mailbox({"none"}, [&] { ++closed; });
  Publisher publisher = broker.publisher();
  test::publish_surely(publisher, "t", "x");
  ASSERT_TRUE(test::eventually([&] { return overflowed == 1; }));
  test::publish_surely(publisher, "t", "x");
  EXPECT_TRUE(test::eventually([&] { return overflowed == 2; })) << "a subscriber that sleeps must hear of its end";
  EXPECT_TRUE(small.ended());
  EXPECT_FALSE(idle.ended());
  broker.close();
  EXPECT_EQ(closed, 1);
  EXPECT_TRUE(idle.ended());
}

TEST(BrokerTest, WaitsAtUnsubscribeForAGapThatIsBeingTold) {
  Broker broker{{.workers = 1}};
  test::Gate first;
  test::Gate gap;
  std::atomic<bool> telling{false};
  Subscription small =
      broker.subscribe("t", [&](const Event&) { first.wait(); },
                       {.queue_bytes_max = 1, .overflow = Overflow::disconnect, .on_gap = [&](std::uint64_t) {
                          telling = true;
                          gap.wait();
                          telling = false;
                        }});
  Publisher publisher = broker.publisher();
  test::publish_surely(publisher, "t", "x");
  first.await_waiting(1);
  test::publish_surely(publisher, "t", "x");
  ASSERT_TRUE(test::eventually([&] { return small.ended(); }));
  first.open();
  gap.await_waiting(1);

  std::atomic<bool> telling_afterwards{false};
  std::thread leaver{[&] {
    small.unsubscribe();
    telling_afterwards = telling.load();
  }};
  std::this_thread::sleep_for(std::chrono::milliseconds{20});  // Time enough to return too early.
  gap.open();
  leaver.join();
  EXPECT_FALSE(telling_afterwards) << "unsubscribe returned while on_gap ran";
}

TEST(BrokerTest, EndsASubscriptionAtOnceThatIsMadeWhileItCloses) {
  Broker broker{{.workers = 1, .drain_limit = std::chrono::minutes{1}}};
  test::Gate gate;
  const Subscription slow = broker.subscribe("t", [&](const Event&) { gate.wait(); });
  Publisher publisher = broker.publisher();
  test::publish_surely(publisher, "t", "x");
  gate.await_waiting(1);
  std::future<bool> closing = std::async(std::launch::async, [&] { return broker.close(); });
  ASSERT_TRUE(test::eventually([&] { return test::publish(publisher, "t", "x") == Verdict::closed; }));
  ASSERT_TRUE(test::eventually([&] { return broker.subscribe(">", [](const Event&) {}).ended(); }));
  gate.open();
  EXPECT_TRUE(closing.get());
  EXPECT_TRUE(broker.subscribe(">", [](const Event&) {}).ended()) << "and one made afterwards";
}

TEST(BrokerTest, ClosesWithinTheLimitThatItWasGivenLast) {
  test::Gate gate;
  Broker broker{{.workers = 1, .drain_limit = std::chrono::hours{1}}};
  const Subscription stuck = broker.subscribe("t", [&](const Event&) { gate.wait(); });
  Publisher publisher = broker.publisher();
  test::publish_surely(publisher, "t", "x");
  gate.await_waiting(1);
  broker.drain_limit(std::chrono::milliseconds{20});
  EXPECT_FALSE(broker.close()) << "an hour would have been enough for the gate to open";
  gate.open();
}

TEST(BrokerTest, GivesTheSameAnswerToEveryoneWhoCloses) {
  Broker broker{{.workers = 1}};
  std::atomic<int> answers{0};
  std::vector<std::thread> closers;
  closers.reserve(3);
  for (int i = 0; i < 3; ++i) {
    closers.emplace_back([&] { answers += broker.close() ? 1 : 0; });
  }
  for (std::thread& closer : closers) closer.join();
  EXPECT_EQ(answers, 3);
  EXPECT_TRUE(broker.close());
}

TEST(BrokerTest, KeepsNoCountOfTakenEventsWrongWhenPublishersComeAndGo) {
  // A pool that a Publisher left is adopted with events still on their way: on another shard than the adopter's.
  Broker broker{{.workers = 2}};
  std::atomic<std::uint64_t> seen{0};
  const Subscription all = broker.subscribe("t", [&](const Event&) { ++seen; }, {.execution = Execution::in_worker});
  std::uint64_t sent = 0;
  for (int round = 0; round < 300; ++round) {
    Publisher publisher = broker.publisher();
    for (int i = 0; i < 20; ++i, ++sent) test::publish_surely(publisher, "t", "x");
  }
  EXPECT_TRUE(broker.close());
  EXPECT_EQ(seen, sent);
}

TEST(SubscriptionTest, DoesNothingWhenItWasNeverMade) {
  Subscription none;
  EXPECT_TRUE(none.ended());
  none.unsubscribe();
  EXPECT_EQ(none.take(5, [](const Event&) {}), 0U);
  EXPECT_EQ(none.stats().matched, 0U);
}

TEST(SubscriptionTest, EndsTheOneItHeldWhenAssigned) {
  Broker broker{{.workers = 1}};
  const auto held = std::make_shared<int>(1);
  Subscription one = broker.subscribe("a", [held](const Event&) {});
  EXPECT_EQ(held.use_count(), 2);
  one = broker.subscribe("b", [](const Event&) {});
  EXPECT_EQ(held.use_count(), 1) << "its handler is destroyed";
  EXPECT_FALSE(one.ended());
  Subscription& same = one;
  one = std::move(same);
  EXPECT_FALSE(one.ended());
}

TEST(SubscriptionTest, TakesNothingWhereAHandlerDoes) {
  Broker broker{{.workers = 1}};
  test::Gate gate;
  Subscription handled = broker.subscribe("t", [&](const Event&) { gate.wait(); });
  Publisher publisher = broker.publisher();
  test::publish_surely(publisher, "t", "x");
  test::publish_surely(publisher, "t", "x");
  gate.await_waiting(1);
  EXPECT_EQ(handled.take(5, [](const Event&) {}), 0U);
  gate.open();
}

}  // namespace
}  // namespace penstock
