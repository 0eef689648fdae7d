#include "measuring/figures.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>

#include <numeric>
#include <sstream>

namespace penstock::measuring {
namespace {

TEST(Latencies, AreSamplesByNearestRank) {
  std::vector<std::uint64_t> samples(1'000);
  std::iota(samples.rbegin(), samples.rend(), 1);
  const Latencies found = latencies(samples);
  EXPECT_EQ(found.p50, 500U);
  EXPECT_EQ(found.p90, 900U);
  EXPECT_EQ(found.p99, 990U);
  EXPECT_EQ(found.p999, 999U);
  EXPECT_EQ(found.max, 1'000U);
}

TEST(Latencies, OfOneSampleAreThatSampleAndOfNoneZero) {
  std::vector<std::uint64_t> one{7};
  EXPECT_EQ(latencies(one).p50, 7U);
  EXPECT_EQ(latencies(one).p999, 7U);
  std::vector<std::uint64_t> none;
  EXPECT_EQ(latencies(none).max, 0U);
}

TEST(Figures, AreAnObjectWithWhatWasNotCountedAsNull) {
  const Figures figures{.name = "a", .events = 1'000, .seconds = 0.5, .cpu_seconds = 0.002, .latency = {1, 2, 3, 4, 5}};
  const boost::json::value object = boost::json::parse(json(figures, "2 x \"fast\"", "abc"));
  EXPECT_EQ(object.at("name").as_string(), "a");
  EXPECT_EQ(object.at("events").to_number<int>(), 1'000);
  EXPECT_DOUBLE_EQ(object.at("events_per_s").as_double(), 2'000);
  EXPECT_DOUBLE_EQ(object.at("cpu_us_per_event").as_double(), 2);
  EXPECT_TRUE(object.at("allocations_per_event").is_null());
  EXPECT_TRUE(object.at("shared_rmw_per_event").is_null());
  EXPECT_EQ(object.at("latency_ns").at("p999").to_number<int>(), 4);
  EXPECT_EQ(object.at("machine").as_string(), "2 x \"fast\"");
  EXPECT_EQ(object.at("commit").as_string(), "abc");
}

TEST(Figures, OfNothingHaveNoRate) {
  const boost::json::value object = boost::json::parse(json({.name = "none"}, "m", "c"));
  EXPECT_EQ(object.at("events_per_s").to_number<double>(), 0);
  EXPECT_EQ(object.at("cpu_us_per_event").to_number<double>(), 0);
}

TEST(Figures, StandInColumns) {
  std::istringstream lines{table({{.name = "long/name", .events = 10, .seconds = 1, .latency = {1'500, 0, 0, 0, 0}},
                                  {.name = "b", .events = 2'000'000, .seconds = 1}})};
  std::string head;
  std::string first;
  std::string second;
  std::getline(lines, head);
  std::getline(lines, first);
  std::getline(lines, second);
  EXPECT_THAT(head, testing::MatchesRegex("NAME +EVENTS +EVENTS/S +CPU us +p50 us .*"));
  EXPECT_THAT(first, testing::MatchesRegex("long/name +10 +10 +0.0 +1.5 .*"));
  EXPECT_EQ(head.size(), first.size());
  EXPECT_EQ(head.size(), second.size());
}

TEST(Machine, IsNamedWithItsCoresAndKernel) {
  EXPECT_THAT(machine(), testing::MatchesRegex("[0-9]+ x .+, Linux [0-9].*"));
}

}  // namespace
}  // namespace penstock::measuring
