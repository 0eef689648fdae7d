#include "admin/metrics.hpp"

#include <gtest/gtest.h>
#include <penstock/publisher.hpp>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <memory>
#include <set>
#include <string>

namespace penstock::admin {
namespace {

SourceStats source(std::string name, std::uint64_t received) {
  SourceStats stats;
  stats.name = std::move(name);
  stats.received = received;
  stats.refused.assign(kRefusals, 0);
  return stats;
}

SubscriptionStats subscription(std::string name, std::uint64_t matched) {
  SubscriptionStats stats;
  stats.name = std::move(name);
  stats.matched = matched;
  return stats;
}

MetricsInput filled() {
  MetricsInput input;
  SourceStats github = source("github", 10);
  github.accepted = 7;
  github.duplicate = 1;
  github.unrouted = 2;
  github.unmatched = 3;
  github.handshakes = 4;
  github.without_delivery_id = 6;
  github.refused[static_cast<std::size_t>(Refusal::unauthorized)] = 2;
  SubscriptionStats ci = subscription("ci", 20);
  ci.ok = 11;
  ci.dead = 2;
  ci.dropped = 3;
  ci.lag = 4;
  ci.attempts_ok = 11;
  ci.attempts_failed = 5;
  ci.oldest_unsettled_seconds = 1.5;
  input.broker.sources = {github};
  input.sources = {{.name = "github", .dedup = "header:x-id", .dedup_window_seconds = 1800}};
  input.broker.subscriptions = {ci};
  input.broker.receipt = {.upper_seconds = {1e-6, 1e-3, 1}, .counts = {1, 2, 3, 4}, .sum_seconds = 12.5};
  input.broker.dispatch = {.upper_seconds = {1e-6, 1e-3, 1}, .counts = {4, 3, 2, 1}, .sum_seconds = 0.5};
  input.broker.memory_used_bytes = 1U << 20U;
  input.broker.memory_budget_bytes = 1U << 30U;
  input.listeners = {{.name = "ingress", .stats = {.connections = 3, .answers_by_status = {{200, 5}, {401, 2}}}}};
  input.process = {.cpu_seconds = 0.5,
                   .start_time_seconds = 1.7e9,
                   .resident_bytes = 4096,
                   .virtual_bytes = 8192,
                   .open_fds = 9,
                   .fds_max = 1024};
  input.configuration = {.last_reload_successful = true, .last_success_seconds = 1764012345.5};
  input.version = "0.1.0";
  input.revision = "abc";
  return input;
}

bool has(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

std::set<std::string> label_values(const std::string& text, const std::string& family, const std::string& label) {
  std::set<std::string> values;
  const std::string begin = "\n" + family + "{" + label + "=\"";
  for (std::size_t at = 0; (at = text.find(begin, at)) != std::string::npos;) {
    at += begin.size();
    values.insert(text.substr(at, text.find('"', at) - at));
  }
  return values;
}

TEST(Metrics, NamesEveryCounterOfTheContract) {
  const std::string text = metrics_text(filled());
  for (const char* line : {
           R"(penstock_events_received_total{source="github"} 10)",
           R"(penstock_events_accepted_total{source="github"} 7)",
           R"(penstock_events_duplicate_total{source="github"} 1)",
           R"(penstock_events_unrouted_total{source="github"} 2)",
           R"(penstock_events_unmatched_total{source="github"} 3)",
           R"(penstock_events_without_delivery_id_total{source="github"} 6)",
           R"(penstock_dedup_window_seconds{source="github"} 1800)",
           R"(penstock_handshakes_total{source="github"} 4)",
           R"(penstock_events_refused_total{source="github",reason="unauthorized"} 2)",
           R"(penstock_events_refused_total{source="github",reason="full"} 0)",
           R"(penstock_events_matched_total{subscription="ci"} 20)",
           R"(penstock_deliveries_total{subscription="ci",outcome="ok"} 11)",
           R"(penstock_deliveries_total{subscription="ci",outcome="dead"} 2)",
           R"(penstock_deliveries_total{subscription="ci",outcome="dropped"} 3)",
           R"(penstock_delivery_attempts_total{subscription="ci",outcome="ok"} 11)",
           R"(penstock_delivery_attempts_total{subscription="ci",outcome="failed"} 5)",
           R"(penstock_subscription_lag_events{subscription="ci"} 4)",
           R"(penstock_subscription_oldest_unsettled_seconds{subscription="ci"} 1.5)",
           R"(penstock_receipt_duration_seconds_bucket{level="memory",le="0.001"} 3)",
           R"(penstock_receipt_duration_seconds_bucket{level="memory",le="+Inf"} 10)",
           R"(penstock_receipt_duration_seconds_sum{level="memory"} 12.5)",
           R"(penstock_dispatch_duration_seconds_count 10)",
           R"(penstock_memory_used_bytes 1048576)",
           R"(penstock_memory_budget_bytes 1073741824)",
           R"(penstock_http_connections{listener="ingress"} 3)",
           R"(penstock_http_requests_total{listener="ingress",code="200"} 5)",
           R"(penstock_http_requests_total{listener="ingress",code="401"} 2)",
           R"(penstock_config_last_reload_successful 1)",
           R"(penstock_config_last_reload_success_timestamp_seconds 1764012345.5)",
           R"(penstock_build_info{version="0.1.0",revision="abc"} 1)",
           R"(process_cpu_seconds_total 0.5)",
           R"(process_resident_memory_bytes 4096)",
           R"(process_virtual_memory_bytes 8192)",
           R"(process_open_fds 9)",
           R"(process_max_fds 1024)",
       }) {
    EXPECT_TRUE(has(text, line)) << line << " in\n" << text;
  }
}

TEST(Metrics, TellOfAReloadThatFailedAndOfNoneWhereThereIsNoConfiguration) {
  MetricsInput input = filled();
  input.configuration->last_reload_successful = false;
  EXPECT_TRUE(has(metrics_text(input), "penstock_config_last_reload_successful 0"));
  input.configuration.reset();
  EXPECT_EQ(metrics_text(input).find("penstock_config_"), std::string::npos);
}

TEST(Metrics, LeavesOutWhatTheSystemDoesNotTell) {
  MetricsInput input = filled();
  input.process.open_fds.reset();
  const std::string text = metrics_text(input);
  EXPECT_EQ(text.find("process_open_fds"), std::string::npos);
  EXPECT_NE(text.find("process_max_fds"), std::string::npos);
}

TEST(Metrics, TellTheDedupWindowThatIsLeftOfSourcesThatHaveOne) {
  MetricsInput input = filled();
  input.sources = {{.name = "none"},
                   {.name = "short", .dedup = "json:/id", .dedup_window_seconds = 60},
                   {.name = "long", .dedup = "json:/id", .dedup_window_seconds = 86'400}};
  input.broker.dedup_known_seconds = 600.5;
  const std::string text = metrics_text(input);
  EXPECT_EQ(label_values(text, "penstock_dedup_window_seconds", "source"), (std::set<std::string>{"short", "long"}));
  EXPECT_TRUE(has(text, R"(penstock_dedup_window_seconds{source="short"} 60)")) << text;
  EXPECT_TRUE(has(text, R"(penstock_dedup_window_seconds{source="long"} 600.5)")) << text;
}

TEST(Metrics, TellTheShortestDedupWindowOfWhatHasNoLabelLeft) {
  MetricsInput input = filled();
  input.sources.clear();
  for (int i = 0; i < 250; ++i) {
    input.sources.push_back(
        {.name = "s" + std::to_string(i), .dedup = "json:/id", .dedup_window_seconds = 1'000.0 - i});
  }
  const std::string text = metrics_text(input);
  EXPECT_EQ(label_values(text, "penstock_dedup_window_seconds", "source").size(), kLabelValuesMax);
  EXPECT_TRUE(has(text, R"(penstock_dedup_window_seconds{source="other"} 751)")) << text;
}

TEST(Metrics, SumsSubscriptionsOfOneName) {
  MetricsInput input = filled();
  input.broker.subscriptions = {subscription("stream", 1), subscription("ci", 5), subscription("stream", 2)};
  input.broker.subscriptions[0].oldest_unsettled_seconds = 9;
  const std::string text = metrics_text(input);
  EXPECT_TRUE(has(text, R"(penstock_events_matched_total{subscription="stream"} 3)")) << text;
  EXPECT_TRUE(has(text, R"(penstock_subscription_oldest_unsettled_seconds{subscription="stream"} 9)")) << text;
}

TEST(Metrics, ShowsAtMostTwoHundredLabelValuesAndLosesNoCount) {
  MetricsInput input = filled();
  input.broker.sources.clear();
  input.broker.subscriptions.clear();
  for (int i = 0; i < 250; ++i) {
    input.broker.sources.push_back(source("s" + std::to_string(i), 1));
    input.broker.sources.back().refused[0] = 2;
    input.broker.subscriptions.push_back(subscription("n" + std::to_string(i), 1));
  }
  const std::string text = metrics_text(input);
  EXPECT_EQ(label_values(text, "penstock_events_received_total", "source").size(), kLabelValuesMax);
  EXPECT_EQ(label_values(text, "penstock_events_matched_total", "subscription").size(), kLabelValuesMax);
  EXPECT_TRUE(has(text, R"(penstock_events_received_total{source="s198"} 1)"));
  EXPECT_TRUE(has(text, R"(penstock_events_received_total{source="other"} 51)"));
  EXPECT_TRUE(has(text, R"(penstock_events_refused_total{source="other",reason="bad_topic"} 102)"));
  EXPECT_TRUE(has(text, R"(penstock_events_matched_total{subscription="other"} 51)"));
}

TEST(Metrics, JoinsASourceThatIsNamedOtherWithTheRest) {
  MetricsInput input = filled();
  input.broker.sources = {source("other", 7)};
  for (int i = 0; i < 250; ++i) input.broker.sources.push_back(source("s" + std::to_string(i), 1));
  const std::string text = metrics_text(input);
  EXPECT_EQ(label_values(text, "penstock_events_received_total", "source").size(), kLabelValuesMax);
  EXPECT_TRUE(has(text, R"(penstock_events_received_total{source="other"} 58)"));
}

/// What `promtool check metrics` says about `text`; its exit status.
int promtool(const std::string& text, std::string& says) {
  // A name of this process's own: ctest runs the tests of this file side by side.
  const std::string path = testing::TempDir() + "penstock_metrics_" + std::to_string(::getpid()) + ".txt";
  std::ofstream{path} << text;
  const std::string command = std::string{PROMTOOL} + " check metrics < '" + path + "' 2>&1";
  FILE* const pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return -1;
  for (int c = 0; (c = std::fgetc(pipe)) != EOF;) says += static_cast<char>(c);
  const int status = ::pclose(pipe);
  static_cast<void>(std::remove(path.c_str()));
  return status;
}

TEST(Metrics, AreGoodToPromtool) {
  if (std::string{PROMTOOL}.empty()) GTEST_SKIP() << "no promtool: install the package prometheus";
  MetricsInput input = filled();
  input.broker.sources.push_back(source("quote\" back\\ line\n \xFF", 1));
  input.broker.subscriptions.push_back(subscription("", 1));
  std::string says;
  EXPECT_EQ(promtool(metrics_text(input), says), 0) << says;
  MetricsInput nothing{};
  says.clear();
  EXPECT_EQ(promtool(metrics_text(nothing), says), 0) << says;
}

TEST(Metrics, WouldBeFoundBadByPromtool) {
  if (std::string{PROMTOOL}.empty()) GTEST_SKIP() << "no promtool: install the package prometheus";
  std::string says;
  EXPECT_NE(promtool("# TYPE penstock_x_milliseconds counter\npenstock_x_milliseconds 1\n", says), 0);
}

}  // namespace
}  // namespace penstock::admin
