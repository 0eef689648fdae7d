#include "journal/survey.hpp"

#include "engine/journal/journals.hpp"
#include "support/memory_disk.hpp"
#include <gtest/gtest.h>
#include <penstock/error.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace penstock::journal {
namespace {

class SurveyTest : public testing::Test {
 protected:
  SurveyTest() {
    const auto journal = Journal::open(disk_, {.dir = "j", .segment_bytes = 16U << 10U, .dedup_bytes = 1U << 16U});
    for (std::uint64_t i = 1; i <= 50; ++i) {
      const std::int64_t time = test::kNow + static_cast<std::int64_t>(i);
      events_.append(*journal, i, 1, {.payload_bytes = 700, .time_ns = time});
    }
  }

  test::MemoryDisk disk_;
  test::Events events_;
};

TEST_F(SurveyTest, CountsWhatIsThereAndChangesNothing) {
  const std::uint64_t changes = disk_.changes();
  std::vector<std::uint64_t> offsets;
  const Survey found = survey(disk_, "j", {}, [&](const RecordView& record) {
    offsets.push_back(record.header.offset);
    return true;
  });
  EXPECT_EQ(disk_.changes(), changes);
  EXPECT_EQ(offsets, test::numbers(1, 50));
  EXPECT_EQ(found.next_offset, 51U);
  EXPECT_FALSE(found.torn);
  EXPECT_TRUE(found.damaged.empty());
  ASSERT_GE(found.segments.size(), 3U);
  EXPECT_EQ(found.segments[0].first_offset, 1U);
  EXPECT_EQ(found.segments[0].first_time_ns, test::kNow + 1);
  EXPECT_EQ(found.segments[1].first_offset, found.segments[0].events + 1);
  EXPECT_EQ(found.segments.back().last_time_ns, test::kNow + 50);
}

TEST_F(SurveyTest, NamesEachDamagedRecordAndGoesOnBehindIt) {
  std::string& bytes = disk_.contents("j/00000000000000000001.seg");
  for (const std::size_t record : {1U, 4U}) {
    char& byte = bytes[64 + record * 950 + 300];
    byte = static_cast<char>(byte ^ 4);
  }
  std::uint64_t whole = 0;
  const Survey found = survey(disk_, "j", {}, [&](const RecordView&) { return ++whole > 0; });
  ASSERT_EQ(found.damaged.size(), 2U);
  EXPECT_EQ(found.damaged[0].text(), "00000000000000000001.seg: offset 2: the sum over its record differs");
  EXPECT_EQ(found.damaged[1].offset, 5U);
  EXPECT_EQ(whole, 48U);
  EXPECT_EQ(found.next_offset, 51U);
}

TEST_F(SurveyTest, NamesAStretchOfMissingRecordsOnce) {
  std::string& bytes = disk_.contents("j/00000000000000000001.seg");
  bytes.replace(64 + 950, 2'000, std::string(2'000, '\0'));
  const Survey found = survey(disk_, "j");
  ASSERT_EQ(found.damaged.size(), 1U);
  EXPECT_TRUE(found.damaged[0].text().starts_with("00000000000000000001.seg: offsets 2 to 4: "))
      << found.damaged[0].text();
}

TEST_F(SurveyTest, OpensNoSegmentThatEndsBeforeWhatIsAskedFor) {
  std::vector<std::uint64_t> offsets;
  const auto note = [&](const RecordView& record) {
    offsets.push_back(record.header.offset);
    return record.header.offset < 49;
  };
  const Survey found = survey(disk_, "j", {.from_offset = 48}, note);
  ASSERT_EQ(found.segments.size(), 1U);
  EXPECT_EQ(offsets, test::numbers(found.segments[0].first_offset, 49)) << "and no more than is enough";
  offsets.clear();
  const Survey by_time = survey(disk_, "j", {.from_time_ns = test::kNow + 48}, note);
  EXPECT_LT(by_time.segments.size(), survey(disk_, "j").segments.size());
  EXPECT_LE(offsets.front(), 48U);
  EXPECT_EQ(offsets.back(), 49U);
}

TEST_F(SurveyTest, RefusesADirectoryWithoutAJournal) { EXPECT_THROW((void)survey(disk_, "elsewhere"), SetupError); }

}  // namespace
}  // namespace penstock::journal
