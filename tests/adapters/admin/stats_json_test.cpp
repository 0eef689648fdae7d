#include "admin/stats_json.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>
#include <penstock/publisher.hpp>

#include <string>

namespace penstock::admin {
namespace {

namespace json = boost::json;

BrokerStats filled() {
  BrokerStats stats;
  SourceStats github;
  github.name = "github";
  github.topic = "code";
  github.received = 9;
  github.accepted = 7;
  github.refused.assign(kRefusals, 0);
  github.refused[static_cast<std::size_t>(Refusal::unauthorized)] = 2;
  github.unmatched = 3;
  github.without_delivery_id = 6;
  SourceStats admin;
  admin.name = admin.topic = "admin";
  stats.sources = {admin, github};
  SubscriptionStats stream;
  stream.name = "stream";
  stream.patterns = {"a", "b.>"};
  stream.matched = 5;
  stream.ok = 4;
  stream.lag = 1;
  stream.oldest_unsettled_seconds = 0.5;
  stats.subscriptions = {stream};
  stats.topics = {{.name = "code", .route = "header:x-github-event", .subscriptions = 2},
                  {.name = "plain", .route = "", .subscriptions = 0}};
  stats.dispatch = {.upper_seconds = {1e-6, 1e-3, 1}, .counts = {50, 45, 5, 0}, .sum_seconds = 0.25};
  stats.memory_used_bytes = 100;
  stats.memory_budget_bytes = 1000;
  stats.publishers = 2;
  stats.shards = 1;
  stats.workers = 3;
  stats.handler_threads = 4;
  return stats;
}

TEST(StatsJson, HoldsEveryCounter) {
  const std::vector<ListenerStats> listeners{
      {.name = "ingress", .stats = {.connections = 3, .answers_by_status = {{200, 5}}}}};
  const json::value stats = json::parse(stats_json({.broker = filled(),
                                                    .listeners = listeners,
                                                    .configuration = ConfigurationStats{false, 1.5},
                                                    .version = "0.1.0",
                                                    .revision = "abc"}));
  EXPECT_EQ(stats.at("version").as_string(), "0.1.0");
  EXPECT_EQ(stats.at("revision").as_string(), "abc");
  const json::value& github = stats.at("sources").at(1);
  EXPECT_EQ(github.at("name").as_string(), "github");
  EXPECT_EQ(github.at("topic").as_string(), "code");
  EXPECT_EQ(github.at("received").to_number<int>(), 9);
  EXPECT_EQ(github.at("refused").at("unauthorized").to_number<int>(), 2);
  EXPECT_EQ(github.at("refused").at("full").to_number<int>(), 0);
  EXPECT_EQ(github.at("refused_total").to_number<int>(), 2);
  EXPECT_EQ(github.at("unmatched").to_number<int>(), 3);
  EXPECT_EQ(github.at("without_delivery_id").to_number<int>(), 6);
  const json::value& stream = stats.at("subscriptions").at(0);
  EXPECT_EQ(stream.at("patterns").at(1).as_string(), "b.>");
  EXPECT_EQ(stream.at("matched").to_number<int>(), 5);
  EXPECT_EQ(stream.at("lag").to_number<int>(), 1);
  EXPECT_EQ(stream.at("oldest_unsettled_seconds").to_number<double>(), 0.5);
  EXPECT_EQ(stats.at("memory").at("used_bytes").to_number<int>(), 100);
  EXPECT_EQ(stats.at("memory").at("budget_bytes").to_number<int>(), 1000);
  EXPECT_EQ(stats.at("workers").to_number<int>(), 3);
  EXPECT_EQ(stats.at("handler_threads").to_number<int>(), 4);
  EXPECT_EQ(stats.at("listeners").at(0).at("answers_by_status").at("200").to_number<int>(), 5);
  EXPECT_FALSE(stats.at("configuration").at("last_reload_successful").as_bool());
  EXPECT_EQ(stats.at("configuration").at("last_reload_success_timestamp_seconds").to_number<double>(), 1.5);
}

TEST(StatsJson, GivesPercentilesInSeconds) {
  const json::value stats = json::parse(stats_json({.broker = filled(), .version = "", .revision = ""}));
  const json::value& dispatch = stats.at("latency_seconds").at("dispatch");
  EXPECT_EQ(dispatch.at("count").to_number<int>(), 100);
  EXPECT_EQ(dispatch.at("p50").to_number<double>(), 1e-6);
  EXPECT_EQ(dispatch.at("p90").to_number<double>(), 1e-3);
  EXPECT_EQ(dispatch.at("p999").to_number<double>(), 1);
  EXPECT_EQ(stats.at("latency_seconds").at("receipt").at("count").to_number<int>(), 0);
  EXPECT_EQ(stats.at("latency_seconds").at("receipt").at("p99").to_number<double>(), 0);
}

TEST(StatsJson, JoinsConfigurationAndCountersOfASource) {
  const std::vector<SourceInfo> configured{{.name = "github",
                                            .preset = "github",
                                            .verify = "hmac",
                                            .event = {"header:x-github-event"},
                                            .dedup = "header:x-id",
                                            .dedup_window_seconds = 1800},
                                           {.name = "fresh", .verify = "none"}};
  const json::value sources = json::parse(sources_json(filled(), configured)).at("sources");
  ASSERT_EQ(sources.as_array().size(), 3U);
  EXPECT_EQ(sources.at(0).at("name").as_string(), "github");
  EXPECT_EQ(sources.at(0).at("verify").as_string(), "hmac");
  EXPECT_EQ(sources.at(0).at("preset").as_string(), "github");
  EXPECT_EQ(sources.at(0).at("event").at(0).as_string(), "header:x-github-event");
  EXPECT_EQ(sources.at(0).at("dedup").as_string(), "header:x-id");
  EXPECT_EQ(sources.at(0).at("dedup_window_seconds").to_number<double>(), 1800);
  EXPECT_TRUE(sources.at(1).at("dedup_window_seconds").is_null());
  EXPECT_EQ(sources.at(0).at("received").to_number<int>(), 9);
  EXPECT_EQ(sources.at(1).at("name").as_string(), "fresh");
  EXPECT_TRUE(sources.at(1).at("preset").is_null());
  EXPECT_EQ(sources.at(1).at("received").to_number<int>(), 0);
  EXPECT_EQ(sources.at(2).at("name").as_string(), "admin");
  EXPECT_FALSE(sources.at(2).at("configured").as_bool());
}

TEST(StatsJson, ListsTopicsWithTheirRoutes) {
  const json::value topics = json::parse(topics_json(filled())).at("topics");
  EXPECT_EQ(topics.at(0).at("name").as_string(), "code");
  EXPECT_EQ(topics.at(0).at("route").as_string(), "header:x-github-event");
  EXPECT_EQ(topics.at(0).at("subscriptions").to_number<int>(), 2);
  EXPECT_TRUE(topics.at(1).at("route").is_null());
}

TEST(StatsJson, IsWholeForABrokerThatDidNothing) {
  const json::value stats = json::parse(stats_json({.broker = {}, .version = "", .revision = ""}));
  EXPECT_TRUE(stats.at("sources").as_array().empty());
  EXPECT_EQ(stats.as_object().count("configuration"), 0U);
  EXPECT_TRUE(json::parse(sources_json({}, {})).at("sources").as_array().empty());
  EXPECT_TRUE(json::parse(topics_json({})).at("topics").as_array().empty());
}

}  // namespace
}  // namespace penstock::admin
