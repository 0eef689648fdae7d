#include "journal.hpp"

#include "support/broker_maker.hpp"
#include "tools/config/reading.hpp"
#include "tools/written.hpp"
#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <penstock/broker.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace penstock::command {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kSegment = "00000000000000000001.seg";

class JournalCommand : public testing::Test {
 protected:
  JournalCommand() : dir_{std::filesystem::path{folder_.write("p.yaml", "")}.parent_path().string() + "/data"} {}

  BrokerOptions with_journal() const {
    return {.memory_bytes_max = 32U << 20U, .journal = JournalOptions{.dir = dir_, .segment_bytes = 64U << 10U}};
  }

  /// Publishes one event each to topic `github`, and closes the journal.
  void fill(const std::vector<std::string>& payloads) const {
    Broker broker{with_journal()};
    Publisher publisher = broker.publisher();
    for (const std::string& payload : payloads) test::publish_surely(publisher, "github", payload);
    broker.close();
  }

  Exit run(JournalAction action, Common common = {}, ExportRange range = {}) {
    return run({.common = std::move(common), .action = action, .dir = dir_, .range = std::move(range)});
  }

  Exit run(const JournalCommandOptions& options) {
    written_ = std::make_unique<Written>();
    return run_journal(options, config::environment_of({}), written_->output());
  }

  [[nodiscard]] std::vector<std::string> lines() const {
    std::vector<std::string> all;
    std::istringstream in{written_->out()};
    for (std::string line; std::getline(in, line);) all.push_back(line);
    return all;
  }

  [[nodiscard]] std::vector<std::int64_t> offsets() const {
    std::vector<std::int64_t> all;
    for (const std::string& line : lines()) all.push_back(boost::json::parse(line).at("offset").as_int64());
    return all;
  }

  [[nodiscard]] std::string bytes() const {
    std::ostringstream text;
    text << std::ifstream{dir_ + '/' + kSegment, std::ios::binary}.rdbuf();
    return text.str();
  }

  /// Turns one bit of the first place where `text` lies.
  void damage(const std::string& text) const {
    std::string all = bytes();
    const std::size_t at = all.find(text);
    ASSERT_NE(at, std::string::npos);
    all[at] = static_cast<char>(all[at] ^ 1);
    std::ofstream{dir_ + '/' + kSegment, std::ios::binary} << all;
  }

  Folder folder_;
  const std::string dir_;
  std::unique_ptr<Written> written_;
};

TEST_F(JournalCommand, StatTellsWhatIsThere) {
  fill({"{}", "[1]", "text"});
  EXPECT_EQ(run(JournalAction::stat), Exit::done);
  ASSERT_EQ(lines().size(), 3U);
  EXPECT_THAT(lines()[0], StartsWith("SEGMENT "));
  EXPECT_THAT(lines()[1], StartsWith(std::string{kSegment} + " "));
  EXPECT_THAT(lines()[2], StartsWith("total: 3 events, offsets 1 to 3, in 1 file, "));
  EXPECT_EQ(written_->err(), "");
}

TEST_F(JournalCommand, StatTellsTheSameAsJson) {
  fill({"{}", "[1]", "text"});
  EXPECT_EQ(run(JournalAction::stat, {.json = true}), Exit::done);
  const boost::json::value stat = boost::json::parse(written_->out());
  EXPECT_EQ(stat.at("dir"), boost::json::value(dir_));
  ASSERT_EQ(stat.at("segments").as_array().size(), 1U);
  const boost::json::value& segment = stat.at("segments").at(0);
  EXPECT_EQ(segment.at("name"), boost::json::value(kSegment));
  EXPECT_EQ(segment.at("first_offset"), boost::json::value(1));
  EXPECT_EQ(segment.at("events"), boost::json::value(3));
  EXPECT_EQ(segment.at("file_bytes").to_number<std::uint64_t>(), bytes().size());
  EXPECT_LT(segment.at("bytes").to_number<std::uint64_t>(), bytes().size());
  EXPECT_LE(segment.at("first_time").as_string(), segment.at("last_time").as_string());
  EXPECT_EQ(stat.at("total").at("events"), boost::json::value(3));
  EXPECT_EQ(stat.at("total").at("next_offset"), boost::json::value(4));
  EXPECT_EQ(stat.at("total").at("bytes"), segment.at("bytes"));
  EXPECT_EQ(stat.at("torn"), boost::json::value(false));
  EXPECT_EQ(stat.at("damaged"), boost::json::value(0));
}

