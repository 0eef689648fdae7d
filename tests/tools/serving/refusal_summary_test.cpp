#include "serving/refusal_summary.hpp"

#include <gmock/gmock.h>
#include <penstock/publisher.hpp>

#include <algorithm>
#include <atomic>
#include <string>

namespace penstock::serving {
namespace {

using testing::HasSubstr;

SourceStats source(const std::string& name, Refusal reason, std::uint64_t count) {
  SourceStats stats{.name = name, .topic = name};
  stats.refused.resize(kRefusals);
  stats.refused[static_cast<std::size_t>(reason)] = count;
  return stats;
}

BrokerStats stats_of(std::vector<SourceStats> sources) {
  BrokerStats stats;
  stats.sources = std::move(sources);
  return stats;
}

TEST(RefusalCounts, AreThoseSinceTheLastLook) {
  RefusalCounts counts;
  EXPECT_EQ(counts.since_last(stats_of({source("a", Refusal::unauthorized, 0)})).total, 0U);
  RefusalCounts::Line line = counts.since_last(stats_of({source("a", Refusal::unauthorized, 5)}));
  EXPECT_EQ(line.total, 5U);
  EXPECT_EQ(line.source, "a");
  EXPECT_EQ(line.reason, "unauthorized");
  EXPECT_EQ(line.others, 0U);
  EXPECT_EQ(counts.since_last(stats_of({source("a", Refusal::unauthorized, 5)})).total, 0U);
}

TEST(RefusalCounts, NameTheCommonestAndCountTheOthers) {
  RefusalCounts counts;
  const RefusalCounts::Line line = counts.since_last(
      stats_of({source("a", Refusal::too_large, 2), source("b", Refusal::full, 7), source("c", Refusal::full, 1)}));
  EXPECT_EQ(line.total, 10U);
  EXPECT_EQ(line.source, "b");
  EXPECT_EQ(line.reason, "full");
  EXPECT_EQ(line.others, 3U);
}

TEST(RefusalSummary, IsOneLineForAnyNumberAndTheLastIsNotLost) {
  testing::internal::CaptureStderr();
  std::atomic<std::uint64_t> refused{0};
  {
    const Log log{{}};
    const RefusalSummary summary{log, [&] { return stats_of({source("github", Refusal::unauthorized, refused)}); }};
    refused = 4'211;
  }
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_THAT(text, HasSubstr(R"(msg="refused 4211 in 1 s" reason=unauthorized source=github)"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
}

}  // namespace
}  // namespace penstock::serving
