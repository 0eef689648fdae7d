#include "http/target.hpp"

#include <gtest/gtest.h>

#include <string>

namespace penstock::http {
namespace {

bool is_good(std::string_view method, std::string_view text) {
  Target target;
  return read_target(method, text, target);
}

TEST(Target, TakesAPathForEveryMethod) {
  Target target;
  ASSERT_TRUE(read_target("GET", "/a/../b%2F?c=d/e", target));
  EXPECT_EQ(target.path, "/a/../b%2F");
  EXPECT_EQ(target.query, "c=d/e");
  EXPECT_EQ(target.host, "");
}

TEST(Target, TakesAnAbsoluteFormWithAValidAuthority) {
  Target target;
  ASSERT_TRUE(read_target("POST", "HTTPS://[::1]:8443/a?b", target));
  EXPECT_EQ(target.host, "[::1]:8443");
  EXPECT_EQ(target.path, "/a");
  EXPECT_EQ(target.query, "b");
  for (const char* text : {"http://", "http:///a", "http://u@h/", "http://h:x/", "ftp://h/", "http:/h/a"}) {
    EXPECT_FALSE(is_good("POST", text)) << text;
  }
}

TEST(Target, KeepsTheAsteriskForOptionsAndTheAuthorityForConnect) {
  EXPECT_TRUE(is_good("OPTIONS", "*"));
  EXPECT_FALSE(is_good("POST", "*"));
  EXPECT_TRUE(is_good("CONNECT", "h:443"));
  EXPECT_TRUE(is_good("CONNECT", "[::1]:443"));
  for (const char* text : {"h", "h:", "[::1]", "/a", "http://h/"}) EXPECT_FALSE(is_good("CONNECT", text)) << text;
  EXPECT_FALSE(is_good("POST", "h:443"));
}

TEST(Authority, TakesWholeIpv6AddressesInBracketsAndNothingElse) {
  for (const char* text : {"[::]", "[::1]", "[2001:db8::1]:65535", "[1:2:3:4:5:6:7:8]", "[::ffff:192.0.2.1]:80",
                           "[FFFF:ffff:ffff:ffff:ffff:ffff:255.255.255.255]"}) {
    EXPECT_TRUE(is_authority(text)) << text;
  }
  for (const char* text : {"[",
                           "[]",
                           "[:]",
                           "[:::]",
                           "[:::::::]",
                           "[1::2::3]",
                           "[1:2:3:4:5:6:7]",
                           "[1:2:3:4:5:6:7:8:9]",
                           "[12345::]",
                           "[::1.2.3]",
                           "[::1.2.3.256]",
                           "[1.2.3.4]",
                           "[fe80::1%eth0]",
                           "[fe80::1%25lo]",
                           "[v1.a]",
                           "[::g]",
                           "[::1",
                           "::1",
                           "[::1]x",
                           "[::1]:x",
                           "[::1]:65536",
                           "[[::1]]",
                           "[ ::1]",
                           "[0000000000000000000000000000000000000000000000::1]"}) {
    EXPECT_FALSE(is_authority(text)) << text;
  }
  using namespace std::string_view_literals;
  EXPECT_FALSE(is_authority("[::1\0]"sv));
}

TEST(Target, RefusesBytesThatNoUriHolds) {
  for (int c = 0; c < 256; ++c) {
    const char byte = static_cast<char>(c);
    const bool is_bad =
        c <= 0x20 || c >= 0x7f || std::string_view("\"#<>\\^{}`|%").find(byte) != std::string_view::npos;
    EXPECT_EQ(is_good("POST", std::string("/") + byte), !is_bad) << c;
  }
}

TEST(Target, RefusesBadEscapes) {
  for (const char* text : {"/%", "/%4", "/%4g", "/%00", "/a?%zz"}) EXPECT_FALSE(is_good("POST", text)) << text;
  EXPECT_TRUE(is_good("POST", "/%41%0a"));
  EXPECT_FALSE(is_good("POST", ""));
}

}  // namespace
}  // namespace penstock::http
