#include "delivery/mailbox.hpp"

#include "engine/event/blocks.hpp"
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>

namespace penstock::delivery {
namespace {

using Next = Mailbox::Next;

class MailboxTest : public testing::Test {
 protected:
  Mailbox& make(Overflow overflow, std::size_t batches_max) {
    event::Batch* sample = blocks_.batch();
    const std::size_t bytes = sample->bytes * batches_max;
    event::release(sample);
    return *(mailbox_ = std::make_unique<Mailbox>(bytes, overflow, refusing_));
  }

  /// Puts a batch of `events`, all of them wanted, marked by `offset`.
  bool put(std::uint64_t offset, std::size_t events = 1) {
    event::Batch* batch = blocks_.batch(events);
    batch->blocks[0]->offset = offset;
    return mailbox_->put(batch, ~std::uint64_t{0} >> (64 - events));
  }

  /// Begins the next entry: its mark.
  std::uint64_t begin() {
    const Next next = mailbox_->begin(entry_, gap_);
    return next == Next::entry ? entry_.batch->blocks[0]->offset : 0;
  }

  void finish(const Mailbox::Settled& settled) { event::Releases{}.add(mailbox_->finish(settled)); }
  void finish_all() { finish({.mask = entry_.mask, .ok = 1}); }

  [[nodiscard]] SubscriptionStats stats() const {
    SubscriptionStats stats;
    mailbox_->add_to(stats);
    return stats;
  }

