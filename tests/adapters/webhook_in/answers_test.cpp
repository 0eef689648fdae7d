#include "webhook_in/answers.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace penstock::webhook_in {
namespace {

EventId example_id() {
  EventId id{};
  for (std::size_t i = 0; i < id.bytes.size(); ++i) id.bytes[i] = static_cast<std::uint8_t>(i * 16 + 15 - i);
  return id;
}

TEST(Receipt, IsWrittenAsJson) {
  ReceiptText text{};
  EXPECT_EQ(write_receipt("accepted", example_id(), text),
            R"({"status":"accepted","id":"0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"})");
  EXPECT_EQ(write_receipt("duplicate", EventId{}, text),
            R"({"status":"duplicate","id":"00000000-0000-0000-0000-000000000000"})");
}

TEST(Receipt, WritesTheIdAsTheEventDoes) {
  ReceiptText text{};
  const std::string_view written = write_receipt("", example_id(), text);
  EXPECT_NE(written.find('"' + example_id().text() + '"'), std::string_view::npos) << written;
}

TEST(Receipt, HasRoomForTheLongestStatus) {
  ReceiptText text{};
  EXPECT_LE(write_receipt("0123456789abcdef", EventId{}, text).size(), text.size());
}

}  // namespace
}  // namespace penstock::webhook_in
