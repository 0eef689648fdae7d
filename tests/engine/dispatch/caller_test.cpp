// Brokers without workers: who publishes dispatches, or who polls.

#include "support/broker_maker.hpp"
#include <gtest/gtest.h>
#include <penstock/broker.hpp>

#include <algorithm>
#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace penstock {
namespace {

constexpr std::size_t kAll = 1'000'000;
SubscribeOptions inline_options() { return {.execution = Execution::in_worker}; }

TEST(DispatchByCaller, DeliversBeforePublishReturnsOnThePublishersThread) {
  Broker broker{{.dispatch = Dispatch::caller}};
  std::vector<std::thread::id> threads;
  const Subscription all = broker.subscribe(
      ">", [&](const Event&) { threads.push_back(std::this_thread::get_id()); }, inline_options());
  Publisher publisher = broker.publisher();
  for (std::size_t i = 1; i <= 3; ++i) {
    EXPECT_EQ(test::publish(publisher, "t", "x"), Verdict::accepted);
    ASSERT_EQ(threads.size(), i);
  }
  EXPECT_EQ(std::count(threads.begin(), threads.end(), std::this_thread::get_id()), 3);
  EXPECT_EQ(broker.stats().workers, 0U);
}

TEST(DispatchByCaller, QueuesWhatAHandlerPublishesAndComesToItWithoutRecursion) {
  Broker broker{{.dispatch = Dispatch::caller}};
  Publisher own = broker.publisher();
  Publisher other = broker.publisher();  // Of another shard.
  int depth = 0;
  int deepest = 0;
  std::vector<std::string> seen;
  const Subscription all = broker.subscribe(
      ">",
      [&](const Event& event) {
        deepest = std::max(deepest, ++depth);
        seen.emplace_back(event.topic());
        if (event.topic() == "first" || event.topic() == "again") {
          EXPECT_EQ(test::publish(own, event.topic() == "first" ? "again" : "last", ""), Verdict::accepted);
          EXPECT_EQ(test::publish(other, "aside", ""), Verdict::accepted);
        }
        --depth;
      },
      inline_options());
  EXPECT_EQ(test::publish(own, "first", ""), Verdict::accepted);
  EXPECT_EQ(deepest, 1);
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(seen, (std::vector<std::string>{"again", "aside", "aside", "first", "last"}));
}

TEST(DispatchByCaller, LosesNothingWhenManyThreadsPublishToFewShards) {
  constexpr int publishers = 80;  // More than shards, so that some share one.
  constexpr int events = 300;
  std::atomic<int> seen{0};
  Broker broker{{.dispatch = Dispatch::caller}};
  const Subscription all = broker.subscribe(
      ">", [&](const Event&) { ++seen; }, inline_options());
  std::vector<Publisher> ways;
  ways.reserve(publishers);
  for (int i = 0; i < publishers; ++i) ways.push_back(broker.publisher());
  std::vector<std::thread> threads;
  threads.reserve(publishers);
  for (Publisher& way : ways) {
    threads.emplace_back([&way] {
      for (int i = 0; i < events; ++i) test::publish_surely(way, "t", "x");
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(seen, publishers * events) << "each was delivered by the time that all publishes had returned";
  EXPECT_TRUE(broker.close());
}

TEST(DispatchByCaller, KeepsToBrokersThatPublishToEachOther) {
  Broker one{{.dispatch = Dispatch::caller}};
  Broker two{{.dispatch = Dispatch::caller}};
  Publisher to_one = one.publisher();
  Publisher to_two = two.publisher();
  int left = 1'000;
  const Subscription ping = one.subscribe(
      ">", [&](const Event&) { EXPECT_EQ(test::publish(to_two, "t", ""), Verdict::accepted); }, inline_options());
  const Subscription pong = two.subscribe(
      ">",
      [&](const Event&) {
        if (--left > 0) {
          EXPECT_EQ(test::publish(to_one, "t", ""), Verdict::accepted);
        }
      },
      inline_options());
  EXPECT_EQ(test::publish(to_one, "t", ""), Verdict::accepted);
  EXPECT_EQ(left, 0);
}

TEST(DispatchByPoll, DeliversOnThePollingThreadAsManyAsAskedFor) {
  Broker broker{{.dispatch = Dispatch::poll}};
  int seen = 0;
  const Subscription all = broker.subscribe(
      ">", [&](const Event&) { ++seen; }, inline_options());
  Publisher publisher = broker.publisher();
  EXPECT_EQ(broker.poll(kAll), 0U);
  for (int i = 0; i < 200; ++i) EXPECT_EQ(test::publish(publisher, "t", "x"), Verdict::accepted);
  EXPECT_EQ(seen, 0);
  EXPECT_EQ(broker.poll(0), 0U);
  EXPECT_EQ(broker.poll(7), 7U);
  EXPECT_EQ(seen, 7);
  EXPECT_EQ(broker.poll(100), 100U);
  EXPECT_EQ(broker.poll(kAll), 93U);
  EXPECT_EQ(seen, 200);
}

TEST(DispatchByPoll, ComesToEveryShard) {
  Broker broker{{.dispatch = Dispatch::poll}};
  std::vector<Publisher> publishers;
  publishers.reserve(40);
  for (int i = 0; i < 40; ++i) publishers.push_back(broker.publisher());  // Three shards.
  for (Publisher& publisher : publishers) EXPECT_EQ(test::publish(publisher, "t", "x"), Verdict::accepted);
  ASSERT_GT(broker.stats().shards, 1U);
  std::size_t polled = 0;
  for (int i = 0; i < 40; ++i) polled += broker.poll(1);
  EXPECT_EQ(polled, 40U);
}

TEST(DispatchByPoll, DoesNothingInsideAnInlineHandler) {
  Broker broker{{.dispatch = Dispatch::poll}};
  std::size_t inner = kAll;
  const Subscription all = broker.subscribe(
      ">", [&](const Event&) { inner = broker.poll(kAll); }, inline_options());
  Publisher publisher = broker.publisher();
  EXPECT_EQ(test::publish(publisher, "t", "x"), Verdict::accepted);
  EXPECT_EQ(test::publish(publisher, "t", "x"), Verdict::accepted);
  EXPECT_EQ(broker.poll(1), 1U);
  EXPECT_EQ(inner, 0U);
}

TEST(DispatchByPoll, LeavesTheRestToCloseWhichDrainsIt) {
  Broker broker{{.dispatch = Dispatch::poll}};
  int seen = 0;
  const Subscription all = broker.subscribe(
      ">", [&](const Event&) { ++seen; }, inline_options());
  Publisher publisher = broker.publisher();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(test::publish(publisher, "t", "x"), Verdict::accepted);
  EXPECT_TRUE(broker.close());
  EXPECT_EQ(seen, 100);
}

TEST(DispatchByPoll, MayBeDoneByManyThreadsAtOnceWithoutLossOrDisorder) {
  constexpr int events = 20'000;
  Broker broker{{.dispatch = Dispatch::poll}};
  std::atomic<int> seen{0};
  std::atomic<int> out_of_order{0};
  const Subscription all = broker.subscribe(
      ">",
      [&, last = -1](const Event& event) mutable {
        const int number = std::stoi(std::string(event.payload()));
        if (number != last + 1) ++out_of_order;
        last = number;
        ++seen;
      },
      inline_options());
  std::vector<std::thread> pollers;
  pollers.reserve(4);
  for (int i = 0; i < 4; ++i) {
    pollers.emplace_back([&] {
      while (seen < events) {
        if (broker.poll(3) == 0) std::this_thread::yield();
      }
    });
  }
  Publisher publisher = broker.publisher();
  for (int i = 0; i < events; ++i) test::publish_surely(publisher, "t", std::to_string(i));
  for (std::thread& poller : pollers) poller.join();
  EXPECT_EQ(seen, events);
  EXPECT_EQ(out_of_order, 0);
}

TEST(DispatchByPoll, HelpsWorkersToo) {
  Broker broker{{.workers = 1}};
  std::atomic<int> seen{0};
  const Subscription all = broker.subscribe(
      ">", [&](const Event&) { ++seen; }, inline_options());
  Publisher publisher = broker.publisher();
  for (int i = 0; i < 10'000; ++i) {
    test::publish_surely(publisher, "t", "x");
    if (i % 10 == 0) (void)broker.poll(5);
  }
  EXPECT_TRUE(test::eventually([&] { return seen == 10'000; })) << "what a poll leaves, a worker takes";
}

TEST(DispatchSetUp, RefusesWorkersWhereThereAreNone) {
  for (const Dispatch dispatch : {Dispatch::caller, Dispatch::poll}) {
    EXPECT_THROW((Broker{{.workers = 1, .dispatch = dispatch}}), SetupError);
  }
}

TEST(DispatchSetUp, RefusesToPinToAProcessorThatTheProcessMayNotUse) {
  for (const int processor : {-1, 1'000'000}) {
    try {
      const Broker broker{{.workers = 1, .pin = {processor}}};
      ADD_FAILURE() << processor;
    } catch (const SetupError& error) {
      EXPECT_NE(std::string(error.what()).find("processor " + std::to_string(processor)), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace penstock
