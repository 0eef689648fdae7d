#include "delivery/live.hpp"

#include "delivery/running.hpp"
#include "engine/delivery/lives.hpp"
#include "engine/event/blocks.hpp"
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace penstock::delivery {
namespace {

class LiveTest : public testing::Test {
 protected:
  std::shared_ptr<Live> make(Way way, Live::Callbacks callbacks, SubscribeOptions options = {}) {
    return std::make_shared<Live>(std::vector<std::string>{"t"}, way, std::move(options), std::move(callbacks),
                                  refusing_);
  }

  /// A batch whose events carry their number in it as payload.
  event::Batch* numbered(std::size_t count) {
    event::Batch* batch = blocks_.batches.take();
    for (std::size_t i = 0; i < count; ++i) batch->add(blocks_.block("t", std::to_string(i)));
    return batch;
  }

  /// A handler that writes what it sees to `seen_`.
  Handler seeing() {
    return [this](const Event& event) { seen_ += event.payload(); };
  }

  test::Blocks blocks_;
  RefusingCount refusing_{0};
  std::string seen_;
};

TEST_F(LiveTest, WantsWhatAnyOfItsPatternsTakesByBaseTopicOrTopic) {
  const auto live = test::live(refusing_, {"github", "gitlab.*"});
  EXPECT_TRUE(live->wants("github", "github.push"));
  EXPECT_TRUE(live->wants("github", "github"));
  EXPECT_TRUE(live->wants("gitlab", "gitlab.push"));
  EXPECT_FALSE(live->wants("gitlab", "gitlab"));
  EXPECT_FALSE(live->wants("gitea", "gitea.push"));
}

TEST_F(LiveTest, CallsItsHandlerInlineForTheMarkedEventsInOrder) {
  const auto live = make(Way::in_worker, {.handler = seeing()});
  event::Batch* batch = numbered(5);
  live->run_inline(*batch, 0b10110, 3);
  event::release(batch);
  EXPECT_EQ(seen_, "124");
  EXPECT_EQ(live->stats().matched, 3U);
  EXPECT_EQ(live->stats().ok, 3U);
  EXPECT_EQ(live->stats().attempts_ok, 3U);
}

TEST_F(LiveTest, CountsAndReportsAnExceptionAndGoesOn) {
  std::string told;
  const auto live = make(Way::in_worker,
                         {.handler =
                              [this](const Event& event) {
                                if (event.payload() == "0") throw std::runtime_error("broken");
                                if (event.payload() == "1") throw 7;  // NOLINT(hicpp-exception-baseclass)
                                seen_ += event.payload();
                              },
                          .on_handler_error =
                              [&told](std::string_view name, std::string_view what) {
                                told += std::string(name) + ": " + std::string(what) + "; ";
                                throw std::runtime_error("reporting failed too");
                              }},
                         {.name = "indexer"});
  event::Batch* batch = numbered(3);
  live->run_inline(*batch, 0b111, 0);
  event::release(batch);
  EXPECT_EQ(seen_, "2");
  EXPECT_EQ(told, "indexer: broken; indexer: not a std::exception; ");
  EXPECT_EQ(live->stats().dead, 2U);
  EXPECT_EQ(live->stats().attempts_failed, 2U);
  EXPECT_EQ(live->stats().ok, 1U);
}

TEST_F(LiveTest, StopsInTheMiddleOfABatchWhenItsHandlerEndsIt) {
  Live* self = nullptr;
  const auto live = make(Way::in_worker, {.handler = [&](const Event& event) {
                           seen_ += event.payload();
                           if (event.payload() == "1") (void)self->mark_closed();
                         }});
  self = live.get();
  event::Batch* batch = numbered(4);
  live->run_inline(*batch, 0b1111, 0);
  event::release(batch);
  EXPECT_EQ(seen_, "01");
  EXPECT_EQ(live->stats().matched, 2U) << "what came after the end was not matched";
}

TEST_F(LiveTest, RunsWhatIsQueuedUntilNothingIsLeft) {
  const auto live = make(Way::pool, {.handler = seeing()});
  EXPECT_TRUE(live->put(numbered(2), 0b11)) << "the pool is to run it";
  EXPECT_FALSE(live->put(numbered(3), 0b101)) << "it is going to run already";
  EXPECT_FALSE(live->run_queued(10));
  EXPECT_EQ(seen_, "0102");
  EXPECT_EQ(live->stats().lag, 0U);
  EXPECT_TRUE(live->put(numbered(1), 1));
}

TEST_F(LiveTest, LeavesTheRestToALaterRunAfterSoManyEntries) {
  const auto live = make(Way::pool, {.handler = seeing()});
  for (int i = 0; i < 3; ++i) (void)live->put(numbered(1), 1);
  EXPECT_TRUE(live->run_queued(2));
  EXPECT_EQ(live->stats().lag, 1U);
  EXPECT_FALSE(live->run_queued(2));
  EXPECT_EQ(live->stats().ok, 3U);
}

TEST_F(LiveTest, TellsAGapBeforeTheNextEvent) {
  const auto live =
      make(Way::pool, {.handler = seeing()},
           {.queue_bytes_max = 0, .on_gap = [this](std::uint64_t n) { seen_ += "gap" + std::to_string(n); }});
  (void)live->put(numbered(3), 0b111);
  (void)live->put(numbered(1), 1);
  EXPECT_FALSE(live->run_queued(10));
  EXPECT_EQ(seen_, "gap30");
}

TEST_F(LiveTest, TellsTheGapOfADisconnectAlthoughNothingFollows) {
  const auto live = make(Way::pool, {.handler = seeing()},
                         {.queue_bytes_max = 0, .overflow = Overflow::disconnect, .on_gap = [this](std::uint64_t n) {
                            seen_ += "gap" + std::to_string(n);
                          }});
  (void)live->put(numbered(2), 0b11);
  (void)live->put(numbered(1), 1);
  EXPECT_FALSE(live->run_queued(10));
  EXPECT_EQ(seen_, "gap3");
  EXPECT_TRUE(live->mailbox().idle());
}

TEST_F(LiveTest, SurvivesAGapCallbackThatThrows) {
  const auto live = make(Way::pool, {.handler = seeing()},
                         {.queue_bytes_max = 0, .on_gap = [](std::uint64_t) { throw std::runtime_error("no"); }});
  (void)live->put(numbered(1), 1);
  (void)live->put(numbered(1), 1);
  EXPECT_FALSE(live->run_queued(10));
  EXPECT_EQ(live->stats().ok, 1U);
  EXPECT_EQ(live->stats().dropped, 1U);
}

TEST_F(LiveTest, WakesATakerOnceAndAgainWhenItHasTakenAll) {
  int filled = 0;
  const auto live = make(Way::taken, {.on_filled = [&] { ++filled; }});
  EXPECT_FALSE(live->put(numbered(2), 0b11)) << "nothing for the pool";
  EXPECT_FALSE(live->put(numbered(2), 0b11));
  EXPECT_EQ(filled, 1);
  EXPECT_EQ(live->take(100, seeing()), 4U);
  EXPECT_EQ(seen_, "0101");
  (void)live->put(numbered(1), 1);
  EXPECT_EQ(filled, 2);
}

TEST_F(LiveTest, WakesATakerWhenItsQueueOverflowsAndIsToDisconnect) {
  int filled = 0;
  const auto live =
      make(Way::taken, {.on_filled = [&] { ++filled; }}, {.queue_bytes_max = 0, .overflow = Overflow::disconnect});
  (void)live->put(numbered(1), 1);
  ASSERT_EQ(filled, 1);
  (void)live->put(numbered(1), 1);
  EXPECT_TRUE(live->mailbox().ended());
  EXPECT_EQ(filled, 2) << "the end is told, also to one who has not taken yet";
}

TEST_F(LiveTest, GivesATakerAsManyEventsAsItAsksForAcrossBatches) {
  const auto live = make(Way::taken, {});
  (void)live->put(numbered(3), 0b111);
  (void)live->put(numbered(3), 0b101);
  EXPECT_EQ(live->take(2, seeing()), 2U);
  EXPECT_EQ(live->take(2, seeing()), 2U);
  EXPECT_EQ(live->take(0, seeing()), 0U);
  EXPECT_EQ(live->take(2, seeing()), 1U);
  EXPECT_EQ(live->take(2, seeing()), 0U);
  EXPECT_EQ(seen_, "01202");
  EXPECT_EQ(live->stats().ok, 5U);
}

TEST_F(LiveTest, CountsOnlyWhatATakerHasSeenWhenItEndsTheSubscriptionMeanwhile) {
  const auto live = make(Way::taken, {});
  (void)live->put(numbered(5), 0b11111);
  const std::size_t taken = live->take(10, [&](const Event& event) {
    seen_ += event.payload();
    (void)live->mark_closed();
  });
  EXPECT_EQ(seen_, "0");
  EXPECT_EQ(taken, 1U);
}

TEST_F(LiveTest, LeavesNothingRunningWhenItEndsWhileATakerIsToldOfAGap) {
  std::shared_ptr<Live> live;
  const auto end = [&live](std::uint64_t) { (void)live->mark_closed(); };
  live = make(Way::taken, {}, {.queue_bytes_max = 0, .overflow = Overflow::disconnect, .on_gap = end});
  (void)live->put(numbered(1), 1);
  (void)live->put(numbered(1), 1);
  EXPECT_EQ(live->take(10, seeing()), 0U);
  EXPECT_TRUE(live->mailbox().close(false)) << "an unsubscribe would wait for ever";
}

TEST_F(LiveTest, GivesNothingToATakerInsideItsOwnVisit) {
  const auto live = make(Way::taken, {});
  (void)live->put(numbered(2), 0b11);
  std::size_t inner = 7;
  EXPECT_EQ(live->take(10, [&](const Event&) { inner = live->take(10, seeing()); }), 2U);
  EXPECT_EQ(inner, 0U);
  EXPECT_EQ(seen_, "");
}

TEST_F(LiveTest, CountsAVisitThatThrowsAsDead) {
  const auto live = make(Way::taken, {});
  (void)live->put(numbered(2), 0b11);
  EXPECT_EQ(live->take(10, [](const Event&) { throw std::runtime_error("no"); }), 2U);
  EXPECT_EQ(live->stats().dead, 2U);
}

TEST_F(LiveTest, ForgetsWhatIsQueuedWhenCutOff) {
  const auto live = make(Way::pool, {.handler = seeing()});
  (void)live->put(numbered(3), 0b111);
  live->cut_off();
  EXPECT_FALSE(live->run_queued(10));
  EXPECT_EQ(seen_, "");
  EXPECT_EQ(live->stats().dropped, 3U);
}

TEST_F(LiveTest, DropsInlineWhatNobodyWillDeliver) {
  const auto live = make(Way::in_worker, {.handler = seeing()});
  live->drop_inline(0b1101, 0);
  live->drop_inline(0b1, kClaimsMax - 1);
  EXPECT_EQ(live->stats().matched, 4U);
  EXPECT_EQ(live->stats().dropped, 4U);
  EXPECT_EQ(live->stats().lag, 0U);
}

TEST_F(LiveTest, DestroysItsCallbacksOnce) {
  const auto held = std::make_shared<int>(1);
  const auto live = make(Way::pool, {.handler = [held](const Event&) {}, .on_filled = [held] {}},
                         {.on_gap = [held](std::uint64_t) {}});
  EXPECT_EQ(held.use_count(), 4);
  live->destroy_callbacks();
  EXPECT_EQ(held.use_count(), 1);
  live->destroy_callbacks();
}

TEST_F(LiveTest, KnowsInsideItsHandlerThatItRuns) {
  bool inside = false;
  Live* self = nullptr;
  const auto live =
      make(Way::pool,
           {.handler = [&](const Event&) { inside = RunningHere::contains(*self) && RunningHere::any_of(refusing_); }});
  self = live.get();
  (void)live->put(numbered(1), 1);
  (void)live->run_queued(1);
  EXPECT_TRUE(inside);
  EXPECT_FALSE(RunningHere::contains(*live));
}

}  // namespace
}  // namespace penstock::delivery
