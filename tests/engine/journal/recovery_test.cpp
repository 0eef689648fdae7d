#include "journal/recovery.hpp"

#include "engine/journal/journals.hpp"
#include "journal/segment.hpp"
#include "support/memory_disk.hpp"
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace penstock::journal {
namespace {

class RecoveryTest : public testing::Test {
 protected:
  static constexpr const char* kFirst = "j/00000000000000000001.seg";

  /// As a killed process leaves it: events 1 to 10 in one batch each, nothing closed.
  RecoveryTest() {
    const auto journal = Journal::open(disk_, options_);
    for (std::uint64_t i = 1; i <= 10; ++i) events_.append(*journal, i, 1);
    killed_ = disk_.copy();
  }

  [[nodiscard]] std::size_t used() { return killed_.contents(kFirst).find_last_not_of('\0') + 1; }

  JournalOptions options_{.dir = "j", .segment_bytes = 16U << 10U, .dedup_bytes = 1U << 16U};
  test::MemoryDisk disk_;
  test::MemoryDisk killed_;
  test::Events events_;
};

TEST_F(RecoveryTest, FindsAllThatAKilledProcessWrote) {
  Recovered found = recover(killed_, options_);
  EXPECT_EQ(found.next_offset, 11U);
  EXPECT_FALSE(found.opened.torn);
  EXPECT_EQ(found.opened.events_scanned, 10U);
  EXPECT_EQ(found.position, used());
  EXPECT_EQ(found.last_time_ns, test::kNow);
}

TEST_F(RecoveryTest, SyncsWhatWasOnItsWayBeforeAnyoneIsToldOfIt) {
  const std::uint64_t syncs = killed_.calls(test::Call::sync);
  Recovered found = recover(killed_, options_);
  EXPECT_GE(killed_.calls(test::Call::sync) - syncs, 2U) << "the segment, and the state";
}

TEST_F(RecoveryTest, CutsATornEndAndMakesTheCutLast) {
  std::string& bytes = killed_.contents(kFirst);
  bytes[used() - 1] = static_cast<char>(bytes[used() - 1] ^ 1);
  const std::size_t was_used = used();
  Recovered found = recover(killed_, options_);
  EXPECT_TRUE(found.opened.torn);
  EXPECT_EQ(found.next_offset, 10U);
  EXPECT_LT(used(), was_used) << "nothing is left behind the last whole record";
  EXPECT_EQ(used(), found.position);
  EXPECT_EQ(killed_.contents(kFirst).size(), options_.segment_bytes) << "and the segment is set aside again";
}

TEST_F(RecoveryTest, RefusesWhatLaterBatchesProveWasSynced) {
  std::string& bytes = killed_.contents(kFirst);
  bytes[used() / 2] = static_cast<char>(bytes[used() / 2] ^ 1);
  try {
    (void)recover(killed_, options_);
    FAIL() << "opened";
  } catch (const Damaged& damaged) {
    EXPECT_EQ(damaged.damage().segment, "00000000000000000001.seg");
    EXPECT_GE(damaged.damage().offset, 5U);
    EXPECT_LE(damaged.damage().offset, 7U);
    EXPECT_NE(std::string{damaged.what()}.find("--skip-damaged"), std::string::npos) << "says how to mend";
  }
}

TEST_F(RecoveryTest, ForgetsNoDamageOfAJournalThatWasClosed) {
  { const auto journal = Journal::open(killed_, options_); }
  killed_.contents(kFirst).resize(used() - 1);
  EXPECT_THROW((void)recover(killed_, options_), Damaged) << "event 10 was known to be synced";
}

TEST_F(RecoveryTest, SkipsDamageWhenToldToAndGoesOnInASegmentOfItsOwn) {
  std::string& bytes = killed_.contents(kFirst);
  bytes[used() / 2] = static_cast<char>(bytes[used() / 2] ^ 1);
  options_.skip_damaged = true;
  const auto journal = Journal::open(killed_, options_);
  ASSERT_EQ(journal->opened().skipped.size(), 1U);
  const std::uint64_t missing = journal->opened().skipped[0].offset;
  EXPECT_EQ(journal->next_offset(), 11U);
  EXPECT_EQ(events_.append(*journal, 11, 1)[0].offset, 11U);
  EXPECT_TRUE(killed_.has("j/" + segment_name(11)));
  auto expected = test::numbers(1, 11);
  std::erase(expected, missing);
  EXPECT_EQ(events_.read(*journal), expected);
}

TEST_F(RecoveryTest, RaisesTheEpochWithEachOpening) {
  const std::uint32_t first = recover(killed_, options_).state.epoch;
  EXPECT_EQ(recover(killed_, options_).state.epoch, first + 1);
}

TEST_F(RecoveryTest, NeverTakesARecordOfAnEarlierRunForOneOfItsOwn) {
  // The run before had written event 11 here; its bytes came back after the end was cut.
  const std::string old = killed_.contents(kFirst);
  Recovered found = recover(killed_, options_);
  const std::size_t record = (old.find_last_not_of('\0') + 1 - kSegmentHeadBytes) / 10;
  found.lock.reset();
  const auto journal = Journal::open(killed_, options_);
  events_.append(*journal, 11, 1);
  std::string& bytes = killed_.contents(kFirst);
  const std::size_t end = bytes.find_last_not_of('\0') + 1;
  RecordHeader header = read_header(old.data() + kSegmentHeadBytes);
  header.offset = 12;
  header.batch_index = 0;
  bytes.replace(end, record, old.substr(kSegmentHeadBytes, record));
  write_header(bytes.data() + end, header, journal->segment_of(1)->crc_seed);
  test::MemoryDisk killed = killed_.copy();
  EXPECT_EQ(recover(killed, options_).next_offset, 12U) << "whole, in its place, but of an earlier epoch";
}

TEST_F(RecoveryTest, RefusesAJournalWithoutItsState) {
  ASSERT_EQ(killed_.unlink("j/journal.state"), 0);
  EXPECT_THROW((void)recover(killed_, options_), Damaged);
}

}  // namespace
}  // namespace penstock::journal