TEST_F(JournalCommand, AJournalWithoutEventsHasNoTimes) {
  fill({});
  EXPECT_EQ(run(JournalAction::stat), Exit::done);
  EXPECT_THAT(written_->out(), HasSubstr("total: 0 events, in 1 file, "));
  EXPECT_EQ(run(JournalAction::stat, {.json = true}), Exit::done);
  EXPECT_TRUE(boost::json::parse(written_->out()).at("total").at("first_time").is_null());
  EXPECT_EQ(run(JournalAction::write_out), Exit::done);
  EXPECT_EQ(written_->out(), "");
}

TEST_F(JournalCommand, VerifyOfAWholeJournalPrintsNoDamageAndIsDone) {
  fill({"{}", "[1]"});
  EXPECT_EQ(run(JournalAction::verify), Exit::done);
  EXPECT_EQ(written_->out(), "");
  EXPECT_EQ(written_->err(), "penstock journal: " + dir_ + ": 2 events, offsets 1 to 2, in 1 file: all whole\n");
  EXPECT_EQ(run(JournalAction::verify, {.quiet = true}), Exit::done);
  EXPECT_EQ(written_->err(), "");
}

TEST_F(JournalCommand, VerifyNamesTheOneDamagedRecordAndChangesNothing) {
  fill({"first", "second", "third"});
  damage("second");
  const std::string before = bytes();
  EXPECT_EQ(run(JournalAction::verify), Exit::failed);
  EXPECT_EQ(written_->out(), std::string{kSegment} + ": offset 2: the sum over its record differs\n");
  EXPECT_EQ(bytes(), before);
  EXPECT_EQ(run(JournalAction::verify, {.json = true}), Exit::failed);
  const boost::json::value found = boost::json::parse(written_->out());
  EXPECT_EQ(found.at("ok"), boost::json::value(false));
  EXPECT_EQ(found.at("events"), boost::json::value(2));
  ASSERT_EQ(found.at("damaged").as_array().size(), 1U);
  EXPECT_EQ(found.at("damaged").at(0),
            boost::json::parse(R"({"segment":"00000000000000000001.seg","offset":2,"last_offset":2,)"
                               R"("why":"the sum over its record differs"})"));
}

TEST_F(JournalCommand, VerifyNamesWhatABrokerRefusesToStartOn) {
  fill({"first", "second", "third"});
  damage("second");
  EXPECT_EQ(run(JournalAction::verify), Exit::failed);
  try {
    const Broker broker{with_journal()};
    FAIL() << "it started";
  } catch (const JournalError& error) {
    EXPECT_THAT(error.what(), StartsWith(lines().at(0)));
  }
}

