#include "support/broker_maker.hpp"
#include <gtest/gtest.h>
#include <penstock/journal_survey.hpp>

#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace penstock {
namespace {

class JournalSurveyTest : public testing::Test {
 protected:
  JournalSurveyTest() { std::filesystem::remove_all(dir_); }
  ~JournalSurveyTest() override { std::filesystem::remove_all(dir_); }

  /// Publishes one event each, of at most 1 KiB; four of that size fill a segment.
  void fill(const std::vector<std::string>& payloads) {
    Broker broker{{.memory_bytes_max = 32U << 20U, .journal = JournalOptions{.dir = dir_, .segment_bytes = 8U << 10U}}};
    broker.route("github", Route::header("x-github-event"));
    Publisher publisher = broker.publisher();
    for (const std::string& payload : payloads) {
      while (test::publish(publisher, "github", payload, {{"X-GitHub-Event", "push"}}) != Verdict::accepted) {
        std::this_thread::yield();
      }
    }
    broker.close();
  }

  std::vector<std::uint64_t> offsets(JournalSurveyOptions options = {}, std::size_t count = SIZE_MAX) {
    std::vector<std::uint64_t> seen;
    options.visit = [&](const Event& event) {
      seen.push_back(event.offset());
      return seen.size() < count;
    };
    (void)survey_journal(dir_, options);
    return seen;
  }

  const std::string dir_ = testing::TempDir() + "penstock.JournalSurveyTest." +
                           testing::UnitTest::GetInstance()->current_test_info()->name();
};

using Offsets = std::vector<std::uint64_t>;

TEST_F(JournalSurveyTest, ShowsEachEventAsItWasPublished) {
  const std::string all_bytes = [] {
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
    return bytes;
  }();
  fill({"one", all_bytes, ""});
  std::vector<std::string> payloads;
  const JournalSurvey found = survey_journal(dir_, {.visit = [&](const Event& event) {
                                               payloads.emplace_back(event.payload());
                                               EXPECT_EQ(event.topic(), "github.push");
                                               EXPECT_EQ(event.base_topic(), "github");
                                               EXPECT_EQ(event.metadata("x-github-event"), "push");
                                               return true;
                                             }});
  EXPECT_EQ(payloads, (std::vector<std::string>{"one", all_bytes, ""}));
  EXPECT_EQ(found.next_offset, 4U);
  EXPECT_FALSE(found.torn);
  EXPECT_TRUE(found.damaged.empty());
  ASSERT_EQ(found.segments.size(), 1U);
  EXPECT_EQ(found.segments[0].events, 3U);
  EXPECT_EQ(found.segments[0].file_bytes, std::filesystem::file_size(dir_ + "/" + found.segments[0].name));
  EXPECT_LE(found.segments[0].first_time, found.segments[0].last_time);
  EXPECT_GT(found.segments[0].first_time, std::chrono::system_clock::time_point{});
}

TEST_F(JournalSurveyTest, BeginsWhereItIsToldToAndEndsWhenItIsEnough) {
  fill(std::vector<std::string>(20, std::string(1'000, 'x')));
  ASSERT_GE(survey_journal(dir_).segments.size(), 3U);
  EXPECT_EQ(offsets({.from_offset = 19}), (Offsets{19, 20}));
  EXPECT_EQ(offsets({.from_offset = 5}, 2), (Offsets{5, 6}));
  EXPECT_EQ(offsets({.from_offset = 21}), Offsets{});
  EXPECT_LT(survey_journal(dir_, {.from_offset = 19}).segments.size(), 3U) << "files that end before are not read";
}

TEST_F(JournalSurveyTest, BeginsAtATime) {
  fill(std::vector<std::string>(20, std::string(1'000, 'x')));
  std::vector<std::chrono::system_clock::time_point> times;
  (void)survey_journal(dir_, {.visit = [&](const Event& event) {
                         times.push_back(event.time());
                         return true;
                       }});
  ASSERT_EQ(times.size(), 20U);
  const Offsets seen = offsets({.from_time = times[12]});
  ASSERT_FALSE(seen.empty());
  EXPECT_LE(seen.front(), 13U) << "events may share a time";
  EXPECT_EQ(times[seen.front() - 1], times[12]);
  EXPECT_EQ(seen.back(), 20U);
  EXPECT_EQ(offsets({.from_time = times.back() + std::chrono::seconds{1}}), Offsets{});
}

TEST_F(JournalSurveyTest, AnEventThatIsKeptOutlivesIt) {
  fill({"kept"});
  std::optional<Event> kept;
  (void)survey_journal(dir_, {.visit = [&](const Event& event) {
                         kept = event;
                         return true;
                       }});
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->payload(), "kept");
}

TEST_F(JournalSurveyTest, LetsThroughWhatVisitThrows) {
  fill({"a", "b"});
  EXPECT_THROW((void)survey_journal(dir_, {.visit = [](const Event&) -> bool { throw std::out_of_range{"x"}; }}),
               std::out_of_range);
  EXPECT_EQ(offsets(), (Offsets{1, 2}));
}

TEST_F(JournalSurveyTest, TellsDamageFromWhatIsThere) {
  fill({"first", "second", "third"});
  const std::string path = dir_ + "/" + survey_journal(dir_).segments.at(0).name;
  std::string bytes{std::istreambuf_iterator<char>{std::ifstream{path, std::ios::binary}.rdbuf()}, {}};
  const std::size_t at = bytes.find("second");
  ASSERT_NE(at, std::string::npos);
  std::fstream{path, std::ios::binary | std::ios::in | std::ios::out}.seekp(static_cast<std::streamoff>(at)).put('S');
  const JournalSurvey found = survey_journal(dir_);
  ASSERT_EQ(found.damaged.size(), 1U);
  EXPECT_EQ(found.damaged[0].offset, 2U);
  EXPECT_EQ(found.damaged[0].text(), "00000000000000000001.seg: offset 2: the sum over its record differs");
  EXPECT_EQ(offsets(), (Offsets{1, 3}));
}

TEST_F(JournalSurveyTest, NeedsAJournalAndADiskThatReads) {
  EXPECT_THROW((void)survey_journal(dir_), SetupError) << "no such directory";
  std::filesystem::create_directory(dir_);
  EXPECT_THROW((void)survey_journal(dir_), SetupError) << "nothing in it";
  const std::string loop = dir_ + "/loop";
  std::filesystem::create_symlink(loop, loop);
  EXPECT_THROW((void)survey_journal(loop), JournalError);
}

}  // namespace
}  // namespace penstock
