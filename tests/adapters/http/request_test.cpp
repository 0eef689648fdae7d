#include "http/request.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

namespace penstock::http {
namespace {

RequestHead with_fields(std::span<const Field> fields) {
  RequestHead head;
  head.fields = fields;
  return head;
}

RequestHead with_body(std::optional<std::uint64_t> content_length, bool chunked) {
  RequestHead head;
  head.content_length = content_length;
  head.chunked = chunked;
  return head;
}

TEST(LowerCase, ChangesTheLettersOfAsciiAndNothingElse) {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  std::string wanted = all;
  for (char c = 'A'; c <= 'Z'; ++c) wanted.at(static_cast<std::size_t>(c)) = static_cast<char>(c - 'A' + 'a');
  std::string out;
  for (std::size_t from = 0; from < 9; ++from) {  // Each byte at each place of a step, and behind the last one.
    lower_case(std::string_view(all).substr(from), out);
    EXPECT_EQ(out, wanted.substr(from)) << "from " << from;
  }
  lower_case("X-GitHub-Event", out);
  EXPECT_EQ(out, "x-github-event");
}

TEST(EqualWithoutCase, TakesNoOtherByteForALetter) {
  EXPECT_TRUE(equal_without_case("X-Az", "x-aZ"));
  EXPECT_FALSE(equal_without_case("X-A", "X-A1"));
  EXPECT_FALSE(equal_without_case("@[", "`{"));  // 0x20 apart, as letters are.
}

TEST(RequestHead, FindsTheFirstFieldOfANameWithoutCase) {
  const std::array fields{Field{"X-A", "1"}, Field{"x-a", "2"}, Field{"X-B", "3"}};
  const RequestHead head = with_fields(fields);
  EXPECT_EQ(head.field("x-A"), "1");
  EXPECT_EQ(head.field("x-c"), std::nullopt);
}

TEST(RequestHead, GivesAnOnlyFieldOnlyIfThereIsOne) {
  const std::array fields{Field{"X-A", "1"}, Field{"x-a", "1"}, Field{"X-B", "3"}};
  const RequestHead head = with_fields(fields);
  EXPECT_EQ(head.only_field("x-a"), std::nullopt);
  EXPECT_EQ(head.only_field("x-b"), "3");
  EXPECT_EQ(head.only_field("x-c"), std::nullopt);
}

TEST(RequestHead, HasABodyWhenOneIsAnnounced) {
  EXPECT_FALSE(with_body(std::nullopt, false).has_body());
  EXPECT_FALSE(with_body(0, false).has_body());
  EXPECT_TRUE(with_body(1, false).has_body());
  EXPECT_TRUE(with_body(std::nullopt, true).has_body());
}

TEST(EqualWithoutCase, ComparesAsciiLettersOnly) {
  EXPECT_TRUE(equal_without_case("Content-Length", "content-LENGTH"));
  EXPECT_FALSE(equal_without_case("a", "ab"));
  EXPECT_FALSE(equal_without_case("@", "`")) << "the bit that tells cases apart means nothing in other bytes";
  EXPECT_FALSE(equal_without_case("\xc3\x89", "\xc3\xa9"));
}

}  // namespace
}  // namespace penstock::http
