#include "admin/admin.hpp"

#include "admin/guard.hpp"
#include "support/http_client.hpp"
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace penstock::admin {
namespace {

namespace json = boost::json;
using support::HttpClient;
using support::Response;

/// A broker with its admin listener, tokens set.
class AdminTest : public testing::Test {
 protected:
  void SetUp() override {
    broker_.route("github", Route::header("x-github-event"));
    static_cast<void>(broker_.source("github"));
    AdminOptions options{
        .version = "1.2.3", .revision = "abc", .readiness = [this] { return std::string_view{state_.load()}; }};
    options.sources = {{.name = "github", .preset = "github", .verify = "hmac"}};
    options.listeners = [this] { return std::vector<ListenerStats>{{.name = "admin", .stats = server_->stats()}}; };
    admin_.emplace(broker_, std::move(options));
    GuardOptions guard;
    guard.read_token = verify::Secret{std::string{"reading"}};
    guard.write_token = verify::Secret{std::string{"writing"}};
    http::ServerOptions listener;
    listener.name = "admin";
    listener.guard = make_guard(std::move(guard));
    server_.emplace(std::move(listener), admin_->routes());
    server_->start();
  }

  Response get(const std::string& target, const std::string& token = "reading") {
    HttpClient::Fields fields;
    if (!token.empty()) fields.emplace_back("Authorization", "Bearer " + token);
    return HttpClient{server_->port()}.ask("GET", target, fields);
  }

  Broker broker_{{.workers = 1}};
  std::atomic<const char*> state_{"ready"};
  std::optional<Admin> admin_;
  std::optional<http::Server> server_;
};

TEST_F(AdminTest, SaysThatItLivesToAnyone) {
  const Response answer = get("/healthz", "");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"status":"ok"})");
  EXPECT_NE(answer.head.find("content-type: application/json\r\n"), std::string::npos) << answer.head;
}

TEST_F(AdminTest, IsReadyOnlyWhenItSaysSo) {
  EXPECT_EQ(get("/readyz", "").status, 200);
  EXPECT_EQ(get("/readyz", "").body, R"({"status":"ready"})");
  for (const char* state : {"draining", "full"}) {
    state_ = state;
    const Response answer = get("/readyz", "");
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.body, R"({"status":")" + std::string{state} + R"("})");
    EXPECT_NE(answer.head.find("retry-after: 1\r\n"), std::string::npos) << answer.head;
  }
}

TEST_F(AdminTest, KeepsEverythingElseBehindTheToken) {
  for (const char* target : {"/metrics", "/v1/stats", "/v1/sources", "/v1/topics", "/v1/events/1", "/nowhere"}) {
    EXPECT_EQ(get(target, "").status, 401) << target;
    EXPECT_EQ(get(target, "wrong").status, 401) << target;
  }
  HttpClient client{server_->port()};
  EXPECT_EQ(client.ask("POST", "/v1/topics/a/events", {{"Authorization", "Bearer reading"}}, "1").status, 401);
  EXPECT_EQ(
      HttpClient{server_->port()}.ask("POST", "/v1/topics/a/events", {{"Authorization", "Bearer writing"}}, "1").status,
      200);
}

TEST_F(AdminTest, ShowsCountersAsPrometheusText) {
  ASSERT_EQ(get("/v1/stats").status, 200);
  const Response answer = get("/metrics");
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.head.find("content-type: text/plain; version=0.0.4; charset=utf-8\r\n"), std::string::npos);
  for (const char* line : {"\npenstock_events_received_total{source=\"github\"} 0\n",
                           "\npenstock_http_requests_total{listener=\"admin\",code=\"200\"} 1\n",
                           "\npenstock_build_info{version=\"1.2.3\",revision=\"abc\"} 1\n", "\nprocess_open_fds "}) {
    EXPECT_NE(answer.body.find(line), std::string::npos) << line << " in\n" << answer.body;
  }
}