  test::Blocks blocks_;
  RefusingCount refusing_{0};
  std::unique_ptr<Mailbox> mailbox_;
  Mailbox::Entry entry_;
  std::uint64_t gap_ = 0;
};

TEST_F(MailboxTest, AsksForAWakeUpOnceUntilItsSubscriberFoundItEmpty) {
  make(Overflow::drop_oldest, 10);
  EXPECT_TRUE(put(1));
  EXPECT_FALSE(put(2));
  EXPECT_EQ(begin(), 1U);
  finish_all();
  EXPECT_FALSE(put(3)) << "its subscriber has not gone to sleep";
  EXPECT_EQ(begin(), 2U);
  finish_all();
  EXPECT_EQ(begin(), 3U);
  finish_all();
  EXPECT_EQ(mailbox_->begin(entry_, gap_), Next::nothing);
  EXPECT_TRUE(put(4));
}

TEST_F(MailboxTest, KeepsAnEntryUntilAllItsEventsAreSettled) {
  make(Overflow::drop_oldest, 10);
  (void)put(1, 3);
  (void)put(2);
  EXPECT_EQ(begin(), 1U);
  EXPECT_EQ(entry_.mask, 0b111U);
  finish({.mask = 0b001, .ok = 1});
  EXPECT_EQ(begin(), 1U);
  EXPECT_EQ(entry_.mask, 0b110U);
  finish({.mask = 0b100, .dead = 1});
  EXPECT_EQ(begin(), 1U);
  EXPECT_EQ(entry_.mask, 0b010U);
  finish({.mask = 0b010, .ok = 1});
  EXPECT_EQ(begin(), 2U);
  finish_all();
  EXPECT_EQ(stats().matched, 4U);
  EXPECT_EQ(stats().ok, 3U);
  EXPECT_EQ(stats().dead, 1U);
  EXPECT_EQ(stats().attempts_ok, 3U);
  EXPECT_EQ(stats().attempts_failed, 1U);
}

TEST_F(MailboxTest, TakesOneBatchOfAnySizeWhenEmpty) {
  make(Overflow::drop_oldest, 0);
  (void)put(1);
  EXPECT_EQ(begin(), 1U);
  finish_all();
  EXPECT_EQ(stats().dropped, 0U);
}

TEST_F(MailboxTest, DropsItsOldestWhenFullAndTellsTheGapOnce) {
  make(Overflow::drop_oldest, 3);
  for (std::uint64_t i = 1; i <= 5; ++i) (void)put(i);
  EXPECT_EQ(begin(), 3U);
  EXPECT_EQ(gap_, 2U);
  finish_all();
  EXPECT_EQ(begin(), 4U);
  EXPECT_EQ(gap_, 0U);
  finish_all();
  EXPECT_EQ(stats().dropped, 2U);
}

TEST_F(MailboxTest, CountsOnlyWantedEventsAsDropped) {
  make(Overflow::drop_oldest, 1);
  event::Batch* batch = blocks_.batch(5);
  (void)mailbox_->put(batch, 0b10001);
  (void)put(2);
  EXPECT_EQ(stats().matched, 3U);
  EXPECT_EQ(stats().dropped, 2U);
}

TEST_F(MailboxTest, NeverDropsTheEntryThatHasBegun) {
  make(Overflow::drop_oldest, 2);
  (void)put(1);
  (void)put(2);
  EXPECT_EQ(begin(), 1U);
  event::Batch* begun = entry_.batch;
  for (std::uint64_t i = 3; i <= 6; ++i) (void)put(i);
  EXPECT_EQ(begun->refs.count(), 1U);
  EXPECT_EQ(begun->blocks[0]->offset, 1U);
  finish_all();
  EXPECT_EQ(begin(), 6U);
  EXPECT_EQ(gap_, 4U);
  finish_all();
  EXPECT_EQ(stats().ok, 2U);
  EXPECT_EQ(stats().dropped, 4U);
}

TEST_F(MailboxTest, EndsWhenItOverflowsAndIsToDisconnect) {
  make(Overflow::disconnect, 2);
  (void)put(1);
  (void)put(2);
  EXPECT_FALSE(mailbox_->ended());
  (void)put(3);
  EXPECT_TRUE(mailbox_->ended());
  EXPECT_EQ(mailbox_->begin(entry_, gap_), Next::gap_only);
  EXPECT_EQ(gap_, 3U);
  EXPECT_EQ(mailbox_->begin(entry_, gap_), Next::nothing);
  EXPECT_EQ(gap_, 0U) << "told once";
  EXPECT_FALSE(put(4)) << "nothing follows";
  EXPECT_EQ(mailbox_->begin(entry_, gap_), Next::nothing);
  EXPECT_EQ(stats().matched, 3U);
  EXPECT_EQ(stats().dropped, 3U);
  EXPECT_TRUE(mailbox_->idle());
}

TEST_F(MailboxTest, LetsTheEntryThatHasBegunEndWhenItDisconnects) {
  make(Overflow::disconnect, 1);
  (void)put(1, 2);
  EXPECT_EQ(begin(), 1U);
  (void)put(2);
  (void)put(3);
  EXPECT_TRUE(mailbox_->ended());
  finish({.mask = 0b01, .ok = 1});
  EXPECT_EQ(stats().ok, 1U);
  EXPECT_EQ(stats().dropped, 2U) << "the rest of the entry that had begun, and the one that was too much";
  EXPECT_EQ(stats().matched, 3U);
  EXPECT_TRUE(mailbox_->idle());
}

TEST_F(MailboxTest, RefusesFromTheFirstThatIsTooMuchUntilThereIsRoomAgain) {
  make(Overflow::refuse, 2);
  (void)put(1);
  (void)put(2);
  EXPECT_FALSE(mailbox_->refusing());
  EXPECT_EQ(refusing_, 0U);
  (void)put(3);  // What was accepted already is taken.
  (void)put(4);
  EXPECT_TRUE(mailbox_->refusing());
  EXPECT_EQ(refusing_, 1U) << "one subscription, counted once";
  EXPECT_EQ(begin(), 1U);
  finish_all();
  EXPECT_TRUE(mailbox_->refusing());
  EXPECT_EQ(begin(), 2U);
  finish_all();
  EXPECT_FALSE(mailbox_->refusing());
  EXPECT_EQ(refusing_, 0U);
  EXPECT_EQ(stats().dropped, 0U);
}

TEST_F(MailboxTest, RefusesNobodyOnceItIsClosed) {
  make(Overflow::refuse, 1);
  (void)put(1);
  (void)put(2);
  EXPECT_EQ(refusing_, 1U);
  EXPECT_TRUE(mailbox_->close(false));
  EXPECT_EQ(refusing_, 0U);
  EXPECT_FALSE(put(3));
  EXPECT_EQ(refusing_, 0U);
}

TEST_F(MailboxTest, ForgetsWhatIsQueuedWhenClosed) {
  make(Overflow::drop_oldest, 10);
  (void)put(1, 4);
  (void)put(2);
  EXPECT_TRUE(mailbox_->close(true)) << "nothing had begun: nothing to wait for";
  EXPECT_TRUE(mailbox_->ended());
  EXPECT_TRUE(mailbox_->idle());
  EXPECT_EQ(stats().dropped, 5U);
  EXPECT_FALSE(put(3));
  EXPECT_EQ(stats().matched, 5U) << "what comes after the end was not matched";
}

TEST_F(MailboxTest, SaysWhenClosedWithoutWaitingThatSomethingStillRuns) {
  make(Overflow::drop_oldest, 10);
  (void)put(1, 2);
  EXPECT_EQ(begin(), 1U);
  EXPECT_FALSE(mailbox_->close(false));
  EXPECT_FALSE(mailbox_->idle());
  finish({.mask = 0b01, .ok = 1});
  EXPECT_TRUE(mailbox_->close(false));
  EXPECT_EQ(stats().ok, 1U);
  EXPECT_EQ(stats().dropped, 1U);
}

TEST_F(MailboxTest, FinishesOneEntryAndBeginsTheNextInOneStep) {
  make(Overflow::drop_oldest, 10);
  for (std::uint64_t mark = 1; mark <= 2; ++mark) (void)put(mark);
  EXPECT_EQ(begin(), 1U);
  event::Batch* const first = entry_.batch;
  event::Batch* done = nullptr;
  EXPECT_EQ(mailbox_->finish_and_begin({.mask = entry_.mask, .ok = 1}, entry_, gap_, done), Next::entry);
  EXPECT_EQ(done, first);
  EXPECT_EQ(entry_.batch->blocks[0]->offset, 2U);
  EXPECT_FALSE(mailbox_->idle());
  event::release(done);
  EXPECT_EQ(mailbox_->finish_and_begin({.mask = entry_.mask, .ok = 1}, entry_, gap_, done), Next::nothing);
  EXPECT_TRUE(mailbox_->idle());
  EXPECT_TRUE(put(3)) << "whoever found it empty is to be woken";
  event::release(done);
  EXPECT_EQ(stats().ok, 2U);
}

TEST_F(MailboxTest, KeepsAnEntryThatIsNotWhollySettledWhenItBeginsAnew) {
  make(Overflow::drop_oldest, 10);
  (void)put(1, 2);
  EXPECT_EQ(begin(), 1U);
  event::Batch* done = nullptr;
  EXPECT_EQ(mailbox_->finish_and_begin({.mask = 0b01, .ok = 1}, entry_, gap_, done), Next::entry);
  EXPECT_EQ(done, nullptr);
  EXPECT_EQ(entry_.mask, 0b10U);
  finish_all();
}

TEST_F(MailboxTest, WaitsWhenClosedForWhatHasBegun) {
  make(Overflow::drop_oldest, 10);
  (void)put(1);
  EXPECT_EQ(begin(), 1U);
  std::atomic<bool> finishing{false};
  std::atomic<bool> too_early{false};
  std::thread closer{[&] {
    EXPECT_TRUE(mailbox_->close(true));
    too_early = !finishing;
  }};
  while (!mailbox_->ended()) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds{5});
  finishing = true;
  finish_all();
  closer.join();
  EXPECT_FALSE(too_early);
}

TEST_F(MailboxTest, WaitsWhenClosedForAGapThatIsBeingTold) {
  make(Overflow::disconnect, 1);
  (void)put(1);
  (void)put(2);
  ASSERT_EQ(mailbox_->begin(entry_, gap_), Next::gap_only);
  EXPECT_FALSE(mailbox_->close(false)) << "its subscriber is still being told";
  EXPECT_EQ(mailbox_->begin(entry_, gap_), Next::nothing);
  EXPECT_TRUE(mailbox_->close(false));
}

TEST_F(MailboxTest, ReleasesEveryBatchItWasGiven) {
  for (const Overflow overflow : {Overflow::drop_oldest, Overflow::disconnect, Overflow::refuse}) {
    make(overflow, 2);
    for (std::uint64_t i = 1; i <= 6; ++i) (void)put(i, 64);
    if (begin() != 0) finish_all();
    mailbox_.reset();
  }
  blocks_.pool.put_magazines_back();
  EXPECT_LE(blocks_.memory.used(), event::kSlabBytes) << "only the slab that batches are cut from";
}

TEST_F(MailboxTest, TellsTheAgeOfItsOldestEvent) {
  make(Overflow::drop_oldest, 10);
  EXPECT_EQ(stats().oldest_unsettled_seconds, 0);
  event::Batch* batch = blocks_.batch(2);
  batch->blocks[0]->time_ns = 0;  // Not wanted: its age does not count.
  batch->blocks[1]->time_ns -= 5'000'000'000;
  (void)mailbox_->put(batch, 0b10);
  EXPECT_GE(stats().oldest_unsettled_seconds, 5.0);
  EXPECT_LT(stats().oldest_unsettled_seconds, 3'600.0);
}

TEST_F(MailboxTest, LosesNothingBetweenManyThatPutAndOneThatTakes) {
  make(Overflow::drop_oldest, 8);
  constexpr std::uint64_t puts = 4'000;
  std::atomic<bool> done{false};
  std::atomic<std::uint64_t> wake_ups{0};
  std::atomic<std::uint64_t> told{0};
  std::thread taker{[&] {
    std::uint64_t woken = 0;
    for (bool last = false; !last;) {
      last = done;
      if (wake_ups == woken && !last) continue;  // Sleeps until asked: a lost wake-up shows as lag at the end.
      woken = wake_ups;
      Mailbox::Entry entry;
      std::uint64_t gap = 0;
      for (;;) {
        const Next next = mailbox_->begin(entry, gap);
        told += gap;
        if (next != Next::entry) break;
        finish({.mask = entry.mask, .ok = static_cast<std::uint64_t>(__builtin_popcountll(entry.mask))});
      }
    }
  }};
  for (std::uint64_t i = 0; i < puts; ++i) {
    if (put(i + 1, 1 + i % 3)) ++wake_ups;
  }
  done = true;
  taker.join();
  const SubscriptionStats last = stats();
  EXPECT_EQ(last.matched, last.ok + last.dropped);
  EXPECT_EQ(told, last.dropped);
  EXPECT_TRUE(mailbox_->idle());
}

}  // namespace
}  // namespace penstock::delivery
