#include "streams/position.hpp"

#include <gtest/gtest.h>

namespace penstock::streams {
namespace {

TEST(Position, IsAWordAnOffsetOrATime) {
  for (const char* good :
       {"now", "earliest", "1", "0042", "18446744073709551615", "2026-11-24T12:00:00Z", "2026-11-24t12:00:00z",
        "2026-11-24T12:00:00.1234567890123+05:30", "2024-02-29T00:00:00-00:00", "2000-02-29T23:59:60Z"}) {
    EXPECT_TRUE(is_position(good)) << good;
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
    EXPECT_FALSE(is_position(bad)) << bad;
  }
}

}  // namespace
}  // namespace penstock::streams
