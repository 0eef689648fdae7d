#include "http/grammar.hpp"

#include <gtest/gtest.h>

#include <string>

namespace penstock::http::grammar {
namespace {

TEST(Grammar, KnowsTheBytesOfATokenAndNoOthers) {
  int token_bytes = 0;
  for (int c = 0; c < 256; ++c) token_bytes += is_token_byte(static_cast<char>(c)) ? 1 : 0;
  EXPECT_EQ(token_bytes, 62 + 15);  // RFC 9110 5.6.2: letters, digits and fifteen marks.
  for (const char c : std::string_view("()<>@,;:\\\"/[]?={} \t\r\n")) EXPECT_FALSE(is_token_byte(c)) << c;
}

TEST(Grammar, TakesEveryByteBelowSpaceButTabForAControl) {
  for (int c = 0; c < 256; ++c) {
    EXPECT_EQ(is_control(static_cast<char>(c)), (c < 0x20 && c != '\t') || c == 0x7f) << c;
  }
}

TEST(Grammar, FindsEachControlAtEachPlaceOfATextOfAnyLength) {
  for (std::size_t size = 1; size <= 26; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (int c = 0; c < 256; ++c) {
        std::string text(size, at % 2 == 0 ? '\xff' : '\t');
        text[at] = static_cast<char>(c);
        ASSERT_EQ(has_control(text), is_control(static_cast<char>(c))) << c << " at " << at << " of " << size;
      }
    }
  }
  EXPECT_FALSE(has_control(""));
}

TEST(Grammar, ReadsHexDigitsOfBothCases) {
  EXPECT_EQ(hex_value('0'), 0);
  EXPECT_EQ(hex_value('9'), 9);
  EXPECT_EQ(hex_value('a'), 10);
  EXPECT_EQ(hex_value('F'), 15);
  for (const char c : std::string_view("gG/:@`x ")) EXPECT_EQ(hex_value(c), -1) << c;
}

TEST(Grammar, TrimsSpacesAndTabsOnly) {
  EXPECT_EQ(trim(" \t a b\t "), "a b");
  EXPECT_EQ(trim(" \t "), "");
  EXPECT_EQ(trim("\xa0"
                 "a"),
            "\xa0"
            "a");
}

TEST(Grammar, WantsAtLeastOneByteInAToken) {
  EXPECT_TRUE(is_token("chunked"));
  EXPECT_FALSE(is_token(""));
  EXPECT_FALSE(is_token("a b"));
}

TEST(Grammar, RefusesEscapesThatAreCutOrHideAZeroByte) {
  EXPECT_TRUE(has_only_good_escapes("a%20%7f"));
  for (const char* text : {"%", "%2", "a%", "%g0", "%0g", "%00", "%41%0"})
    EXPECT_FALSE(has_only_good_escapes(text)) << text;
}

}  // namespace
}  // namespace penstock::http::grammar