TEST_F(JournalCommand, ExportGivesWhatWasPublishedByteForByte) {
  const std::string binary{"\0\xff\r\n\"", 5};
  fill({R"({ "number": 5.0, "text": "\u00e4 ä" })", binary, ""});
  EXPECT_EQ(run(JournalAction::write_out), Exit::done);
  ASSERT_EQ(lines().size(), 3U);
  EXPECT_THAT(lines()[0], StartsWith(R"({"offset":1,"id":")"));
  EXPECT_THAT(lines()[0], HasSubstr(R"(","source":"github","topic":"github","time":")"));
  EXPECT_THAT(lines()[0], testing::EndsWith(R"("payload":{ "number": 5.0, "text": "\u00e4 ä" }})"));
  EXPECT_THAT(lines()[1], testing::EndsWith(R"("payload_base64":"AP8NCiI="})"));
  EXPECT_THAT(lines()[2], testing::EndsWith(R"("payload_base64":""})"));
  EXPECT_EQ(written_->err(), "");
}

TEST_F(JournalCommand, ExportKeepsAnEventOnOneLineAndInBase64EveryByteOfIt) {
  fill({"{\n\"a\":\r\n1}"});
  EXPECT_EQ(run(JournalAction::write_out), Exit::done);
  EXPECT_THAT(written_->out(), testing::EndsWith("\"payload\":{ \"a\":  1}}\n"));
  EXPECT_EQ(run(JournalAction::write_out, {}, {.base64 = true}), Exit::done);
  EXPECT_THAT(written_->out(), testing::EndsWith("\"payload_base64\":\"ewoiYSI6DQoxfQ==\"}\n"));
}

TEST_F(JournalCommand, ExportTakesARangeOfWhichBothEndsBelongToIt) {
  fill({"1", "2", "3", "4", "5"});
  const auto exported = [&](ExportRange range) {
    EXPECT_EQ(run(JournalAction::write_out, {}, std::move(range)), Exit::done);
    return offsets();
  };
  EXPECT_THAT(exported({.from = "2", .to = "4"}), ElementsAre(2, 3, 4));
  EXPECT_THAT(exported({.from = "4"}), ElementsAre(4, 5));
  EXPECT_THAT(exported({.from = "earliest", .to = "now", .count = 2}), ElementsAre(1, 2));
  EXPECT_THAT(exported({.from = "now"}), ElementsAre());
  EXPECT_THAT(exported({.from = "6"}), ElementsAre());
  EXPECT_THAT(exported({.from = "2000-01-01T00:00:00Z", .to = "2"}), ElementsAre(1, 2));
  EXPECT_THAT(exported({.to = "2000-01-01T00:00:00Z"}), ElementsAre());
  EXPECT_THAT(exported({.from = "2200-01-01T00:00:00+01:00"}), ElementsAre());
}

TEST_F(JournalCommand, ExportGoesOnBehindDamageAndTellsIt) {
  fill({"first", "second", "third"});
  damage("second");
  EXPECT_EQ(run(JournalAction::write_out), Exit::failed);
  EXPECT_THAT(offsets(), ElementsAre(1, 3));
  EXPECT_EQ(written_->err(), std::string{kSegment} + ": offset 2: the sum over its record differs\n");
  EXPECT_EQ(run(JournalAction::write_out, {}, {.from = "3"}), Exit::done) << "what was not asked for is no damage";
  EXPECT_THAT(offsets(), ElementsAre(3));
}

TEST_F(JournalCommand, WorksWhileABrokerRuns) {
  Broker broker{with_journal()};
  Publisher publisher = broker.publisher();
  for (int i = 0; i < 3; ++i) test::publish_surely(publisher, "github", "{}");
  ASSERT_TRUE(test::eventually([&] { return broker.stats().journal.next_offset == 4; }));
  EXPECT_EQ(run(JournalAction::stat), Exit::done);
  EXPECT_THAT(written_->out(), HasSubstr("total: 3 events"));
  EXPECT_EQ(run(JournalAction::verify), Exit::done);
  EXPECT_EQ(run(JournalAction::write_out), Exit::done);
  EXPECT_THAT(offsets(), ElementsAre(1, 2, 3));
  EXPECT_EQ(test::publish(publisher, "github", "{}"), Verdict::accepted) << "nothing was taken from it";
}

TEST_F(JournalCommand, TakesTheDirectoryOfAConfiguration) {
  fill({"{}"});
  const std::string file = folder_.write("p.yaml", "journal: { dir: \"" + dir_ + "\" }\n");
  EXPECT_EQ(run({.common = {.config = file}}), Exit::done);
  EXPECT_THAT(written_->out(), HasSubstr("total: 1 event, offsets 1 to 1"));
  config::Overrides variable{.values = {{"journal.dir", dir_, "PENSTOCK_JOURNAL_DIR"}}};
  EXPECT_EQ(run({.common = {.overrides = variable}}), Exit::done) << "without a file";
  EXPECT_EQ(run({.common = {.config = folder_.write("off.yaml", "journal: off\n")}}), Exit::wrong_use);
  EXPECT_THAT(written_->err(), HasSubstr("'journal: off': there is none"));
  EXPECT_EQ(run({.common = {.config = folder_.write("bad.yaml", "journal: {}\nlimit: 1\n")}}), Exit::bad_configuration);
  EXPECT_EQ(run(JournalCommandOptions{}), Exit::wrong_use);
  EXPECT_THAT(written_->err(), StartsWith("penstock journal: which journal?"));
}

TEST_F(JournalCommand, WhereThereIsNoneItSaysSo) {
  for (const JournalAction action : {JournalAction::stat, JournalAction::verify, JournalAction::write_out}) {
    EXPECT_EQ(run(action), Exit::failed);
    EXPECT_EQ(written_->out(), "");
    EXPECT_EQ(written_->err(),
              "penstock journal: " + dir_ + ": there is no journal; give the directory that journal.dir names\n");
  }
}

TEST_F(JournalCommand, ADiskThatFailsIs74) {
  std::filesystem::create_symlink(dir_, dir_);  // Leads to itself.
  EXPECT_EQ(run(JournalAction::verify), Exit::disk_failed);
  EXPECT_THAT(written_->err(), StartsWith("penstock journal: " + dir_ + ": "));
}

TEST_F(JournalCommand, WhatIsNoPositionIsWrongUse) {
  fill({"{}"});
  EXPECT_EQ(run(JournalAction::write_out, {}, {.from = "0"}), Exit::wrong_use);
  EXPECT_THAT(written_->err(), StartsWith("penstock journal: --from '0' is no position: write earliest"));
  EXPECT_EQ(run(JournalAction::write_out, {}, {.to = "yesterday"}), Exit::wrong_use);
  EXPECT_THAT(written_->err(), HasSubstr("--to 'yesterday'"));
}

}  // namespace
}  // namespace penstock::command
