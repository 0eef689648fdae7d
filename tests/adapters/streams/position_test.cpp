#include "streams/position.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string_view>
#include <variant>

namespace penstock::streams {
namespace {

TEST(Position, IsAWordAnOffsetOrATime) {
  for (const char* good :
       {"now", "earliest", "1", "0042", "18446744073709551615", "2026-11-24T12:00:00Z", "2026-11-24t12:00:00z",
        "2026-11-24T12:00:00.1234567890123+05:30", "2024-02-29T00:00:00-00:00", "2000-02-29T23:59:60Z"}) {
    EXPECT_TRUE(position_of(good)) << good;
  }
}

TEST(Position, IsNothingElse) {
  for (const char* bad : {"",
                          "junk",
                          "Now",
                          " now",
                          "latest",
                          "0",
                          "-1",
                          "+1",
                          "1.5",
                          "1 ",
                          "18446744073709551616",
                          "0x10",
                          "2026-11-24",
                          "2026-11-24T12:00Z",
                          "2026-11-24T12:00:00",
                          "2026-11-24 12:00:00Z",
                          "2026-11-24T12:00:00.Z",
                          "2026-11-24T12:00:00Z ",
                          "2026-11-24T12:00:00+01",
                          "2026-11-24T12:00:00+24:00",
                          "2026-11-24T24:00:00Z",
                          "2026-11-24T12:60:00Z",
                          "2026-11-24T12:00:61Z",
                          "2026-13-01T00:00:00Z",
                          "2026-00-01T00:00:00Z",
                          "2026-02-29T00:00:00Z",
                          "1900-02-29T00:00:00Z",
                          "2026-04-31T00:00:00Z",
                          "2026-11-00T00:00:00Z",
                          "26-11-24T12:00:00Z",
                          "2026-1-24T12:00:00Z"}) {
    EXPECT_FALSE(position_of(bad)) << bad;
  }
}

TEST(Position, IsReadAsWhatItSays) {
  using std::chrono::system_clock;
  const auto ns_of = [](std::string_view text) {
    return std::chrono::nanoseconds{std::get<system_clock::time_point>(*position_of(text)).time_since_epoch()}.count();
  };
  EXPECT_TRUE(std::holds_alternative<Now>(*position_of("now")));
  EXPECT_TRUE(std::holds_alternative<Earliest>(*position_of("earliest")));
  EXPECT_EQ(std::get<std::uint64_t>(*position_of("0042")), 42U);
  EXPECT_EQ(ns_of("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(ns_of("2026-11-24T12:00:00.5+01:30"), 1'795'516'200'500'000'000);
  EXPECT_EQ(ns_of("2026-11-24T12:00:00-01:30"), 1'795'527'000'000'000'000);
  EXPECT_EQ(ns_of("1970-01-01T00:00:60.0000000019Z"), 60'000'000'001);
  EXPECT_EQ(ns_of("1969-12-31T23:59:59.9Z"), -100'000'000);
  EXPECT_EQ(ns_of("0000-01-01T00:00:00Z"), system_clock::time_point::min().time_since_epoch().count());
  EXPECT_EQ(ns_of("9999-12-31T23:59:59Z"), system_clock::time_point::max().time_since_epoch().count());
}

}  // namespace
}  // namespace penstock::streams
