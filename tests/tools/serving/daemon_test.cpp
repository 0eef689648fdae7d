#include "serving/daemon.hpp"

#include "http/server.hpp"
#include "support/http_client.hpp"
#include "tools/config/reading.hpp"
#include "tools/serving/running_daemon.hpp"
#include <gmock/gmock.h>

namespace penstock::serving {
namespace {

using support::HttpClient;
using testing::HasSubstr;

constexpr const char* kSources = R"(
sources:
  open: { verify: { kind: none }, event: [ "header:X-Event" ], accepted_status: 202, limits: { payload: 1KiB } }
  github: { preset: github, secrets: [ "${env:S}" ] }
)";

TEST(Daemon, BuildsWhatTheConfigurationSays) {
  RunningDaemon running{kSources};
  HttpClient ingress{running.ingress_port()};

  EXPECT_EQ(ingress.ask("POST", "/hooks/open", {{"X-Event", "made"}}, "{}").status, 202);
  EXPECT_EQ(ingress.ask("POST", "/hooks/github", {}, "{}").status, 401);
  EXPECT_EQ(ingress.ask("GET", "/healthz").status, 200);
  EXPECT_EQ(ingress.ask("GET", "/metrics").status, 404) << "the ingress serves hooks and /healthz, nothing else";
  HttpClient large{running.ingress_port()};
  EXPECT_EQ(large.ask("POST", "/hooks/open", {}, std::string(2'000, 'x')).status, 413);

  const BrokerStats stats = running->stats();
  ASSERT_EQ(stats.sources.size(), 3U) << "and the admin API's own";
  EXPECT_EQ(stats.sources[1].name, "github");
  EXPECT_EQ(stats.sources[1].refused_total(), 1U);
  EXPECT_EQ(stats.sources[2].accepted, 1U);
  EXPECT_EQ(stats.sources[2].unrouted, 0U);
}

TEST(Daemon, AdminTellsWhatItIs) {
  RunningDaemon running{kSources};
  HttpClient admin{running.admin_port()};
  EXPECT_THAT(admin.ask("GET", "/readyz").body, HasSubstr(R"("ready")"));
  EXPECT_THAT(admin.ask("GET", "/v1/sources").body, HasSubstr("open"));
  const std::string metrics = admin.ask("GET", "/metrics").body;
  EXPECT_THAT(metrics, HasSubstr("penstock_build_info{version=\"0."));
  EXPECT_THAT(metrics, HasSubstr("penstock_http_connections{listener=\"ingress\"}"));
}

TEST(Daemon, TokensOfTheFileGuardTheAdminApi) {
  RunningDaemon running{"admin: { listen: 127.0.0.1:0, tokens: { read: \"${env:S}\", write: \"${env:S}\" } }\n" +
                        std::string{kSources}};
  HttpClient admin{running.admin_port()};
  EXPECT_EQ(admin.ask("GET", "/v1/stats").status, 401);
  EXPECT_EQ(admin.ask("GET", "/v1/stats", {{"Authorization", "Bearer hush"}}).status, 200);
  EXPECT_EQ(admin.ask("GET", "/healthz").status, 200);
}

TEST(Daemon, APortInUseIsAnErrorThatNamesKeyAndAddress) {
  RunningDaemon running{kSources};
  const std::string address = running->ingress().text();
  config::Read read =
      config::read_config("listen: " + address + "\nadmin: { listen: 127.0.0.1:0 }\njournal: off\n" + kSources,
                          config::Variables{{"S", "hush"}});
  const Log log{{.level = config::LogLevel::error}};
  Daemon second{std::move(*read.config), log};
  try {
    second.start();
    FAIL() << "two daemons on " << address;
  } catch (const http::ListenError& error) {
    EXPECT_THAT(error.what(), testing::StartsWith("listen " + address + ": "));
    EXPECT_THAT(error.what(), HasSubstr("in use"));
  }
}

TEST(Daemon, DrainGivesStreamsWhatWasAcceptedAndThenEndsThem) {
  RunningDaemon running{kSources};
  HttpClient stream{running.admin_port()};
  stream.send("GET /v1/stream?topic=%3E HTTP/1.1\r\nHost: localhost\r\n\r\n");
  stream.read_through("\r\n\r\n");
  {
    HttpClient ingress{running.ingress_port()};
    for (int i = 0; i < 100; ++i)
      ASSERT_EQ(ingress.ask("POST", "/hooks/open", {{"X-Event", "e" + std::to_string(i)}}, "{}").status, 202);
  }
  EXPECT_TRUE(running->drain());

  const std::string text = stream.read_to_end();
  EXPECT_THAT(text, HasSubstr("event: open.e99\n")) << text.size();
  const BrokerStats stats = running->stats();
  for (const SubscriptionStats& subscription : stats.subscriptions) {
    EXPECT_EQ(subscription.ok, 100U);
    EXPECT_EQ(subscription.dropped, 0U);
  }
  EXPECT_THROW(HttpClient{running->ingress().port}, std::runtime_error) << "nobody is let in any more";
}

/// Another configuration for a running daemon on the ports that it has.
bool switch_to(RunningDaemon& running, const std::string& text, const config::Variables& variables = {{"S", "hush"}}) {
  const bool has_admin = text.find("admin:") != std::string::npos;
  config::Loaded loaded = config::load_text(
      "listen: 127.0.0.1:0\njournal: off\n" + std::string{has_admin ? "" : "admin: { listen: 127.0.0.1:0 }\n"} + text,
      "p.yaml", {.environment = config::environment_of(variables)});
  EXPECT_TRUE(loaded.config);
  return loaded.config && running->switch_to(std::move(*loaded.config), loaded.problems);
}

TEST(SwitchedDaemon, KeepsConnectionsAndServesTheNewSourcesOnThem) {
  RunningDaemon running{kSources};
  HttpClient kept{running.ingress_port()};
  EXPECT_EQ(kept.ask("POST", "/hooks/open", {{"X-Event", "made"}}, "{}").status, 202);
  ASSERT_TRUE(switch_to(running, R"(
sources:
  open: { verify: { kind: none }, event: [ "header:X-Kind" ], limits: { payload: 2KiB } }
  added: { verify: { kind: none } }
)"));
  EXPECT_EQ(kept.ask("POST", "/hooks/open", {{"X-Event", "made"}}, "{}").status, 200);
  EXPECT_EQ(kept.ask("POST", "/hooks/open", {{"X-Kind", "made"}}, std::string(2'000, 'x')).status, 200);
  EXPECT_EQ(kept.ask("POST", "/hooks/added", {}, "{}").status, 200);
  EXPECT_EQ(kept.ask("GET", "/healthz").status, 200);
  EXPECT_EQ(kept.ask("POST", "/hooks/github", {}, "{}").status, 404);
  const BrokerStats stats = running->stats();
  ASSERT_EQ(stats.sources.size(), 4U);
  EXPECT_EQ(stats.sources[2].name, "github") << "its counters stay";
  EXPECT_EQ(stats.sources[3].accepted, 3U);
  EXPECT_EQ(stats.sources[3].unrouted, 1U) << "the route was switched with the rest";
}

TEST(SwitchedDaemon, AsksForTheNewTokensAndLeavesOpenStreamsOpen) {
  const auto tokens = [](const std::string& name) {
    return "admin: { listen: 127.0.0.1:0, hosts: [ " + name +
           ".example ], tokens: { read: \"${env:S}\", write: " + "\"${env:S}\" } }\n" + kSources;
  };
  RunningDaemon running{tokens("old")};
  HttpClient stream{running.admin_port()};
  stream.send("GET /v1/stream?topic=%3E HTTP/1.1\r\nHost: old.example\r\nAuthorization: Bearer hush\r\n\r\n");
  stream.read_through("\r\n\r\n");
  HttpClient kept{running.admin_port()};
  EXPECT_EQ(kept.ask("GET", "/v1/stats", {{"Authorization", "Bearer hush"}}).status, 200);
  ASSERT_TRUE(switch_to(running, tokens("new"), {{"S", "whisper"}}));
  EXPECT_EQ(kept.ask("GET", "/v1/stats", {{"Authorization", "Bearer hush"}}).status, 401);
  EXPECT_EQ(kept.ask("GET", "/v1/stats", {{"Authorization", "Bearer whisper"}}).status, 200);
  EXPECT_EQ(HttpClient{running.ingress_port()}.ask("POST", "/hooks/open", {{"X-Event", "late"}}, "{}").status, 202);
  EXPECT_NE(stream.read_through("event: open.late\n"), "");
}

TEST(SwitchedDaemon, StaysAsItWasWhenOneSettingCannotBeSwitched) {
  RunningDaemon running{kSources};
  EXPECT_FALSE(switch_to(running, "workers: 99\nsources: { added: { verify: { kind: none } } }\n"));
  EXPECT_FALSE(switch_to(running, "sources: { open: { verify: { kind: none }, topic: elsewhere } }\n"));
  HttpClient ingress{running.ingress_port()};
  EXPECT_EQ(ingress.ask("POST", "/hooks/open", {{"X-Event", "made"}}, "{}").status, 202);
  EXPECT_EQ(ingress.ask("POST", "/hooks/added", {}, "").status, 404);
  EXPECT_EQ(running->stats().sources.size(), 3U);
}

TEST(SwitchedDaemon, DrainsWithinTheNewLimit) {
  RunningDaemon running{std::string{"drain: 1h\nlimits: { body_time: 1h }\n"} + kSources};
  HttpClient never_ends{running.ingress_port()};
  never_ends.send("POST /hooks/open HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{");
  ASSERT_TRUE(switch_to(running, std::string{"drain: 10ms\nlimits: { body_time: 1h }\n"} + kSources));
  EXPECT_EQ(running->drain_limit(), std::chrono::milliseconds{10});
  EXPECT_TRUE(running->drain()) << "half an hour for the body otherwise";
}

}  // namespace
}  // namespace penstock::serving
