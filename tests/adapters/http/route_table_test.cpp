#include "http/route_table.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace penstock::http {
namespace {

Route route(const char* method, const char* path) {
  return {.method = method, .path = path, .make = [](std::size_t) { return nullptr; }};
}

std::vector<Route> some_routes() {
  return {route("POST", "/hooks/a"), route("GET", "/v1/x"), route("PUT", "/v1/x"), route("POST", "/v1/*"),
          route("POST", "/v1/x/*")};
}

TEST(RouteTable, FindsAnExactPathBeforeAnyPrefix) {
  const RouteTable table{some_routes()};
  EXPECT_EQ(table.find("GET", "/v1/x").index, 1U);
  EXPECT_EQ(table.find("PUT", "/v1/x").index, 2U);
  EXPECT_EQ(table.find("POST", "/v1/y").index, 3U);
}

TEST(RouteTable, PrefersTheLongestPrefix) {
  const RouteTable table{some_routes()};
  EXPECT_EQ(table.find("POST", "/v1/x/y/z").index, 4U);
  EXPECT_EQ(table.find("POST", "/v1/xx/y").index, 3U);
}

TEST(RouteTable, WantsAByteBehindAPrefix) {
  const RouteTable table{some_routes()};
  EXPECT_FALSE(table.find("POST", "/v1/").path_known);
  EXPECT_FALSE(table.find("POST", "/v1").path_known);
}

TEST(RouteTable, TellsTheMethodsOfAKnownPath) {
  const RouteTable table{some_routes()};
  const RouteMatch match = table.find("DELETE", "/v1/x");
  EXPECT_TRUE(match.path_known);
  EXPECT_EQ(match.route, nullptr);
  EXPECT_EQ(match.allow, "GET, HEAD, PUT");
  EXPECT_EQ(table.find("GET", "/hooks/a").allow, "POST");
}

TEST(RouteTable, AnswersHeadWithGet) {
  const RouteTable table{some_routes()};
  EXPECT_EQ(table.find("HEAD", "/v1/x").index, 1U);
  EXPECT_EQ(table.find("HEAD", "/hooks/a").route, nullptr);
}

TEST(RouteTable, ComparesPathsAsTheyCame) {
  const RouteTable table{some_routes()};
  for (const char* path :
       {"/hooks/A", "/hooks/%61", "/hooks/./a", "/hooks//a", "/hooks/a/", "/hooks/a/../a", "", "*"}) {
    EXPECT_FALSE(table.find("POST", path).path_known) << path;
  }
}

TEST(RouteTable, RefusesRoutesThatCannotWork) {
  EXPECT_THROW(RouteTable({route("POST", "hooks")}), std::invalid_argument);
  EXPECT_THROW(RouteTable({route("", "/a")}), std::invalid_argument);
  EXPECT_THROW(RouteTable({route("POST", "/a"), route("POST", "/a")}), std::invalid_argument);
  EXPECT_THROW(RouteTable({Route{.method = "POST", .path = "/a", .make = {}}}), std::invalid_argument);
}

}  // namespace
}  // namespace penstock::http
