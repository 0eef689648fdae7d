#include "bench.hpp"

#include "support/temporary_folder.hpp"
#include "tools/written.hpp"
#include <boost/json/parse.hpp>
#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>
#include <thread>

namespace penstock::command {
namespace {

class Bench : public testing::Test {
 protected:
  [[nodiscard]] BenchOptions options() const {
    return {.dir = folder_.text(),
            .events = 200,
            .payload_bytes = 100,
            .in_flight = {1, 16},
            .rate_per_s = 100'000,
            .time_max = std::chrono::seconds{10}};
  }
  [[nodiscard]] std::vector<boost::json::value> objects() const {
    std::vector<boost::json::value> all;
    std::istringstream in{written_.out()};
    for (std::string line; std::getline(in, line);) all.push_back(boost::json::parse(line));
    return all;
  }

  const test::TemporaryFolder folder_;
  Written written_;
};

TEST_F(Bench, GivesALineForTheJournalAndOneForTheBareDiskAndOneAtTheRate) {
  EXPECT_EQ(run_bench(options(), written_.output()), Exit::done);
  EXPECT_EQ(written_.err(), "");
  EXPECT_THAT(written_.out(), testing::MatchesRegex("NAME .*\njournal/in_flight:1/.*\ndisk/batch:1/.*\n"
                                                    "journal/in_flight:16/.*\ndisk/batch:16/.*\njournal/rate:.*\n"));
}

TEST_F(Bench, GivesAnObjectALineWithMachineAndCommit) {
  BenchOptions asked = options();
  asked.common.json = true;
  EXPECT_EQ(run_bench(asked, written_.output()), Exit::done);
  const std::vector<boost::json::value> found = objects();
  ASSERT_EQ(found.size(), 5U);
  EXPECT_EQ(found[0].at("name").as_string(), "journal/in_flight:1/payload:100");
  EXPECT_EQ(found[0].at("events").to_number<int>(), 200);
  EXPECT_NE(found[0].at("machine").as_string(), "");
  EXPECT_NE(found[0].at("commit").as_string(), "");
}

TEST_F(Bench, LeavesNothingBehind) {
  EXPECT_EQ(run_bench(options(), written_.output()), Exit::done);
  EXPECT_TRUE(std::filesystem::is_empty(folder_.text()));
}

TEST_F(Bench, EndsOnASignalWithoutFiguresAndWithoutAFolder) {
  BenchOptions asked = options();
  asked.events = 50'000'000;
  asked.time_max = std::chrono::hours{1};
  Exit status = Exit::done;
  std::thread bench{[&] { status = run_bench(asked, written_.output()); }};
  while (std::filesystem::is_empty(folder_.text())) std::this_thread::yield();
  ASSERT_EQ(std::raise(SIGINT), 0);
  bench.join();
  EXPECT_EQ(status, Exit::interrupted);
  EXPECT_EQ(written_.out(), "");
  EXPECT_TRUE(std::filesystem::is_empty(folder_.text()));
}

TEST_F(Bench, SaysWhereNoFolderCanBeMade) {
  BenchOptions asked = options();
  asked.dir = "/nowhere/at/all";
  EXPECT_EQ(run_bench(asked, written_.output()), Exit::disk_failed);
  EXPECT_THAT(written_.err(), testing::StartsWith("penstock bench: a folder in /nowhere/at/all: "));
}

}  // namespace
}  // namespace penstock::command
