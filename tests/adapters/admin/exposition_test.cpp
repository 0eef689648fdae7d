#include "admin/exposition.hpp"

#include <gtest/gtest.h>

#include <string>

namespace penstock::admin {
namespace {

TEST(Exposition, WritesFamiliesAndSamples) {
  Exposition text;
  text.family("a_total", "counter", "What it counts.");
  text.sample("a_total", {}, std::uint64_t{18446744073709551615U});
  text.sample("a_total", {{"x", "1"}, {"y", ""}}, std::uint64_t{0});
  text.sample("b", {}, 0.25);
  EXPECT_EQ(text.take(),
            "# HELP a_total What it counts.\n# TYPE a_total counter\n"
            "a_total 18446744073709551615\na_total{x=\"1\",y=\"\"} 0\nb 0.25\n");
}

TEST(Exposition, EscapesLabelValues) {
  Exposition text;
  text.sample("a", {{"x", "q\" b\\ n\n\xFF"}}, std::uint64_t{1});
  EXPECT_EQ(text.take(), "a{x=\"q\\\" b\\\\ n\\n?\"} 1\n");
}

TEST(Exposition, GivesHistogramsCumulativeAndThinnedOut) {
  HistogramStats stats;
  double bound = 1e-7;
  while (stats.upper_seconds.size() < 86) stats.upper_seconds.push_back(bound *= 1.25);
  stats.counts.assign(stats.upper_seconds.size() + 1, 1);
  stats.sum_seconds = 2.5;
  Exposition text;
  text.histogram("d_seconds", {{"level", "memory"}}, stats);
  const std::string out = text.take();

  double upper_before = 0;
  std::uint64_t count_before = 0;
  std::size_t buckets = 0;
  const std::string begin = R"(d_seconds_bucket{level="memory",le=")";
  for (std::size_t at = 0; (at = out.find(begin, at)) != std::string::npos; ++buckets) {
    at += begin.size();
    const std::string upper_text = out.substr(at, out.find('"', at) - at);
    const std::uint64_t count = std::stoull(out.substr(out.find("} ", at) + 2));
    EXPECT_GT(count, count_before);
    count_before = count;
    if (upper_text == "+Inf") continue;
    const double upper = std::stod(upper_text);
    EXPECT_GE(upper, 1e-6);
    EXPECT_GT(upper, upper_before * 1.9);
    // One sample a fine bucket: what is at or below a bound is told in full.
    std::uint64_t at_or_below = 0;
    for (const double fine : stats.upper_seconds) at_or_below += fine <= upper ? 1 : 0;
    EXPECT_EQ(count, at_or_below) << upper;
    upper_before = upper;
  }
  EXPECT_GT(buckets, 20U);
  EXPECT_LT(buckets, 32U);
  EXPECT_EQ(count_before, stats.counts.size());
  EXPECT_NE(out.find("d_seconds_sum{level=\"memory\"} 2.5\n"), std::string::npos) << out;
  EXPECT_NE(out.find("d_seconds_count{level=\"memory\"} " + std::to_string(stats.counts.size()) + "\n"),
            std::string::npos);
}

TEST(Exposition, GivesAnEmptyHistogramItsLastBucket) {
  Exposition text;
  text.histogram("d_seconds", {}, {});
  EXPECT_EQ(text.take(), "d_seconds_bucket{le=\"+Inf\"} 0\nd_seconds_sum 0\nd_seconds_count 0\n");
}

}  // namespace
}  // namespace penstock::admin
