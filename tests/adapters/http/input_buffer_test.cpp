#include "http/input_buffer.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace penstock::http {
namespace {

void receive(InputBuffer& buffer, std::string_view bytes) {
  const std::span<char> space = buffer.space();
  ASSERT_GE(space.size(), bytes.size());
  std::copy(bytes.begin(), bytes.end(), space.begin());
  buffer.received(bytes.size());
}

TEST(InputBuffer, KeepsTheHeadInPlaceWhileTheBodyIsConsumed) {
  InputBuffer buffer{32};
  receive(buffer, "headbody");
  const char* const head = buffer.request().data();
  buffer.begin_body(4);
  EXPECT_EQ(buffer.unread(), "body");
  buffer.consume(4);
  buffer.reuse_body_space();
  receive(buffer, "more");
  EXPECT_EQ(buffer.unread(), "more");
  EXPECT_EQ(buffer.request(), "headmore");
  EXPECT_EQ(buffer.request().data(), head);
}

TEST(InputBuffer, MovesTheBeginningOfTheNextRequestToItsFront) {
  InputBuffer buffer{16};
  receive(buffer, "head body NEXT");
  buffer.begin_body(10);
  buffer.next_request();
  EXPECT_EQ(buffer.request(), "NEXT");
  EXPECT_FALSE(buffer.at_front());
  EXPECT_EQ(buffer.space().size(), 2U);
  buffer.move_to_front();
  EXPECT_EQ(buffer.request(), "NEXT");
  EXPECT_EQ(buffer.unread(), "NEXT");
  EXPECT_EQ(buffer.space().size(), 12U);
}

TEST(InputBuffer, HasAllItsSpaceAgainBehindAWholeRequest) {
  InputBuffer buffer{16};
  receive(buffer, "head");
  buffer.begin_body(4);
  buffer.next_request();
  EXPECT_EQ(buffer.space().size(), 16U);
}

TEST(InputBuffer, HoldsNoMemoryBeforeItsFirstUseAndAfterRelease) {
  InputBuffer buffer{16};
  EXPECT_EQ(buffer.memory_bytes(), 0U);
  receive(buffer, "x");
  EXPECT_EQ(buffer.memory_bytes(), 16U);
  buffer.release();
  EXPECT_EQ(buffer.memory_bytes(), 0U);
  EXPECT_TRUE(buffer.empty());
}

TEST(InputBuffer, TellsWhatHadComeFromWhatComesLater) {
  InputBuffer buffer{16};
  const auto receive = [&buffer](std::size_t bytes) {
    std::fill_n(buffer.space().begin(), bytes, 'x');
    buffer.received(bytes);
  };
  receive(8);
  buffer.begin_body(4);
  buffer.mark();
  receive(4);
  EXPECT_TRUE(buffer.has_marked());
  buffer.next_request();
  buffer.move_to_front();
  EXPECT_TRUE(buffer.has_marked()) << "four bytes of it, wherever they lie";
  buffer.begin_body(3);
  EXPECT_TRUE(buffer.has_marked());
  buffer.consume(1);
  EXPECT_FALSE(buffer.has_marked()) << "what is left came later";
}

TEST(InputBuffer, ForgetsTheMarkWhereItsSpaceIsUsedAgain) {
  for (const int way : {0, 1, 2}) {
    InputBuffer buffer{16};
    std::fill_n(buffer.space().begin(), 8, 'x');
    buffer.received(8);
    buffer.begin_body(4);
    buffer.mark();
    buffer.consume(4);
    if (way == 0) buffer.reuse_body_space();
    if (way == 1) buffer.next_request();
    if (way == 2) buffer.release();
    std::fill_n(buffer.space().begin(), 2, 'y');
    buffer.received(2);
    EXPECT_FALSE(buffer.has_marked()) << way;
  }
}

}  // namespace
}  // namespace penstock::http
