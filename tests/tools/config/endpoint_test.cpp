#include "config/endpoint.hpp"

#include <gmock/gmock.h>

namespace penstock::config {
namespace {

Endpoint endpoint(std::string_view text) {
  const Parsed<Endpoint> parsed = parse_endpoint(text);
  if (const auto* error = std::get_if<UnitError>(&parsed)) ADD_FAILURE() << error->text;
  return std::holds_alternative<Endpoint>(parsed) ? std::get<Endpoint>(parsed) : Endpoint{};
}

TEST(Endpoints, AreAddressAndPort) {
  EXPECT_EQ(endpoint("127.0.0.1:8080").address, "127.0.0.1");
  EXPECT_EQ(endpoint("127.0.0.1:8080").port, 8080);
  EXPECT_EQ(endpoint("[::1]:0").address, "::1");
  EXPECT_EQ(endpoint("[::1]:0").port, 0);
  EXPECT_EQ(endpoint("localhost:1").address, "127.0.0.1");
  EXPECT_EQ(endpoint(":65535").text(), "0.0.0.0:65535");
  EXPECT_EQ(endpoint("[::1]:80").text(), "[::1]:80");
}

TEST(Endpoints, KnowLoopback) {
  EXPECT_TRUE(endpoint("127.9.9.9:1").is_loopback());
  EXPECT_TRUE(endpoint("[::1]:1").is_loopback());
  for (const char* text : {"0.0.0.0:1", "[::]:1", "10.0.0.1:1"}) EXPECT_FALSE(endpoint(text).is_loopback()) << text;
}

TEST(Endpoints, ThatMeanEveryAddressAreReachedOnLoopback) {
  EXPECT_EQ(endpoint("0.0.0.0:1").reachable().text(), "127.0.0.1:1");
  EXPECT_EQ(endpoint("[::]:1").reachable().text(), "[::1]:1");
  EXPECT_EQ(endpoint("10.0.0.1:1").reachable().text(), "10.0.0.1:1");
}

TEST(Endpoints, ThatAreNoneAreRefusedWithAnExample) {
  for (const char* text : {"", "8080", "nowhere", "nowhere:80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "::1:80",
                           "127.0.0.1:-1", "1.2.3:80", "[1.2.3.4]:80", "127.0.0.1:80x", "[::1]"}) {
    const Parsed<Endpoint> parsed = parse_endpoint(text);
    ASSERT_TRUE(std::holds_alternative<UnitError>(parsed)) << text;
    EXPECT_THAT(std::get<UnitError>(parsed).text, testing::HasSubstr("such as 127.0.0.1:8080")) << text;
  }
}

}  // namespace
}  // namespace penstock::config
