// What an event costs between threads, counted (engine/os/counted.hpp) on its way from publish through queue, claim and
// batch to its handlers, and its block's way back: shared read-modify-writes, allocations, wake-ups. A program of its
// own, of an engine built with PENSTOCK_COUNT. The limits are performance budgets: docs/adr/0012.
//
// Who polls decides what a batch is, so each count here is the same in every run.

#include "os/counted.hpp"
#include "support/broker_maker.hpp"
#include "support/heap_watch.hpp"
#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace penstock {
namespace {

constexpr std::size_t kBatch = 64;
constexpr std::size_t kRounds = 1'000;
constexpr double kSharedRmwMax = 0.1;  // Per event and delivery.
constexpr std::string_view kPayload = R"({"type":"push"})";

struct Spent {
  double shared_rmw = 0;  // The first three: per event.
  double fences = 0;
  double wakes = 0;
  long allocations = 0;

  friend std::ostream& operator<<(std::ostream& out, const Spent& spent) {
    return out << spent.shared_rmw << " shared read-modify-writes, " << spent.fences << " fences, " << spent.wakes
               << " wake-ups an event, " << spent.allocations << " allocations in all: " << test::first_allocation();
  }
};

void publish_some(Publisher& publisher, std::size_t events) {
  for (std::size_t i = 0; i < events; ++i) {
    EventBuilder event = publisher.event("github", kPayload.size());
    kPayload.copy(event.payload(kPayload.size()).data(), kPayload.size());
    event.metadata("x-github-event", "push");
    ASSERT_EQ(publisher.publish(std::move(event)), Verdict::accepted);
  }
}

/// What `round`, which takes `events` events all the way, costs once it has been done often enough to be warm.
Spent spent_by(std::size_t events, const std::function<void()>& round) {
  for (std::size_t i = 0; i < kRounds; ++i) round();
  test::watch_heap();
  const os::Costs before = os::costs();
  for (std::size_t i = 0; i < kRounds; ++i) round();
  const os::Costs costs = os::costs() - before;
  const auto all = static_cast<double>(events * kRounds);
  const Spent spent{static_cast<double>(costs.shared_rmw) / all, static_cast<double>(costs.fences) / all,
                    static_cast<double>(costs.wakes) / all, test::allocations_watched()};
  testing::Test::RecordProperty("shared_rmw_per_event", std::to_string(spent.shared_rmw));
  return spent;
}

class EventCosts : public testing::Test {
 protected:
  EventCosts() { broker_.route("github", Route::header("x-github-event")); }

  Subscription count_inline(std::string_view pattern) {
    return broker_.subscribe(pattern, [this](const Event&) { ++seen_; }, {.execution = Execution::in_worker});
  }

