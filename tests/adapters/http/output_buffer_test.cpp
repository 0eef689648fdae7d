#include "http/output_buffer.hpp"

#include <gtest/gtest.h>

#include <string>

namespace penstock::http {
namespace {

TEST(OutputBuffer, SendsInOnePieceWhatGathered) {
  OutputBuffer buffer;
  buffer.back() += "one";
  buffer.back() += "two";
  EXPECT_EQ(buffer.front(), "onetwo");
}

TEST(OutputBuffer, KeepsWhatIsBeingSentApartFromWhatComesBehind) {
  OutputBuffer buffer;
  buffer.back() += "first";
  const char* const sending = buffer.front().data();
  buffer.sent(2);
  buffer.back() += std::string(1000, 'x');
  EXPECT_EQ(buffer.front(), "rst");
  EXPECT_EQ(buffer.front().data(), sending + 2);
  EXPECT_EQ(buffer.waiting(), 1003U);
  buffer.sent(3);
  EXPECT_EQ(buffer.front().size(), 1000U);
}

TEST(OutputBuffer, GivesMemoryBackOnlyWhenNothingWaits) {
  OutputBuffer buffer;
  buffer.back() += std::string(5000, 'x');
  buffer.shrink(100);
  EXPECT_EQ(buffer.waiting(), 5000U);
  buffer.sent(buffer.front().size());
  buffer.shrink(100);
  EXPECT_LT(buffer.memory_bytes(), 100U);
}

}  // namespace
}  // namespace penstock::http
