#include "config/units.hpp"

#include <gtest/gtest.h>

#include <string>

namespace penstock::config {
namespace {

using std::chrono::milliseconds;

template <typename T>
T value(const Parsed<T>& parsed) {
  EXPECT_TRUE(std::holds_alternative<T>(parsed)) << std::get<UnitError>(parsed).text;
  return std::holds_alternative<T>(parsed) ? std::get<T>(parsed) : T{};
}

template <typename T>
std::string error(const Parsed<T>& parsed) {
  return std::holds_alternative<UnitError>(parsed) ? std::get<UnitError>(parsed).text : "none";
}

TEST(Sizes, AreReadWithTheirUnit) {
  EXPECT_EQ(value(parse_size("25MiB")), 26'214'400U);
  EXPECT_EQ(value(parse_size("0B")), 0U);
  EXPECT_EQ(value(parse_size("16KiB")), 16'384U);
  EXPECT_EQ(value(parse_size("1GiB")), 1'073'741'824U);
  EXPECT_EQ(value(parse_size("2TiB")), 2'199'023'255'552U);
  EXPECT_EQ(value(parse_size("25MB")), 25'000'000U);
  EXPECT_EQ(value(parse_size("3 kB")), 3'000U);
}

TEST(Sizes, WithoutAUnitAreRefusedWithTheTwoLikelyMeanings) {
  EXPECT_EQ(error(parse_size("25")), "'25': a size needs a unit; did you mean 25MiB or 25B?");
}

TEST(Sizes, ThatAreNoneAreRefused) {
  EXPECT_EQ(error(parse_size("25mib")), "'25mib': unknown unit 'mib'; did you mean 'MiB'?");
  EXPECT_EQ(error(parse_size("25 parsecs")),
            "'25 parsecs': unknown unit 'parsecs'; known are TiB, GiB, MiB, KiB, B, TB, GB, MB, kB");
  EXPECT_EQ(error(parse_size("1.5GiB")), "'1.5GiB': write a whole number, in a smaller unit if need be");
  EXPECT_EQ(error(parse_size("lots")), "'lots' is not a size such as 10MiB");
  EXPECT_EQ(error(parse_size("")), "'' is not a size such as 10MiB");
  EXPECT_EQ(error(parse_size("-1MiB")), "'-1MiB' is not a size such as 10MiB");
  EXPECT_EQ(error(parse_size("9999999999999TiB")), "'9999999999999TiB': too large");
  EXPECT_EQ(error(parse_size("99999999999999999999999B")), "'99999999999999999999999B': too large");
  EXPECT_EQ(error(parse_size("1 ")), "'1 ': unknown unit ' '; known are TiB, GiB, MiB, KiB, B, TB, GB, MB, kB");
}

TEST(Durations, AreReadWithTheirUnit) {
  EXPECT_EQ(value(parse_duration("15s")), milliseconds{15'000});
  EXPECT_EQ(value(parse_duration("250ms")), milliseconds{250});
  EXPECT_EQ(value(parse_duration("2m")), milliseconds{120'000});
  EXPECT_EQ(value(parse_duration("24h")), milliseconds{86'400'000});
  EXPECT_EQ(value(parse_duration("7d")), milliseconds{604'800'000});
}

TEST(Durations, WithoutAUnitAreRefusedWithTheTwoLikelyMeanings) {
  EXPECT_EQ(error(parse_duration("15")), "'15': a time needs a unit; did you mean 15s or 15ms?");
  EXPECT_EQ(error(parse_duration("1h30m")), "'1h30m': unknown unit 'h30m'; known are d, h, m, s, ms");
  EXPECT_EQ(error(parse_duration("999999999d")), "'999999999d': too large");
}

TEST(Rates, AreReadWithTheirUnit) {
  EXPECT_EQ(value(parse_rate("500/s")).count, 500U);
  EXPECT_EQ(value(parse_rate("500/s")).per, milliseconds{1'000});
  EXPECT_EQ(value(parse_rate("6/m")).per, milliseconds{60'000});
  EXPECT_EQ(error(parse_rate("500")), "'500': a rate needs a unit; did you mean 500/s or 500/m?");
}

TEST(Counts, AreWholeNumbers) {
  EXPECT_EQ(value(parse_count("1000")), 1'000U);
  for (const char* text : {"", "x", "1x", "-1", "1.5", "99999999999999999999999"}) {
    EXPECT_NE(error(parse_count(text)), "none") << text;
  }
}

TEST(UnitTexts, AreTheShortestExactOnes) {
  EXPECT_EQ(size_text(26'214'400), "25MiB");
  EXPECT_EQ(size_text(1'000), "1000B");
  EXPECT_EQ(size_text(0), "0B");
  EXPECT_EQ(duration_text(milliseconds{86'400'000}), "24h");
  EXPECT_EQ(duration_text(milliseconds{172'800'000}), "2d");
  EXPECT_EQ(duration_text(milliseconds{1'500}), "1500ms");
  EXPECT_EQ(duration_text(milliseconds{0}), "0ms");
}

}  // namespace
}  // namespace penstock::config
