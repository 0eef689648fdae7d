// Many more threads than processors through every protocol at once: what tests/models try step by step, here at full
// speed and under the thread sanitizer. Counts are exact; a wake-up that is lost hangs a test into its time limit.

#include "support/broker_maker.hpp"
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace penstock {
namespace {

constexpr std::array<std::string_view, 4> kTopics = {"a", "b", "c", "d"};

template <class Work>
void on_threads(std::size_t count, Work work) {
  std::vector<std::thread> threads;
  threads.reserve(count);
  for (std::size_t i = 0; i < count; ++i) threads.emplace_back([&work, i] { work(i); });
  for (std::thread& thread : threads) thread.join();
}

// Parking: each publisher waits until its round was seen, so that workers park between rounds.
TEST(Oversubscribed, NoWakeUpIsLostAmongManyWorkersAndPublishers) {
  constexpr std::size_t publishers = 6;
  Broker broker{{.workers = 24}};
  std::array<std::atomic<int>, publishers> seen{};
  const Subscription all =
      broker.subscribe(">", [&](const Event& event) { ++seen.at(static_cast<std::size_t>(event.payload()[0] - '0')); },
                       {.execution = Execution::in_worker});
  on_threads(publishers, [&](std::size_t i) {
    Publisher publisher = broker.publisher();
    if (i % 2 == 0) publisher.wake_later();
    for (int round = 1; round <= 1'000; ++round) {
      for (int event = 0; event < 3; ++event) test::publish_surely(publisher, kTopics.at(i % 4), std::to_string(i));
      publisher.wake();
      while (seen.at(i) < round * 3) std::this_thread::yield();
    }
  });
  EXPECT_TRUE(broker.close());
}

// Mailboxes and the handler pool: a handler's own data has no lock but the promise that one thread at a time calls it.
TEST(Oversubscribed, NoMailboxRunsTwiceAtOnceOrForgetsABatch) {
  constexpr std::size_t publishers = 8;
  constexpr std::uint64_t events = 2'000;
  Broker broker{{.workers = 8}};
  std::array<std::uint64_t, 16> seen{};  // Plain on purpose.
  std::vector<Subscription> subscriptions;
  subscriptions.reserve(seen.size());
  for (std::uint64_t& mine : seen) {
    subscriptions.push_back(broker.subscribe(">", [&mine](const Event&) { ++mine; }));
  }
  on_threads(publishers, [&](std::size_t i) {
    Publisher publisher = broker.publisher();
    for (std::uint64_t n = 0; n < events; ++n) test::publish_surely(publisher, kTopics.at(i % 4), "x");
  });
  EXPECT_TRUE(broker.close());
  for (const std::uint64_t mine : seen) EXPECT_EQ(mine, publishers * events);
}

/// What a handler owns; says when it goes.
struct Owned {
  explicit Owned(std::atomic<bool>& is_gone) : gone{is_gone} {}
  ~Owned() {
    alive = false;
    gone = true;
  }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;

  std::atomic<bool>& gone;
  bool alive = true;
};

void come_and_go(Broker& broker, std::size_t round, std::atomic<int>& calls_of_the_dead) {
  const bool from_inside = round % 3 == 0;
  std::atomic<bool> gone{false};
  std::atomic<bool> stands{false};
  std::atomic<bool> ended{false};
  Subscription subscription;
  subscription = broker.subscribe(">",
                                  [&, owned = std::make_shared<Owned>(gone)](const Event&) {
                                    if (!owned->alive) ++calls_of_the_dead;
                                    if (from_inside && stands && !ended.exchange(true)) subscription.unsubscribe();
                                  },
                                  {.execution = round % 2 == 0 ? Execution::in_worker : Execution::pool});
  stands = true;
  if (from_inside) {
    while (!gone) std::this_thread::yield();  // When the last call has left.
  } else {
    subscription.unsubscribe();
    EXPECT_TRUE(gone) << "unsubscribe has returned, and the handler lives";
  }
}

// Tables, and the end of handlers: subscribers come and go, some from inside their own handler, while all claims call.
TEST(Oversubscribed, NoHandlerIsCalledAfterItsEndWhileTablesAreReplaced) {
  Broker broker{{.workers = 8}};
  std::atomic<bool> stopping{false};
  std::atomic<int> calls_of_the_dead{0};
  std::vector<std::thread> publishers;
  publishers.reserve(6);
  for (std::size_t i = 0; i < 6; ++i) {
    publishers.emplace_back([&, i] {
      Publisher publisher = broker.publisher();
      while (!stopping) (void)test::publish(publisher, kTopics.at(i % 4), "x");
    });
  }
  on_threads(4, [&](std::size_t i) {
    for (std::size_t round = 0; round < 200; ++round) come_and_go(broker, i + round, calls_of_the_dead);
  });
  stopping = true;
  for (std::thread& publisher : publishers) publisher.join();
  EXPECT_TRUE(broker.close());
  EXPECT_EQ(calls_of_the_dead, 0);
}

thread_local Publisher* own_publisher = nullptr;

// Caller-runs: publishers share shards, and the handler answers through the publisher of whichever thread drains.
TEST(Oversubscribed, CallersThatDrainLeaveNothingBehindNotEvenAnswers) {
  constexpr std::size_t publishers = 80;  // More than there can be shards: some share one.
  constexpr std::uint64_t events = 100;
  Broker broker{{.dispatch = Dispatch::caller}};
  std::atomic<std::uint64_t> answers{0};
  const Subscription asked = broker.subscribe(
      "a", [&](const Event&) { test::publish_surely(*own_publisher, "b", "x"); }, {.execution = Execution::in_worker});
  const Subscription answered =
      broker.subscribe("b", [&](const Event&) { ++answers; }, {.execution = Execution::in_worker});
  std::vector<Publisher> ways;
  ways.reserve(publishers);
  for (std::size_t i = 0; i < publishers; ++i) ways.push_back(broker.publisher());
  on_threads(publishers, [&](std::size_t i) {
    own_publisher = &ways[i];
    for (std::uint64_t n = 0; n < events; ++n) test::publish_surely(ways[i], "a", "x");
  });
  EXPECT_EQ(answers, publishers * events) << "all publishes have returned: nothing may be left";
  EXPECT_TRUE(broker.close());
}

}  // namespace
}  // namespace penstock
