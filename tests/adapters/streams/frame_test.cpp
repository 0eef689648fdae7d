#include "streams/frame.hpp"

#include "streams/sse.hpp"
#include <gtest/gtest.h>
#include <penstock/topic.hpp>

#include <string>
#include <utility>
#include <vector>

namespace penstock::streams {
namespace {

TEST(Frame, BeginsANewDataLineAtEachLineEnd) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", ""},
      {"{}", "{}"},
      {"{\n}", "{\ndata: }"},
      {"{\r\n}", "{\ndata: }"},
      {"{\r}", "{\ndata: }"},
      {"{\n\r}", "{\ndata: \ndata: }"},
      {"{\r\r\n\n}", "{\ndata: \ndata: \ndata: }"},
      {"{}\n", "{}\ndata: "},
      {"\r", "\ndata: "},
      {"[1,\n 2,\n 3]", "[1,\ndata:  2,\ndata:  3]"},
  };
  for (const auto& [text, lines] : cases) {
    for (std::size_t bytes_max = 1; bytes_max < 16; ++bytes_max) {
      std::string out = "event: a\ndata: ";
      for (std::size_t at = 0; at < text.size();) at = append_data_lines(out, text, at, bytes_max);
      EXPECT_EQ(out, "event: a\ndata: " + lines) << bytes_max;
    }
  }
}

TEST(Frame, TellsAGapUnderANameThatNoTopicHas) {
  std::string out;
  append_gap_frame(out, 12);
  EXPECT_EQ(out, "event: !gap\ndata: {\"dropped\":12}\n\n");
  EXPECT_FALSE(valid_topic(kGapEvent));
}

TEST(Frame, HidesACommentFromClients) {
  std::string out;
  append_comment(out, "heartbeat");
  EXPECT_EQ(out, ": heartbeat\n\n");
}

}  // namespace
}  // namespace penstock::streams
