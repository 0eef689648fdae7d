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
