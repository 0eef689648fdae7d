#include "serving/wiring.hpp"

#include "tools/config/reading.hpp"
#include <gmock/gmock.h>

namespace penstock::serving {
namespace {

using std::chrono::seconds;

config::Config config_of(const std::string& text) {
  config::Read read = config::read_config("journal: off\n" + text, config::Variables{{"S", "hush"}, {"T", "other"}});
  EXPECT_TRUE(read.config) << (read.lines.empty() ? "" : read.lines.front());
  return read.config ? std::move(*read.config) : config::Config{};
}

constexpr const char* kFile = R"(
listen: 127.0.0.1:1
admin: { listen: 127.0.0.1:2, tokens: { read: "${env:S}", write: "${env:T}" } }
threads: 3
workers: 2
wait: spin
drain: 30s
limits: { memory: 64MiB, payload: 3MiB, dedup: 5MiB, connections: 7, connections_per_address: 5, head: 4KiB, target: 2KiB,
          head_time: 1s, body_time: 2s, idle: 3s }
sources:
  acme:
    verify: { kind: none }
    topic: shop
    event: [ "header:X-Event" ]
    dedup: { id: "json:/id", window: 1500ms }
    accepted_status: 202
    limits: { payload: 2MiB }
)";

TEST(Wiring, GivesTheBrokerItsPartOfTheConfiguration) {
  const Log log{{}};
  const BrokerOptions options = broker_options(config_of(kFile), log);
  EXPECT_EQ(options.workers, 2U);
  EXPECT_EQ(options.wait, Wait::spin);
  EXPECT_EQ(options.memory_bytes_max, 64U << 20U);
  EXPECT_EQ(options.payload_bytes_max, 3U << 20U) << "the largest of any source, and of the API";
  EXPECT_EQ(options.dedup_bytes_max, 5U << 20U);
  EXPECT_EQ(options.drain_limit, seconds{10});
  EXPECT_EQ(broker_drain(config_of(kFile)), options.drain_limit);
}

TEST(Wiring, MakesAHookAndALineOfTheAdminApiOfEachSource) {
  const config::Config config = config_of(kFile);
  const std::vector<webhook_in::Hook> hooks = hooks_of(config);
  ASSERT_EQ(hooks.size(), 1U);
  EXPECT_EQ(hooks[0].source, "acme");
  EXPECT_EQ(hooks[0].topic, "shop");
  EXPECT_EQ(hooks[0].verifier, config.sources[0].verifier);
  EXPECT_EQ(hooks[0].event, std::vector<std::string>{"header:X-Event"});
  EXPECT_EQ(hooks[0].delivery_id, "json:/id");
  EXPECT_EQ(hooks[0].dedup_window, seconds{2}) << "never shorter than it was written";
  EXPECT_EQ(hooks[0].accepted_status, 202);
  EXPECT_FALSE(hooks[0].keep_encoded);
  EXPECT_EQ(hooks[0].payload_bytes_max, 2U << 20U);
  const std::vector<admin::SourceInfo> infos = source_infos(config);
  ASSERT_EQ(infos.size(), 1U);
  EXPECT_EQ(infos[0].name, "acme");
  EXPECT_EQ(infos[0].verify, "none");
  EXPECT_EQ(infos[0].dedup, "json:/id");
  EXPECT_EQ(infos[0].dedup_window_seconds, 2.0);
  EXPECT_EQ(infos[0].event, std::vector<std::string>{"header:X-Event"});
}

TEST(Wiring, LimitsBothListenersAndStrangersOnTheIngressOnly) {
  Broker broker{{.workers = 1}};
  config::Config config = config_of(kFile);
  const http::ServerOptions ingress = ingress_options(config, broker);
  const http::ServerOptions admin = admin_options(config, broker);
  for (const http::ServerOptions* options : {&ingress, &admin}) {
    EXPECT_EQ(options->connections_max, 7U);
    EXPECT_EQ(options->head_bytes_max, 4U << 10U);
    EXPECT_EQ(options->target_bytes_max, 2U << 10U);
    EXPECT_EQ(options->head_time, seconds{1});
    EXPECT_EQ(options->body_time, seconds{2});
    EXPECT_EQ(options->idle_time, seconds{3});
  }
  EXPECT_EQ(ingress.port, 1U);
  EXPECT_EQ(ingress.threads, 3U);
  EXPECT_EQ(ingress.connections_per_address_max, 5U);
  EXPECT_FALSE(ingress.guard);
  EXPECT_EQ(admin.port, 2U);
  EXPECT_EQ(admin.threads, 1U);
  EXPECT_EQ(admin.connections_per_address_max, 0U);
  ASSERT_TRUE(admin.guard);
  http::RequestHead head;
  head.method = "GET";
  head.path = "/v1/stats";
  head.host = "localhost";
  EXPECT_EQ(admin.guard(head).status, 401);
  EXPECT_TRUE(config.admin.read_token.empty()) << "a secret stands in one place only";
}

}  // namespace
}  // namespace penstock::serving
