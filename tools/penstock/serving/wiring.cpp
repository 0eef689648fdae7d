#include "serving/wiring.hpp"

#include "admin/guard.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace penstock::serving {
namespace {

// A sender waits for its receipt so long: below GitHub's 10 s.
constexpr std::chrono::seconds kAnswerTime{8};

http::ServerOptions server_options(const config::Limits& limits, const config::Endpoint& listen, std::string name,
                                   Broker& broker) {
  return {.name = std::move(name),
          .address = listen.address,
          .port = listen.port,
          .connections_max = limits.connections_max,
          .connections_per_address_max = limits.connections_per_address_max,
          .head_bytes_max = limits.head_bytes_max,
          .target_bytes_max = limits.target_bytes_max,
          .head_time = limits.head_time,
          .body_time = limits.body_time,
          .idle_time = limits.idle_time,
          .answer_time = kAnswerTime,
          .charge = [&broker](std::size_t bytes) { return broker.charge(bytes); },
          .uncharge = [&broker](std::size_t bytes) { broker.uncharge(bytes); }};
}

}  // namespace

std::chrono::milliseconds broker_drain(const config::Config& config) { return config.drain / 3; }

BrokerOptions broker_options(const config::Config& config, const Log& log,
                             std::function<void(std::string_view)> on_journal_failure) {
  return {.workers = config.workers,
          .wait = config.wait,
          .memory_bytes_max = config.limits.memory_bytes_max,
          .payload_bytes_max = config.payload_bytes_max(),
          .dedup_bytes_max = config.limits.dedup_bytes_max,
          .journal = config.journal,
          .on_journal_failure = std::move(on_journal_failure),
          .drain_limit = broker_drain(config),
          .on_handler_error = [&log](std::string_view subscription, std::string_view what) {
            log.error("a subscriber failed", {{"subscription", std::string{subscription}}, {"err", std::string{what}}});
          }};
}

std::vector<webhook_in::Hook> hooks_of(const config::Config& config) {
  std::vector<webhook_in::Hook> all;
  for (const config::Source& source : config.sources) {
    all.push_back({.source = source.name,
                   .topic = source.topic,
                   .verifier = source.verifier,
                   .event = source.event,
                   .delivery_id = source.dedup.id,
                   .dedup_window = source.dedup.window_seconds(),
                   .accepted_status = source.accepted_status,
                   .keep_encoded = source.keep_encoded,
                   .payload_bytes_max = source.payload_bytes_max});
  }
  return all;
}

std::vector<admin::SourceInfo> source_infos(const config::Config& config) {
  std::vector<admin::SourceInfo> all;
  for (const config::Source& source : config.sources) {
    all.push_back({.name = source.name,
                   .preset = source.preset,
                   .verify = std::string{verify::to_string(source.scheme.kind)},
                   .event = source.event,
                   .dedup = source.dedup.id,
                   .dedup_window_seconds = static_cast<double>(source.dedup.window_seconds().count())});
  }
  return all;
}

http::ServerOptions ingress_options(const config::Config& config, Broker& broker) {
  http::ServerOptions options = server_options(config.limits, config.listen, "ingress", broker);
  options.threads = config.threads;
  return options;
}

http::ServerOptions admin_options(config::Config& config, Broker& broker) {
  http::ServerOptions options = server_options(config.limits, config.admin.listen, "admin", broker);
  options.connections_per_address_max = 0;  // Its users are ours: behind one proxy they share an address.
  options.guard = admin::make_guard({.listen_address = config.admin.listen.address,
                                     .listen_port = config.admin.listen.port,
                                     .hosts = config.admin.hosts,
                                     .read_token = std::move(config.admin.read_token),
                                     .write_token = std::move(config.admin.write_token)});
  return options;
}

}  // namespace penstock::serving