  Broker broker_{{.dispatch = Dispatch::poll}};
  Publisher publisher_ = broker_.publisher();
  std::uint64_t seen_ = 0;
};

TEST_F(EventCosts, AreATenthOfASharedReadModifyWriteToAnInlineHandler) {
  const Subscription pushes = count_inline("github.push");
  const Spent spent = spent_by(kBatch, [this] {
    publish_some(publisher_, kBatch);
    ASSERT_EQ(broker_.poll(kBatch), kBatch);
  });
  EXPECT_EQ(seen_, 2 * kRounds * kBatch);
  EXPECT_LE(spent.shared_rmw, kSharedRmwMax) << spent;
  EXPECT_EQ(spent.allocations, 0) << spent;
}

TEST_F(EventCosts, AreLessWhenOneClaimDrainsManyBatches) {
  constexpr std::size_t batches = 10;
  const Subscription pushes = count_inline("github.push");
  const Spent spent = spent_by(batches * kBatch, [this] {
    publish_some(publisher_, batches * kBatch);
    ASSERT_EQ(broker_.poll(batches * kBatch), batches * kBatch);
  });
  EXPECT_EQ(seen_, 2 * kRounds * batches * kBatch);
  EXPECT_LE(spent.shared_rmw, kSharedRmwMax) << spent;
  EXPECT_EQ(spent.allocations, 0) << spent;
}

TEST_F(EventCosts, DoNotGrowWithInlineHandlers) {
  std::vector<Subscription> pushes;
  for (int i = 0; i < 100; ++i) pushes.push_back(count_inline(i % 2 == 0 ? "github.push" : ">"));
  const Spent spent = spent_by(kBatch, [this] {
    publish_some(publisher_, kBatch);
    ASSERT_EQ(broker_.poll(kBatch), kBatch);
  });
  EXPECT_EQ(seen_, 2 * kRounds * kBatch * 100);
  EXPECT_LE(spent.shared_rmw, kSharedRmwMax) << spent;
  EXPECT_EQ(spent.allocations, 0) << spent;
}

TEST_F(EventCosts, AreATenthOfASharedReadModifyWriteThroughAMailboxThatIsKeptBusy) {
  constexpr std::size_t batches = 16;  // As many as a thread of the handler pool takes in a run.
  Subscription taken = broker_.subscribe_mailbox({"github.push"}, [] {});
  const std::function<void(const Event&)> visit = [this](const Event&) { ++seen_; };
  const Spent spent = spent_by(batches * kBatch, [&] {
    publish_some(publisher_, batches * kBatch);
    ASSERT_EQ(broker_.poll(batches * kBatch), batches * kBatch);
    ASSERT_EQ(taken.take(batches * kBatch, visit), batches * kBatch);
  });
  EXPECT_EQ(seen_, 2 * kRounds * batches * kBatch);
  EXPECT_LE(spent.shared_rmw, kSharedRmwMax) << spent;
  EXPECT_EQ(spent.allocations, 0) << spent;
}

TEST_F(EventCosts, AreStillBelowAThirdThroughAMailboxThatIsEmptiedBatchByBatch) {
  Subscription taken = broker_.subscribe_mailbox({"github.push"}, [] {});
  const std::function<void(const Event&)> visit = [this](const Event&) { ++seen_; };
  const Spent spent = spent_by(kBatch, [&] {
    publish_some(publisher_, kBatch);
    ASSERT_EQ(broker_.poll(kBatch), kBatch);
    ASSERT_EQ(taken.take(kBatch, visit), kBatch);
  });
  EXPECT_EQ(seen_, 2 * kRounds * kBatch);
  EXPECT_LE(spent.shared_rmw, 0.3) << "a claim and a take for each batch; " << spent;
  EXPECT_EQ(spent.allocations, 0) << spent;
}

TEST_F(EventCosts, AreATenthOfASharedReadModifyWriteForEachFurtherMailbox) {
  constexpr std::size_t batches = 16;
  constexpr std::size_t mailboxes = 10;
  std::vector<Subscription> taken;
  for (std::size_t i = 0; i < mailboxes; ++i) taken.push_back(broker_.subscribe_mailbox({"github.push"}, [] {}));
  const std::function<void(const Event&)> visit = [this](const Event&) { ++seen_; };
  const Spent spent = spent_by(batches * kBatch * mailboxes, [&] {
    publish_some(publisher_, batches * kBatch);
    ASSERT_EQ(broker_.poll(batches * kBatch), batches * kBatch);
    for (Subscription& one : taken) ASSERT_EQ(one.take(batches * kBatch, visit), batches * kBatch);
  });
  EXPECT_EQ(seen_, 2 * kRounds * batches * kBatch * mailboxes);
  EXPECT_LE(spent.shared_rmw, kSharedRmwMax) << "of a delivery; " << spent;
  EXPECT_EQ(spent.allocations, 0) << spent;
}

TEST(EventCostsOfWorkers, AreNoWakeUpWhileAWorkerIsBusy) {
  Broker broker{{.workers = 1}};
  Publisher publisher = broker.publisher();
  test::Gate gate;
  const Subscription held =
      broker.subscribe(">", [&gate](const Event&) { gate.wait(); }, {.execution = Execution::in_worker});
  publish_some(publisher, 1);
  gate.await_waiting(1);  // The worker holds the claim, and is in the handler.
  const os::Costs before = os::costs();
  publish_some(publisher, 10'000);
  const os::Costs spent = os::costs() - before;
  EXPECT_EQ(spent.wakes, 0U);
  EXPECT_LE(spent.shared_rmw, 100U) << "some for each slab of blocks, none for an event";
  gate.open();
}

TEST(EventCostsOfWorkers, AreOneWakeUpForALoneEvent) {
  std::atomic<int> seen{0};
  Broker broker{{.workers = 1}};
  Publisher publisher = broker.publisher();
  const Subscription all =
      broker.subscribe(">", [&seen](const Event&) { ++seen; }, {.execution = Execution::in_worker});
  // Until one publish finds the worker asleep: how soon it goes to sleep is the scheduler's to say.
  EXPECT_TRUE(test::eventually([&] {
    const os::Costs before = os::costs();
    const int seen_before = seen;
    publish_some(publisher, 1);
    const std::uint64_t wakes = (os::costs() - before).wakes;
    while (seen == seen_before) std::this_thread::yield();
    EXPECT_LE(wakes, 1U);
    return wakes == 1;
  }));
}

TEST_F(EventCosts, WouldBeSeenToBeTooHigh) {
  os::CountedAtomic<std::uint64_t> shared{0};  // As an engine's would be that counted each event.
  const Subscription pushes =
      broker_.subscribe("github.push", [&shared](const Event&) { shared.fetch_add(1, std::memory_order_relaxed); },
                        {.execution = Execution::in_worker});
  const Spent spent = spent_by(kBatch, [this] {
    publish_some(publisher_, kBatch);
    ASSERT_EQ(broker_.poll(kBatch), kBatch);
  });
  EXPECT_GT(spent.shared_rmw, 1.0);
}

}  // namespace
}  // namespace penstock
