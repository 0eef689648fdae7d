#include "verify/hmac.hpp"

#include "verify/encoding.hpp"
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace penstock::verify {
namespace {

std::string hmac_of(const HmacKey& key, std::string_view message) {
  Digest mac{};
  return key.sign(message, mac) ? encode_hex(mac) : "no memory";
}

std::string run_of(char first, char last) {
  std::string text;
  for (char c = first; c <= last; ++c) text += c;
  return text;
}

// RFC 4231, 4.2 to 4.8: keys shorter and longer than a block, data longer than a block.
TEST(HmacKey, SignsThePublishedCases) {
  struct Case {
    std::string key;
    std::string data;
    std::string mac;
  };
  const std::string long_key(131, '\xaa');
  const std::vector<Case> cases{
      {std::string(20, '\x0b'), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {"Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {std::string(20, '\xaa'), std::string(50, '\xdd'),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {run_of('\x01', '\x19'), std::string(50, '\xcd'),
       "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
      {std::string(20, '\x0c'), "Test With Truncation", "a3b6167473100ee06e0c796c2955552b"},
      {long_key, "Test Using Larger Than Block-Size Key - Hash Key First",
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {long_key,
       "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be "
       "hashed "
       "before being used by the HMAC algorithm.",
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"}};
  for (const Case& c : cases) {
    const std::string mac = hmac_of(HmacKey{c.key}, c.data);
    EXPECT_EQ(mac.size(), 64U);
    EXPECT_EQ(mac.substr(0, c.mac.size()), c.mac) << c.data;
  }
}

TEST(HmacKey, GivesTheSameAnswerHoweverOftenItIsUsed) {
  const HmacKey key{"Jefe"};
  const std::string first = hmac_of(key, "a");
  EXPECT_NE(hmac_of(key, "b"), first);
  EXPECT_EQ(hmac_of(key, "a"), first);
}

TEST(HmacKey, IsSharedByThreads) {
  const HmacKey key{"Jefe"};
  const std::string wanted = hmac_of(key, "what do ya want for nothing?");
  std::vector<int> wrong(4, 0);
  std::vector<std::thread> threads;
  threads.reserve(wrong.size());
  for (int& count : wrong) {
    threads.emplace_back([&key, &wanted, &count] {
      for (int i = 0; i < 2000; ++i) count += hmac_of(key, "what do ya want for nothing?") == wanted ? 0 : 1;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

// FIPS 180-4's own example, by NIST: "abc".
TEST(Sha256, HashesThePublishedExample) {
  Digest digest{};
  ASSERT_TRUE(sha256("abc", digest));
  EXPECT_EQ(encode_hex(digest), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Digest, DiffersByAnyBit) {
  const Digest zero{};
  EXPECT_TRUE(equal(zero, Digest{}));
  for (std::size_t i = 0; i < zero.size() * 8; ++i) {
    Digest other{};
    other[i / 8] = static_cast<unsigned char>(1U << i % 8);
    EXPECT_FALSE(equal(zero, other)) << "bit " << i;
  }
}

}  // namespace
}  // namespace penstock::verify
