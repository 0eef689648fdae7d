#include "verify/encoding.hpp"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::verify {
namespace {

std::span<const unsigned char> bytes_of(std::string_view text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

std::optional<std::string> from_base64(std::string_view text, std::size_t room = 64) {
  std::vector<unsigned char> out(room);
  const auto bytes = decode_base64(text, out);
  if (!bytes) return std::nullopt;
  return std::string{out.begin(), out.begin() + static_cast<std::ptrdiff_t>(*bytes)};
}

bool is_hex_of_two(std::string_view text) {
  std::array<unsigned char, 2> out{};
  return decode_hex(text, out);
}

TEST(Hex, TakesBothCases) {
  std::array<unsigned char, 4> out{};
  ASSERT_TRUE(decode_hex("00fFA9e0", out));
  EXPECT_EQ(out, (std::array<unsigned char, 4>{0x00, 0xff, 0xa9, 0xe0}));
}

TEST(Hex, TakesExactlyTwoDigitsAByte) {
  EXPECT_TRUE(is_hex_of_two("0a1b"));
  for (const std::string_view text :
       {"", "0a1", "0a1b2", "0a1b2c", "0a1g", "0a1:", "0a1@", "0a1`", "0a 1", "+a1b", "0x1b", "0a1\xc3", " a1b"}) {
    EXPECT_FALSE(is_hex_of_two(text)) << text;
  }
}

TEST(Hex, IsWrittenInLowerCase) { EXPECT_EQ(encode_hex(bytes_of(std::string_view{"\x00\xff\xa9", 3})), "00ffa9"); }

// RFC 4648, 10.
TEST(Base64, ReadsAndWritesThePublishedExamples) {
  const std::vector<std::pair<std::string_view, std::string_view>> examples{{"", ""},
                                                                            {"f", "Zg=="},
                                                                            {"fo", "Zm8="},
                                                                            {"foo", "Zm9v"},
                                                                            {"foob", "Zm9vYg=="},
                                                                            {"fooba", "Zm9vYmE="},
                                                                            {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, text] : examples) {
    EXPECT_EQ(encode_base64(bytes_of(plain)), text);
    EXPECT_EQ(from_base64(text), std::string{plain});
  }
}

TEST(Base64, KeepsEveryByte) {
  std::string every;
  for (int i = 0; i < 256; ++i) every += static_cast<char>(i);
  EXPECT_EQ(from_base64(encode_base64(bytes_of(every)), 256), every);
}

TEST(Base64, IsReadStrictly) {
  for (const std::string_view text : {"Zg", "Zg=", "Zg===", "Z", "Z===", "====", "=", "Zm9v=", "Zm9v====", "Zg==Zg==",
                                      "Z=g=", "Zm 9v", "Zm9v\n", " Zm9v", "Zm9-", "Zm9_", "Zm9\xff", "!!!!"}) {
    EXPECT_EQ(from_base64(text), std::nullopt) << text;
  }
}

// RFC 4648, 3.5: else several texts would mean one value.
TEST(Base64, RefusesSpareBitsThatAreNotZero) {
  EXPECT_EQ(from_base64("Zh=="), std::nullopt);
  EXPECT_EQ(from_base64("Zm9="), std::nullopt);
}

TEST(Base64, NeverWritesPastItsRoom) {
  EXPECT_EQ(from_base64("Zm9v", 3), "foo");
  EXPECT_EQ(from_base64("Zm9v", 2), std::nullopt);
  EXPECT_EQ(from_base64("Zg==", 0), std::nullopt);
}

}  // namespace
}  // namespace penstock::verify
