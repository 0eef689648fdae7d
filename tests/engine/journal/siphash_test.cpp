#include "journal/siphash.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace penstock::journal {
namespace {

constexpr SipKey kKey{0x0706050403020100U, 0x0f0e0d0c0b0a0908U};

std::string counting(std::size_t bytes) {
  std::string text(bytes, '\0');
  for (std::size_t i = 0; i < bytes; ++i) text[i] = static_cast<char>(i);
  return text;
}

std::string hex(const Hash128& hash) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string bytes(16, '\0');
  std::memcpy(bytes.data(), &hash.low, 8);
  std::memcpy(bytes.data() + 8, &hash.high, 8);
  std::string text;
  for (const char byte : bytes) {
    text += digits[static_cast<unsigned char>(byte) >> 4U];
    text += digits[static_cast<unsigned char>(byte) & 15U];
  }
  return text;
}

Hash128 hash_of(std::string_view text, const SipKey& key = kKey) {
  SipHash hash{key};
  hash.add(text);
  return hash.finish();
}

struct Vector {
  std::size_t bytes;
  const char* hash;
};

// Of the authors' reference, vectors_sip128: key 00 01 … 0f, message 00 01 … of so many bytes.
constexpr Vector kVectors[] = {
    {0, "a3817f04ba25a8e66df67214c7550293"},  {3, "9c70b60c5267a94e5f33b6b02985ed51"},
    {4, "f88164c12d9c8faf7d0f6e7c7bcd5579"},  {5, "1368875980776f8854527a07690e9627"},
    {6, "14eeca338b208613485ea0308fd7a15e"},  {7, "a1f1ebbed8dbc153c0b84aa61ff08239"},
    {8, "3b62a9ba6258f5610f83e264f31497b4"},  {9, "264499060ad9baabc47f8b02bb6d71ed"},
    {15, "5493e99933b0a8117e08ec0f97cfc3d9"}, {16, "6ee2a4ca67b054bbfd3315bf85230577"},
    {17, "473d06e8738db89854c066c47ae47740"}, {63, "5150d1772f50834a503e069a973fbd7c"},
};

TEST(SipHash, AgreesWithTheReferenceVectors) {
  for (const auto& [bytes, expected] : kVectors) EXPECT_EQ(hex(hash_of(counting(bytes))), expected) << bytes;
}

TEST(SipHash, DoesNotCareHowItsMessageIsCut) {
  const std::string whole = counting(37);
  const Hash128 expected = hash_of(whole);
  for (std::size_t first = 0; first <= whole.size(); ++first) {
    for (std::size_t second = first; second <= whole.size(); ++second) {
      SipHash hash{kKey};
      hash.add(std::string_view{whole}.substr(0, first));
      hash.add(std::string_view{whole}.substr(first, second - first));
      hash.add(std::string_view{whole}.substr(second));
      ASSERT_EQ(hash.finish(), expected) << first << ", " << second;
    }
  }
}

TEST(SipHash, DependsOnEachHalfOfItsKey) {
  const std::string text = counting(20);
  EXPECT_NE(hash_of(text, {kKey.low ^ 1U, kKey.high}), hash_of(text));
  EXPECT_NE(hash_of(text, {kKey.low, kKey.high ^ 1U}), hash_of(text));
}

}  // namespace
}  // namespace penstock::journal
