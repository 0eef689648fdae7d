#include "client/url.hpp"

#include <gtest/gtest.h>

namespace penstock::client {
namespace {

Url url(std::string_view text) {
  const auto parsed = parse_url(text);
  if (const auto* error = std::get_if<std::string>(&parsed)) throw std::runtime_error{*error};
  return std::get<Url>(parsed);
}

std::string error(std::string_view text) {
  const auto parsed = parse_url(text);
  return std::holds_alternative<std::string>(parsed) ? std::get<std::string>(parsed) : "none";
}

TEST(Url, IsHostPortAndTarget) {
  EXPECT_EQ(url("http://127.0.0.1:8081").authority(), "127.0.0.1:8081");
  EXPECT_EQ(url("http://127.0.0.1:8081").target, "/");
  EXPECT_EQ(url("http://host/a?b=c").authority(), "host:80");
  EXPECT_EQ(url("http://host/a?b=c").target, "/a?b=c");
  EXPECT_EQ(url("http://host?b=c").target, "/?b=c");
  EXPECT_EQ(url("http://[::1]:9/x").host, "::1");
  EXPECT_EQ(url("http://[::1]:9/x").authority(), "[::1]:9");
}

TEST(Url, ThatIsNoneIsRefused) {
  EXPECT_EQ(error("https://host/"), "https is not built yet; write http://HOST:PORT/PATH");
  for (const char* text : {"", "host:80", "ftp://host", "//host"}) {
    EXPECT_EQ(error(text), "not a URL; write http://HOST:PORT/PATH") << text;
  }
  for (const char* text : {"http://", "http://:80", "http://host:", "http://host:x", "http://host:65536", "http://[::1",
                           "http://[::1]x"}) {
    EXPECT_EQ(error(text), "the URL names no host, or a port that is none") << text;
  }
  EXPECT_EQ(error("http://user:hush@host/"), "a user or password cannot stand in the URL");
  for (const char* text : {"http://host/a b", "http://host/\r\nX: y", "http://host/#a", "http://ho\tst/"}) {
    EXPECT_EQ(error(text), "blanks, control bytes and # cannot stand in the URL") << text;
  }
}

TEST(Url, QueryValuesAreEncoded) {
  EXPECT_EQ(query_value("github.*"), "github.%2A");
  EXPECT_EQ(query_value(">"), "%3E");
  EXPECT_EQ(query_value("a b&c=\xC3\xBC-._~9"), "a%20b%26c%3D%C3%BC-._~9");
}

}  // namespace
}  // namespace penstock::client
