#include "streams/json_verdicts.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace penstock::streams {
namespace {

EventId id_of(std::size_t number) {
  EventId id;
  id.bytes[0] = static_cast<std::uint8_t>(number >> 8U);
  id.bytes[1] = static_cast<std::uint8_t>(number);
  return id;
}

std::string other() {
  std::string text;
  text.resize(JsonVerdicts::kPayloadBytesMin, 'x');
  return text;
}
std::string json() { return "\"" + other() + "\""; }

// No event changes its payload: only so can a test see that it was not looked at again.
TEST(JsonVerdicts, LooksAtALargePayloadOnce) {
  JsonVerdicts verdicts;
  JsonChecker checker;
  EXPECT_TRUE(verdicts.valid(id_of(1), json(), checker));
  EXPECT_TRUE(verdicts.valid(id_of(1), other(), checker));
  EXPECT_FALSE(verdicts.valid(id_of(2), other(), checker));
  EXPECT_FALSE(verdicts.valid(id_of(2), json(), checker));
  EXPECT_TRUE(verdicts.valid(id_of(3), json(), checker));
}

TEST(JsonVerdicts, RemembersTheLastOnesOnly) {
  JsonVerdicts verdicts;
  JsonChecker checker;
  for (std::size_t i = 0; i <= JsonVerdicts::kRemembered; ++i) EXPECT_TRUE(verdicts.valid(id_of(i), json(), checker));
  EXPECT_TRUE(verdicts.valid(id_of(JsonVerdicts::kRemembered), other(), checker)) << "remembered";
  EXPECT_TRUE(verdicts.valid(id_of(1), other(), checker)) << "remembered";
  EXPECT_FALSE(verdicts.valid(id_of(0), other(), checker)) << "pushed out";
}

TEST(JsonVerdicts, KeepsNoRoomForSmallPayloads) {
  JsonVerdicts verdicts;
  JsonChecker checker;
  EXPECT_TRUE(verdicts.valid(id_of(1), "1", checker));
  EXPECT_FALSE(verdicts.valid(id_of(1), "x", checker));
}

}  // namespace
}  // namespace penstock::streams
