#include "measuring/journal_run.hpp"

#include "support/temporary_folder.hpp"
#include <gtest/gtest.h>
#include <penstock/journal_survey.hpp>

#include <filesystem>
#include <fstream>

namespace penstock::measuring {
namespace {

class JournalRunTest : public testing::Test {
 protected:
  [[nodiscard]] std::string dir() const { return folder_.text() + "/journal"; }
  test::TemporaryFolder folder_;
};

TEST_F(JournalRunTest, MeasuresEventsThatAreReallyInTheJournal) {
  JournalRun run{dir(), 100};
  const Figures closed = run.in_flight(8, {.events = 400});
  EXPECT_EQ(closed.name, "journal/in_flight:8/payload:100");
  EXPECT_EQ(closed.events, 400U);
  EXPECT_GT(closed.latency.p50, 0U);
  EXPECT_LE(closed.latency.p50, closed.latency.max);
  EXPECT_NO_THROW(run.verify());
  std::uint64_t events = 0;
  (void)survey_journal(dir(), {.visit = [&events](const Event& event) {
                         EXPECT_EQ(event.payload(), std::string(100, 'x'));
                         return ++events != 0;
                       }});
  EXPECT_EQ(events, 420U) << "20 to warm up";
}

TEST_F(JournalRunTest, CountsAtARateFromWhenEachWasDue) {
  JournalRun run{dir(), 100};
  const Figures found = run.at_rate(1e9, {.events = 2'000});
  EXPECT_EQ(found.name, "journal/rate:1000000000/payload:100");
  EXPECT_EQ(found.events, 2'000U);
  // All are due at once: who comes last has waited for all before, in the end as long as everything took.
  EXPECT_GT(found.latency.max, static_cast<std::uint64_t>(found.seconds * 0.5e9));
  EXPECT_NO_THROW(run.verify());
}

TEST_F(JournalRunTest, EndsWhenItIsTold) {
  JournalRun run{dir(), 100};
  int asked = 0;
  EXPECT_LT(run.in_flight(1, {.events = 10'000, .stop = [&asked] { return ++asked > 50; }}).events, 50U);
  EXPECT_EQ(run.in_flight(1, {.events = 10'000, .time_max = std::chrono::milliseconds{0}}).events, 0U);
  EXPECT_NO_THROW(run.verify());
}

TEST_F(JournalRunTest, GivesNoFigureOfADamagedJournal) {
  JournalRun run{dir(), 100};
  (void)run.in_flight(4, {.events = 100});
  std::fstream file{dir() + "/00000000000000000001.seg", std::ios::in | std::ios::out | std::ios::binary};
  ASSERT_TRUE(file);
  file.seekp(6'000);
  file.write("damage", 6);
  file.close();
  EXPECT_THROW(run.verify(), WrongAnswer);
}

}  // namespace
}  // namespace penstock::measuring
