#include "admin/guard.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace penstock::admin {
namespace {

struct Asked {
  std::string method = "GET";
  std::string path = "/v1/stats";
  std::string host = "127.0.0.1:8081";
  std::vector<http::Field> fields = {};
  std::uint64_t body_bytes = 0;
  std::string query = {};
};

http::Answer answer(GuardOptions&& options, const Asked& asked) {
  http::RequestHead head;
  head.method = asked.method;
  head.target = asked.path;
  head.path = asked.path;
  head.host = asked.host;
  head.query = asked.query;
  head.fields = asked.fields;
  if (asked.body_bytes > 0) head.content_length = asked.body_bytes;
  return make_guard(std::move(options))(head);
}

int status(const Asked& asked) {
  return answer({.listen_address = "127.0.0.1", .listen_port = 8081, .hosts = {"penstock.example", "door.example:99"}},
                asked)
      .status;
}

GuardOptions tokens(std::string read, std::string write) {
  GuardOptions options;
  options.listen_port = 8081;
  options.read_token = verify::Secret{std::move(read)};
  options.write_token = verify::Secret{std::move(write)};
  return options;
}

int status(GuardOptions&& options, std::string method, const std::string& authorization,
           std::string path = "/v1/stats") {
  Asked asked{.method = std::move(method), .path = std::move(path)};
  if (!authorization.empty()) asked.fields = {{"Authorization", authorization}};
  return answer(std::move(options), asked).status;
}

TEST(Guard, LetsOwnNamesInWithOrWithoutAPort) {
  for (const char* host :
       {"127.0.0.1:8081", "127.0.0.1", "localhost", "LocalHost:8081", "[::1]", "[::1]:8081", "localhost:9000",
        "localhost:", "[::1]:", "penstock.example", "PENSTOCK.example:443", "door.example:99", "DOOR.example:99"}) {
    EXPECT_EQ(status(Asked{.host = host}), 0) << host;
  }
}

TEST(Guard, TurnsAwayNamesThatARebindingPageWouldSend) {
  for (const char* host : {"evil.example", "evil.example:8081", "localhost.evil.example", "127.0.0.1.evil.example", "",
                           "127.0.0.2", "::1", "[::1", "[::2]:8081", ":", "localhost:x", "localhost:99999",
                           "user@localhost", "localhost/x", "door.example", "door.example:98", "localhost:80:80"}) {
    EXPECT_EQ(status(Asked{.host = host}), 421) << host;
    EXPECT_EQ(status(Asked{.path = "/healthz", .host = host}), 421) << host;
  }
}

TEST(Guard, KnowsTheAddressItListensOn) {
  const auto at = [](std::string address, std::string host) {
    return answer({.listen_address = std::move(address), .listen_port = 1}, Asked{.host = std::move(host)}).status;
  };
  EXPECT_EQ(at("192.0.2.7", "192.0.2.7:1"), 0);
  EXPECT_EQ(at("192.0.2.7", "192.0.2.8:1"), 421);
  EXPECT_EQ(at("2001:db8::1", "[2001:db8::1]:1"), 0);
  EXPECT_EQ(at("2001:db8::1", "[2001:DB8::1]"), 0);
  EXPECT_EQ(at("2001:db8::1", "2001:db8::1"), 421);
}

TEST(Guard, LetsItsOwnPagesInAndNoOthers) {
  const auto from = [](const char* origin) { return status(Asked{.method = "POST", .fields = {{"Origin", origin}}}); };
  for (const char* origin : {"http://127.0.0.1:8081", "http://localhost:8081", "HTTP://LOCALHOST:8081",
                             "https://penstock.example:8081", "http://[::1]:8081", "http://door.example:99"}) {
    EXPECT_EQ(from(origin), 0) << origin;
  }
  for (const char* origin :
       {"null", "", "http://evil.example", "http://localhost:3000", "http://localhost.evil.example", "file://",
        "file://localhost", "localhost:8081", "http://user@localhost:8081", "http://localhost:8081/",
        "http://evil.example:8081", "http://door.example", "http://door.example:8081", "http://localhost",
        "https://localhost", "https://penstock.example", "http://localhost:"}) {
    EXPECT_EQ(from(origin), 403) << origin;
  }
}

TEST(Guard, TakesTheForwardedPortOfHostForAnOwnOne) {
  EXPECT_EQ(status(Asked{.host = "localhost:9000", .fields = {{"Origin", "http://localhost:9000"}}}), 0);
  EXPECT_EQ(status(Asked{.host = "localhost:9000", .fields = {{"Origin", "http://localhost:9001"}}}), 403);
}

TEST(Guard, TakesAnOriginWithoutAPortForItsSchemesOwn) {
  const auto status_at = [](std::string host, const char* origin) {
    return status(Asked{.host = std::move(host), .fields = {{"Origin", origin}}});
  };
  EXPECT_EQ(status_at("penstock.example", "https://penstock.example"), 0) << "behind a proxy that keeps Host";
  EXPECT_EQ(status_at("penstock.example", "http://penstock.example"), 0);
  EXPECT_EQ(status_at("penstock.example:443", "https://penstock.example"), 0);
  EXPECT_EQ(status_at("penstock.example:443", "http://penstock.example"), 403);
  EXPECT_EQ(status_at("localhost:80", "http://localhost"), 0);
  const auto listed = [](const char* origin) {
    return answer({.listen_port = 8081, .hosts = {"penstock.example:443"}}, Asked{.fields = {{"Origin", origin}}})
        .status;
  };
  EXPECT_EQ(listed("https://penstock.example"), 0) << "behind a proxy that rewrites Host";
  EXPECT_EQ(listed("http://penstock.example"), 403);
}

TEST(Guard, LooksAtEveryOriginField) {
  EXPECT_EQ(status(Asked{.fields = {{"Origin", "http://localhost:8081"}, {"origin", "http://evil.example"}}}), 403);
}

TEST(Guard, TurnsAwayWhatABrowserCallsCrossSite) {
  const auto site = [](const char* value) { return status(Asked{.fields = {{"Sec-Fetch-Site", value}}}); };
  EXPECT_EQ(site("cross-site"), 403);
  EXPECT_EQ(site("Same-Site"), 403);
  EXPECT_EQ(site("same-origin"), 0);
  EXPECT_EQ(site("none"), 0);
}

TEST(Guard, WantsEachSecFetchSiteToBeOneOfTheGoodWords) {
  for (const char* value : {"same-origin, cross-site", "same-origin,none", "", "other", "none "}) {
    EXPECT_EQ(status(Asked{.fields = {{"Sec-Fetch-Site", value}}}), 403) << value;
  }
  EXPECT_EQ(status(Asked{.fields = {{"Sec-Fetch-Site", "same-origin"}, {"sec-fetch-site", "cross-site"}}}), 403);
  EXPECT_EQ(status(Asked{.fields = {{"Sec-Fetch-Site", "none"}, {"sec-fetch-site", "same-origin"}}}), 0);
}

TEST(Guard, WantsJsonForBodiesButForPayloads) {
  const auto type = [](const char* path, std::vector<http::Field> fields, std::uint64_t bytes) {
    return status(Asked{.method = "POST", .path = path, .fields = std::move(fields), .body_bytes = bytes});
  };
  EXPECT_EQ(type("/v1/other", {{"Content-Type", "application/json"}}, 2), 0);
  EXPECT_EQ(type("/v1/other", {{"content-type", "Application/JSON ; charset=utf-8"}}, 2), 0);
  EXPECT_EQ(type("/v1/other", {{"Content-Type", "text/plain"}}, 2), 415);
  EXPECT_EQ(type("/v1/other", {{"Content-Type", "application/jsonp"}}, 2), 415);
  EXPECT_EQ(type("/v1/other", {}, 2), 415);
  EXPECT_EQ(type("/v1/other", {{"Content-Type", "application/json"}, {"Content-Type", "text/plain"}}, 2), 415);
  EXPECT_EQ(type("/v1/other", {}, 0), 0);
  EXPECT_EQ(type("/v1/topics/github/events", {{"Content-Type", "text/plain"}}, 2), 0);
  EXPECT_EQ(type("/v1/topics/github/events", {}, 2), 0);
}

TEST(Guard, AsksForNoTokenWhereNoneIsSet) {
  EXPECT_EQ(status(tokens("", ""), "GET", ""), 0);
  EXPECT_EQ(status(tokens("", ""), "POST", ""), 0);
}

TEST(Guard, LetsTheReadTokenReadAndTheWriteTokenDoAll) {
  const auto ask = [](const char* method, const char* authorization) {
    return status(tokens("reading", "writing"), method, authorization);
  };
  EXPECT_EQ(ask("GET", "Bearer reading"), 0);
  EXPECT_EQ(ask("HEAD", "bearer reading"), 0);
  EXPECT_EQ(ask("GET", "Bearer writing"), 0);
  EXPECT_EQ(ask("POST", "Bearer writing"), 0);
  EXPECT_EQ(ask("DELETE", "Bearer writing"), 0);
  EXPECT_EQ(ask("POST", "Bearer reading"), 401);
  EXPECT_EQ(ask("PUT", "Bearer reading"), 401);
}

TEST(Guard, TurnsAwayWrongTokens) {
  for (const char* authorization :
       {"", "Bearer", "Bearer ", "Bearer wrong", "Bearer readin", "Bearer readingg", "Bearer READING", "Basic reading",
        "reading", "Bearerreading", "Bearer reading x"}) {
    EXPECT_EQ(status(tokens("reading", "writing"), "GET", authorization), 401) << authorization;
  }
  const Asked twice{.fields = {{"Authorization", "Bearer reading"}, {"Authorization", "Bearer reading"}}};
  EXPECT_EQ(answer(tokens("reading", "writing"), twice).status, 401);
}

TEST(Guard, WithOneTokenGuardsWhatThatOneIsFor) {
  EXPECT_EQ(status(tokens("", "writing"), "GET", ""), 0);
  EXPECT_EQ(status(tokens("", "writing"), "POST", ""), 401);
  EXPECT_EQ(status(tokens("reading", ""), "GET", ""), 401);
  EXPECT_EQ(status(tokens("reading", ""), "POST", ""), 401);
  EXPECT_EQ(status(tokens("reading", ""), "POST", "Bearer reading"), 401);  // Nobody said who may write.
  EXPECT_EQ(status(tokens("reading", ""), "POST", "Bearer "), 401);         // An empty token is none.
}

TEST(Guard, WantsTheWriteTokenForAStreamThatMayHoldBackPublishers) {
  const auto ask = [](GuardOptions&& options, const char* token, std::string query, std::string path = "/v1/stream") {
    Asked asked{.path = std::move(path), .query = std::move(query)};
    if (*token != '\0') asked.fields = {{"Authorization", token}};
    return answer(std::move(options), asked).status;
  };
  for (const char* query : {"topic=a&overflow=refuse", "overflow=refuse&topic=a", "%6Fverflow=%72efuse",
                            "&overflow=refuse&", "overflow=disconnect&overflow=refuse"}) {
    EXPECT_EQ(ask(tokens("reading", "writing"), "Bearer reading", query), 401) << query;
    EXPECT_EQ(ask(tokens("reading", "writing"), "Bearer writing", query), 0) << query;
    EXPECT_EQ(ask(tokens("", "writing"), "", query), 401) << query;
    EXPECT_EQ(ask(tokens("reading", ""), "Bearer reading", query), 401) << query;
    EXPECT_EQ(ask(tokens("", ""), "", query), 0) << query;
  }
  for (const char* query : {"topic=a", "topic=a&overflow=drop_oldest", "topic=overflow=refuse"}) {
    EXPECT_EQ(ask(tokens("reading", "writing"), "Bearer reading", query), 0) << query;
  }
  EXPECT_EQ(ask(tokens("reading", "writing"), "Bearer reading", "overflow=refuse", "/v1/stats"), 0);
}

TEST(Guard, LeavesHealthOpen) {
  EXPECT_EQ(status(tokens("reading", "writing"), "GET", "", "/healthz"), 0);
  EXPECT_EQ(status(tokens("reading", "writing"), "GET", "", "/readyz"), 0);
  EXPECT_EQ(status(tokens("reading", "writing"), "GET", "", "/metrics"), 401);
  EXPECT_EQ(status(tokens("reading", "writing"), "GET", "", "/healthz/"), 401);
}

TEST(Guard, SaysWhichSchemeItWantsAndNeverWhatItGot) {
  const http::Answer refused =
      answer(tokens("reading", "writing"), Asked{.fields = {{"Authorization", "Bearer gue55"}}});
  ASSERT_EQ(refused.fields.size(), 1U);
  EXPECT_EQ(refused.fields[0].first, "www-authenticate");
  EXPECT_TRUE(refused.fields[0].second.starts_with("Bearer "));
  EXPECT_EQ(refused.body.find("gue55"), std::string_view::npos);
  EXPECT_EQ(refused.body.find("reading"), std::string_view::npos);
}

}  // namespace
}  // namespace penstock::admin
