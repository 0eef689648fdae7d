#include "journal/journal.hpp"

#include "engine/journal/journals.hpp"
#include "support/memory_disk.hpp"
#include <gtest/gtest.h>
#include <penstock/error.hpp>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace penstock::journal {
namespace {

using test::Call;
using test::kNow;
using test::kSecond;

class JournalTest : public testing::Test {
 protected:
  JournalOptions options_{.dir = "j", .segment_bytes = 16U << 10U, .dedup_bytes = 1U << 20U};
  test::MemoryDisk disk_;
  test::Events events_;
};

TEST_F(JournalTest, GivesDenseOffsetsFromOneOn) {
  const auto journal = Journal::open(disk_, options_);
  EXPECT_EQ(journal->next_offset(), 1U);
  const auto first = events_.append(*journal, 1, 3);
  const auto second = events_.append(*journal, 4, 2);
  EXPECT_EQ(first[0].outcome, Outcome::stored);
  EXPECT_EQ(first[0].offset, 1U);
  EXPECT_EQ(first[2].offset, 3U);
  EXPECT_EQ(second[1].offset, 5U);
  EXPECT_EQ(journal->next_offset(), 6U);
  EXPECT_EQ(events_.read(*journal), test::numbers(1, 5));
}

TEST_F(JournalTest, SyncsOnceForABatch) {
  const auto journal = Journal::open(disk_, options_);
  const std::uint64_t syncs = disk_.calls(Call::sync);
  const std::uint64_t writes = disk_.calls(Call::write);
  events_.append(*journal, 1, 40);
  EXPECT_EQ(disk_.calls(Call::sync) - syncs, 1U);
  EXPECT_EQ(disk_.calls(Call::write) - writes, 1U);
}

TEST_F(JournalTest, GoesOnWhereItEnded) {
  {
    const auto journal = Journal::open(disk_, options_);
    events_.append(*journal, 1, 10);
  }
  const auto journal = Journal::open(disk_, options_);
  EXPECT_FALSE(journal->opened().torn);
  EXPECT_EQ(journal->next_offset(), 11U);
  EXPECT_EQ(events_.append(*journal, 11, 1)[0].offset, 11U);
  EXPECT_EQ(events_.read(*journal), test::numbers(1, 11));
}

TEST_F(JournalTest, BeginsSegmentsAndReadsAcrossThem) {
  const auto journal = Journal::open(disk_, options_);
  for (std::uint64_t i = 0; i < 40; ++i) events_.append(*journal, i * 10 + 1, 10, {.payload_bytes = 500});
  EXPECT_EQ(events_.read(*journal), test::numbers(1, 400));
  EXPECT_EQ(events_.read(*journal, 137), test::numbers(137, 400));
  EXPECT_GT(journal->segment_of(400)->first_offset, 300U);
}

TEST_F(JournalTest, LetsOneBatchSpanSegments) {
  const auto journal = Journal::open(disk_, options_);
  const auto stored = events_.append(*journal, 1, 100, {.payload_bytes = 1'000});
  EXPECT_EQ(stored[99].offset, 100U);
  EXPECT_EQ(events_.read(*journal), test::numbers(1, 100));
}

TEST_F(JournalTest, GivesAnEventThatIsLargerThanASegmentOneOfItsOwn) {
  const auto journal = Journal::open(disk_, options_);
  events_.append(*journal, 1, 1);
  EXPECT_EQ(events_.append(*journal, 2, 1, {.payload_bytes = 100'000})[0].outcome, Outcome::stored);
  events_.append(*journal, 3, 1);
  EXPECT_EQ(events_.read(*journal), test::numbers(1, 3));
}

TEST_F(JournalTest, NeverLetsItsTimeGoBack) {
  const auto journal = Journal::open(disk_, options_);
  std::vector<event::Block*> blocks;
  for (const std::int64_t time : {kNow, kNow - kSecond, kNow + kSecond}) {
    blocks.push_back(events_.event(blocks.size() + 1, {.time_ns = time}));
  }
  std::vector<Stored> stored(3);
  journal->append(blocks, stored);
  EXPECT_EQ(blocks[0]->time_ns, kNow);
  EXPECT_EQ(blocks[1]->time_ns, kNow) << "the event says what the journal says";
  EXPECT_EQ(blocks[2]->time_ns, kNow + kSecond);
  EXPECT_EQ(blocks[2]->offset, 3U);
  for (event::Block* block : blocks) events_.pool.give(block);
}

TEST_F(JournalTest, TellsASecondCopyTheFirstOnesOffsetAndId) {
  const auto journal = Journal::open(disk_, options_);
  const test::Made made{.delivery_id = "a", .secret = journal->dedup_secret()};
  const Stored first = events_.append(*journal, 1, 1, made)[0];
  events_.append(*journal, 2, 1);
  const Stored second = events_.append(*journal, 3, 1, made)[0];
  EXPECT_EQ(second.outcome, Outcome::duplicate);
  EXPECT_EQ(second.offset, 1U);
  EXPECT_EQ(second.id, first.id);
  EXPECT_EQ(events_.read(*journal), test::numbers(1, 2));
}

TEST_F(JournalTest, TakesOneOfTwoCopiesInOneBatch) {
  const auto journal = Journal::open(disk_, options_);
  const auto stored = events_.append(*journal, 1, 3, {.delivery_id = "a", .secret = journal->dedup_secret()});
  EXPECT_EQ(stored[0].outcome, Outcome::stored);
  EXPECT_EQ(stored[1].outcome, Outcome::duplicate);
  EXPECT_EQ(stored[2].offset, 1U);
  EXPECT_EQ(stored[2].id, stored[0].id);
  EXPECT_EQ(journal->next_offset(), 2U);
}

TEST_F(JournalTest, KnowsADuplicateAcrossARestart) {
  options_.dedup_window_max = std::chrono::hours{24 * 365 * 50};  // The events of this test are of 2026.
  for (const bool kept : {false, true}) {
    test::MemoryDisk disk;
    {
      const auto journal = Journal::open(disk, options_);
      events_.append(*journal, 1, 1, {.delivery_id = "old", .secret = journal->dedup_secret()});
      for (std::uint64_t i = 2; i < 60; ++i) events_.append(*journal, i, 1, {.payload_bytes = 900});
      events_.append(*journal, 60, 1, {.delivery_id = "new", .secret = journal->dedup_secret()});
      if (kept) journal->write_ids();
    }
    EXPECT_EQ(disk.has("j/00000000000000000001.ids"), kept);
    const auto journal = Journal::open(disk, options_);
    EXPECT_TRUE(disk.has("j/00000000000000000001.ids")) << "who had to read the segment keeps what he found";
    const auto secret = journal->dedup_secret();
    EXPECT_EQ(events_.append(*journal, 61, 1, {.delivery_id = "old", .secret = secret})[0].offset, 1U);
    EXPECT_EQ(events_.append(*journal, 61, 1, {.delivery_id = "new", .secret = secret})[0].offset, 60U);
  }
}

TEST_F(JournalTest, SaysFullWhenTheDiskIsAndGoesOnWhenItIsNot) {
  const auto journal = Journal::open(disk_, options_);
  disk_.limit(20U << 10U);
  Outcome last = Outcome::stored;
  std::uint64_t number = 0;
  while (last == Outcome::stored) {
    last = events_.append(*journal, number + 1, 1, {.payload_bytes = 1'000})[0].outcome;
    number += last == Outcome::stored ? 1 : 0;
  }
  EXPECT_EQ(last, Outcome::full);
  EXPECT_EQ(journal->failure(), nullptr);
  EXPECT_FALSE(journal->room());
  journal->prepare_next();
  EXPECT_FALSE(journal->room()) << "still full";
  disk_.limit(1U << 20U);
  journal->prepare_next();
  EXPECT_TRUE(journal->room());
  EXPECT_EQ(events_.append(*journal, number + 1, 1, {.payload_bytes = 1'000})[0].offset, number + 1);
  EXPECT_EQ(events_.read(*journal), test::numbers(1, number + 1));
}

TEST_F(JournalTest, SaysAheadOfTimeThatThereWillBeNoRoom) {
  const auto journal = Journal::open(disk_, options_);
  disk_.limit(20U << 10U);
  journal->prepare_next();
  EXPECT_TRUE(journal->room()) << "this segment is still empty";
  events_.append(*journal, 1, 11, {.payload_bytes = 1'000});
  EXPECT_FALSE(journal->room()) << "less than a quarter of it is left";
}

TEST_F(JournalTest, ForgetsAnIdWhoseEventFoundNoRoom) {
  const auto journal = Journal::open(disk_, options_);
  disk_.limit(0);
  const test::Made made{.payload_bytes = 20'000, .delivery_id = "a", .secret = journal->dedup_secret()};
  EXPECT_EQ(events_.append(*journal, 1, 1, made)[0].outcome, Outcome::full);
  disk_.limit(1U << 20U);
  EXPECT_EQ(events_.append(*journal, 1, 1, made)[0].outcome, Outcome::stored);
}

TEST_F(JournalTest, StopsForGoodAtTheFirstFailedSync) {
  const auto journal = Journal::open(disk_, options_);
  events_.append(*journal, 1, 1);
  const std::uint64_t syncs = disk_.calls(Call::sync);
  disk_.fail(Call::sync, 1, EIO);
  const auto stored = events_.append(*journal, 2, 2);
  EXPECT_EQ(stored[0].outcome, Outcome::failed);
  EXPECT_EQ(stored[1].outcome, Outcome::failed);
  ASSERT_NE(journal->failure(), nullptr);
  EXPECT_EQ(journal->failure()->error(), EIO);
  EXPECT_EQ(events_.append(*journal, 4, 1)[0].outcome, Outcome::failed) << "though the disk would do it now";
  EXPECT_EQ(disk_.calls(Call::sync) - syncs, 1U) << "never a second try";
  EXPECT_EQ(journal->next_offset(), 2U);
  EXPECT_EQ(events_.read(*journal), test::numbers(1, 1)) << "what was not synced is not read";
}

TEST_F(JournalTest, StopsForGoodAtTheFirstFailedWrite) {
  const auto journal = Journal::open(disk_, options_);
  disk_.fail(Call::write, 1, ENOSPC);
  EXPECT_EQ(events_.append(*journal, 1, 1)[0].outcome, Outcome::failed);
  ASSERT_NE(journal->failure(), nullptr);
  EXPECT_NE(std::string{journal->failure()->what()}.find("write"), std::string::npos);
}

TEST_F(JournalTest, TakesNoticeOfNoInterruptionAndNoShortWrite) {
  for (const int error : {EINTR, 0}) {
    const auto journal = Journal::open(disk_, options_);
    const std::uint64_t next = journal->next_offset();
    disk_.fail(Call::write, 1, error);
    EXPECT_EQ(events_.append(*journal, next, 5)[4].outcome, Outcome::stored);
    EXPECT_TRUE(disk_.failed());
    EXPECT_EQ(events_.read(*journal), test::numbers(1, next + 4));
  }
}

TEST_F(JournalTest, LetsWholeSegmentsGoByBytesAndTellsReadersOfTheGap) {
  options_.retain_bytes = 40U << 10U;
  options_.retain_age = {};
  const auto journal = Journal::open(disk_, options_);
  for (std::uint64_t i = 1; i <= 100; ++i) events_.append(*journal, i, 1, {.payload_bytes = 1'000});
  journal->keep(kNow);
  EXPECT_LE(journal->bytes(), 40U << 10U);
  const std::uint64_t first = journal->first_offset();
  EXPECT_GT(first, 50U);
  Reader reader{*journal, events_.pool, 10};
  event::Block* block = nullptr;
  const Reading gap = reader.read({&block, 1});
  EXPECT_EQ(gap.what, Read::gap);
  EXPECT_EQ(gap.from, 10U);
  EXPECT_EQ(reader.position(), first);
  EXPECT_EQ(events_.read(*journal, first), test::numbers(first, 100));
  EXPECT_FALSE(disk_.has("j/00000000000000000001.seg"));
  EXPECT_FALSE(disk_.has("j/00000000000000000001.ids"));
}

TEST_F(JournalTest, LetsSegmentsGoByAgeButNeverTheLast) {
  options_.retain_age = std::chrono::hours{1};
  const auto journal = Journal::open(disk_, options_);
  for (std::uint64_t i = 1; i <= 100; ++i) {
    const auto time = kNow + static_cast<std::int64_t>(i) * 60 * kSecond;
    events_.append(*journal, i, 1, {.payload_bytes = 1'000, .time_ns = time});
  }
  journal->retain(kNow + 100 * 60 * kSecond);
  EXPECT_GT(journal->first_offset(), 20U);
  EXPECT_LE(journal->first_offset(), 40U) << "an event younger than an hour went";
  journal->retain(kNow + 1'000'000 * kSecond);
  EXPECT_EQ(events_.read(*journal, journal->first_offset()), test::numbers(journal->first_offset(), 100));
  EXPECT_EQ(journal->next_offset(), 101U);
}

TEST_F(JournalTest, FindsThePlaceOfATime) {
  const auto journal = Journal::open(disk_, options_);
  for (std::uint64_t i = 1; i <= 100; ++i) {
    events_.append(*journal, i, 1, {.payload_bytes = 1'000, .time_ns = kNow + static_cast<std::int64_t>(i) * kSecond});
  }
  EXPECT_EQ(journal->position_for(kNow), 1U);
  EXPECT_EQ(journal->position_for(kNow + 37 * kSecond), 37U);
  EXPECT_EQ(journal->position_for(kNow + 37 * kSecond + 1), 38U);
  EXPECT_EQ(journal->position_for(kNow + 100 * kSecond), 100U);
  EXPECT_EQ(journal->position_for(kNow + 101 * kSecond), 101U) << "now";
}

TEST_F(JournalTest, IsHeldByOneAtATime) {
  const auto journal = Journal::open(disk_, options_);
  try {
    (void)Journal::open(disk_, options_);
    FAIL() << "opened twice";
  } catch (const SetupError& error) {
    EXPECT_NE(std::string{error.what()}.find("process 4711"), std::string::npos) << error.what();
  }
}

TEST_F(JournalTest, RefusesASegmentThatIsTooSmall) {
  options_.segment_bytes = 4'095;
  EXPECT_THROW((void)Journal::open(disk_, options_), SetupError);
}

}  // namespace
}  // namespace penstock::journal
