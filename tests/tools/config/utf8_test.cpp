#include "config/utf8.hpp"

#include <gtest/gtest.h>

#include <string>

namespace penstock::config {
namespace {

TEST(Utf8, IsCodeAndLength) {
  const auto is = [](std::string_view text, std::uint32_t code) {
    const Utf8 read = utf8_at(text);
    return read.length == text.size() && read.code == code;
  };
  EXPECT_TRUE(is("a", 0x61U));
  EXPECT_TRUE(is(std::string("\0", 1), 0U));
  EXPECT_TRUE(is("\xC2\x80", 0x80U));
  EXPECT_TRUE(is("\xDF\xBF", 0x7FFU));
  EXPECT_TRUE(is("\xE0\xA0\x80", 0x800U));
  EXPECT_TRUE(is("\xED\x9F\xBF", 0xD7FFU));
  EXPECT_TRUE(is("\xEF\xBF\xBF", 0xFFFFU));
  EXPECT_TRUE(is("\xF0\x90\x80\x80", 0x10000U));
  EXPECT_TRUE(is("\xF4\x8F\xBF\xBF", 0x10FFFFU));
  EXPECT_EQ(utf8_at("\xC3\xBC and more").length, 2U);
}

TEST(Utf8, ThatIsNoneHasNoLength) {
  for (const char* text :
       {"\x80", "\xBF", "\xC0\xAF", "\xC1\xBF", "\xC3", "\xC3(", "\xE0\x80\xAF", "\xE2\x82", "\xED\xA0\x80",
        "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF", "\xF0\x9F\x98", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"}) {
    EXPECT_EQ(utf8_at(text).length, 0U) << text;
  }
}

}  // namespace
}  // namespace penstock::config