TEST_F(AdminTest, ShowsStatsSourcesAndTopicsAsJson) {
  HttpClient{server_->port()}.ask("POST", "/v1/topics/github/events",
                                  {{"Authorization", "Bearer writing"}, {"X-Meta-X-GitHub-Event", "push"}}, "{}");
  const json::value stats = json::parse(get("/v1/stats").body);
  EXPECT_EQ(stats.at("version").as_string(), "1.2.3");
  EXPECT_EQ(stats.at("sources").at(0).at("name").as_string(), "admin");
  EXPECT_EQ(stats.at("sources").at(0).at("accepted").to_number<int>(), 1);
  EXPECT_GT(stats.at("memory").at("budget_bytes").to_number<std::uint64_t>(), 0U);
  const json::value sources = json::parse(get("/v1/sources").body).at("sources");
  EXPECT_EQ(sources.at(0).at("name").as_string(), "github");
  EXPECT_EQ(sources.at(0).at("verify").as_string(), "hmac");
  const json::value topics = json::parse(get("/v1/topics").body).at("topics");
  ASSERT_FALSE(topics.as_array().empty());
  EXPECT_EQ(topics.at(0).at("name").as_string(), "github");
  EXPECT_EQ(topics.at(0).at("route").as_string(), "header:x-github-event");
}

TEST_F(AdminTest, IsWatchedUntilTheEndOfItsDrain) {
  state_ = "draining";
  server_->drain(std::chrono::seconds{10});
  EXPECT_EQ(get("/healthz", "").body, R"({"status":"ok"})");
  EXPECT_EQ(get("/readyz", "").body, R"({"status":"draining"})");
  EXPECT_EQ(get("/metrics").status, 200);
  EXPECT_EQ(get("/v1/stats").body, R"({"error":"draining"})");
}

TEST_F(AdminTest, ShowsOtherSourcesAndTakesLargerPayloadsOnceItsSuccessorIsServed) {
  const auto post = [this](std::size_t bytes) {
    return HttpClient{server_->port()}
        .ask("POST", "/v1/topics/a/events", {{"Authorization", "Bearer writing"}}, std::string(bytes, 'x'))
        .status;
  };
  const auto next = admin_->successor({{.name = "gitlab", .verify = "token"}}, 10);
  EXPECT_EQ(post(11), 200) << "nothing is switched yet";
  http::ServerOptions listener;
  listener.guard = make_guard({.write_token = verify::Secret{std::string{"writing"}}});
  server_->use(http::Server::prepare(std::move(listener), next->routes()));
  EXPECT_EQ(post(10), 200);
  EXPECT_EQ(post(11), 413);
  const json::value sources = json::parse(get("/v1/sources").body).at("sources");
  EXPECT_EQ(sources.at(0).at("name").as_string(), "gitlab");
  EXPECT_EQ(sources.at(1).at("name").as_string(), "admin");
  EXPECT_EQ(sources.at(1).at("accepted").to_number<int>(), 2) << "the counters are the same ones";
  EXPECT_EQ(sources.at(2).at("name").as_string(), "github");
  EXPECT_FALSE(sources.at(2).at("configured").as_bool());
  EXPECT_EQ(broker_.stats().publishers, 1U);
}

TEST_F(AdminTest, KnowsNoOtherMethodAndNoOtherPath) {
  HttpClient client{server_->port()};
  EXPECT_EQ(client.ask("DELETE", "/v1/stats", {{"Authorization", "Bearer writing"}}).status, 405);
  EXPECT_EQ(get("/v1/nowhere").status, 404);
}

TEST_F(AdminTest, TurnsAwayAPageThatGivesItsOwnName) {
  HttpClient client{server_->port()};
  client.send("GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n");
  const Response answer = client.read_response();
  EXPECT_EQ(answer.status, 421);
  EXPECT_TRUE(answer.body.starts_with(R"({"error":"misdirected","message":")")) << answer.body;
}

TEST(Healthz, StandsAloneOnAnotherListener) {
  http::ServerOptions listener;
  listener.name = "ingress";
  http::Server server{std::move(listener), {healthz()}};
  server.start();
  EXPECT_EQ(HttpClient{server.port()}.ask("GET", "/healthz").body, R"({"status":"ok"})");
}

}  // namespace
}  // namespace penstock::admin
