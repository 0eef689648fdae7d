#include "serving/fixed_settings.hpp"

#include "tools/config/reading.hpp"
#include <gmock/gmock.h>

namespace penstock::serving {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

config::Config config_of(const std::string& text) {
  config::Read read = config::read_config(text, config::Variables{{"S", "hush"}, {"T", "other"}});
  EXPECT_TRUE(read.config) << (read.lines.empty() ? "" : read.lines.front());
  return read.config ? std::move(*read.config) : config::Config{};
}

/// What a process started with `now`, in which there were these sources, says about `next`.
std::vector<std::string> refused(const std::string& now, const std::string& next,
                                 std::vector<SourceStats> sources = {}) {
  const config::Config running = config_of(now);
  const BrokerStats stats{.sources = std::move(sources)};
  config::Problems problems{"p.yaml"};
  refuse_fixed_changes({.now = running, .stats = stats, .payload_bytes_max = running.payload_bytes_max()},
                       config_of(next), problems);
  std::vector<std::string> lines;
  for (const config::Problem& problem : problems.list()) {
    EXPECT_EQ(problem.severity, config::Severity::error);
    lines.push_back(problems.line(problem));
  }
  return lines;
}

constexpr const char* kSources = "sources: { open: { verify: { kind: none } } }\n";
constexpr const char* kTail = " in a running process; restart it, or take the change back";

std::string with(const std::string& keys) { return "journal: off\n" + keys + kSources; }

TEST(FixedSettings, AreToldByName) {
  EXPECT_THAT(refused(with("listen: 127.0.0.1:1\n"), with("listen: 127.0.0.1:2\n")),
              ElementsAre("p.yaml: listen: cannot change from 127.0.0.1:1 to 127.0.0.1:2" + std::string{kTail}));
  EXPECT_THAT(
      refused(with(""), with("admin: { listen: 127.0.0.1:2 }\n")),
      ElementsAre("p.yaml: admin.listen: cannot change from 127.0.0.1:8081 to 127.0.0.1:2" + std::string{kTail}));
  EXPECT_THAT(refused(with("limits: { dedup: 2MiB }\n"), with("limits: { dedup: 3MiB }\n")),
              ElementsAre("p.yaml: limits.dedup: cannot change from 2MiB to 3MiB" + std::string{kTail}));
  EXPECT_THAT(refused(with("threads: 1\n"), with("threads: 2\n")),
              ElementsAre("p.yaml: threads: cannot change from 1 to 2" + std::string{kTail}));
  EXPECT_THAT(refused(with("workers: 3\n"), with("workers: 2\n")),
              ElementsAre("p.yaml: workers: cannot change from 3 to 2" + std::string{kTail}));
  EXPECT_THAT(refused(with(""), with("wait: spin\n")),
              ElementsAre("p.yaml: wait: cannot change from park to spin" + std::string{kTail}));
  EXPECT_THAT(refused(with(""), with("limits: { memory: 2GiB }\n")),
              ElementsAre("p.yaml: limits.memory: cannot change from 1GiB to 2GiB" + std::string{kTail}));
}

TEST(FixedSettings, AreToldAllAtOnce) {
  EXPECT_EQ(refused(with("threads: 1\nworkers: 1\n"), with("threads: 2\nworkers: 2\nlisten: 127.0.0.1:3\n")).size(),
            3U);
}

TEST(FixedSettings, AreNoOthers) {
  EXPECT_THAT(refused(with(""),
                      "journal: off\ndrain: 5s\nlog: { format: json, level: debug }\n"
                      "admin: { hosts: [ a.example ], tokens: { read: \"${env:S}\", write: \"${env:T}\" } }\n"
                      "limits: { payload: 1MiB, unverified: 8MiB, connections: 7, connections_per_address: 3, "
                      "head: 8KiB, target: 4KiB, head_time: 1s, body_time: 2s, idle: 3s }\n"
                      "sources: { github: { preset: github, secrets: [ \"${env:S}\" ], topic: git } }\n"),
              IsEmpty());
}

TEST(FixedSettings, HaveRoomForNoLargerPayloadThanAtTheStart) {
  const std::string start = with("limits: { payload: 2MiB }\n");
  EXPECT_THAT(refused(start, with("limits: { payload: 3MiB }\n")),
              ElementsAre("p.yaml: limits.payload: a running process can be given less, but never more than the 2MiB "
                          "that it was started with; restart it"));
  EXPECT_THAT(refused(start, with("limits: { payload: 1MiB }\n")), IsEmpty());
}

TEST(FixedSettings, KeepEachSourceOnItsTopicAlsoOneThatWasRemoved) {
  SourceStats known;
  known.name = "open";
  known.topic = "before";
  EXPECT_THAT(refused(with(""), with(""), {known}),
              ElementsAre("p.yaml:2:12: sources.open.topic: cannot change from before to open in a running process; "
                          "restart it, or give the source another name"));
  known.topic = "open";
  EXPECT_THAT(refused(with(""), with(""), {known}), IsEmpty());
}

}  // namespace
}  // namespace penstock::serving
