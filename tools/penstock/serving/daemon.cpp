#include "serving/daemon.hpp"

#include "admin/guard.hpp"
#include "version.hpp"

#include <utility>
#include <vector>

namespace penstock::serving {
namespace {

BrokerOptions broker_options(const config::Config& config, const Log& log) {
  return {.workers = config.workers,
          .wait = config.wait,
          .memory_bytes_max = config.limits.memory_bytes_max,
          .payload_bytes_max = config.payload_bytes_max(),
          .drain_limit = config.drain / 3,  // After the ingress has had its part of the time.
          .on_handler_error = [&log](std::string_view subscription, std::string_view what) {
            log.error("a subscriber failed", {{"subscription", std::string{subscription}}, {"err", std::string{what}}});
          }};
}

std::vector<webhook_in::Hook> hooks(const config::Config& config) {
  std::vector<webhook_in::Hook> all;
  for (const config::Source& source : config.sources) {
    all.push_back({.source = source.name,
                   .topic = source.topic,
                   .verifier = source.verifier,
                   .event = source.event,
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
                   .dedup = source.dedup.id});
  }
  return all;
}

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
          .charge = [&broker](std::size_t bytes) { return broker.charge(bytes); },
          .uncharge = [&broker](std::size_t bytes) { broker.uncharge(bytes); }};
}

http::ServerOptions admin_server_options(config::Config& config, Broker& broker) {
  http::ServerOptions options = server_options(config.limits, config.admin.listen, "admin", broker);
  options.connections_per_address_max = 0;  // Its users are ours: behind one proxy they share an address.
  options.guard = admin::make_guard({.listen_address = config.admin.listen.address,
                                     .listen_port = config.admin.listen.port,
                                     .hosts = config.admin.hosts,
                                     .read_token = std::move(config.admin.read_token),
                                     .write_token = std::move(config.admin.write_token)});
  return options;
}

/// `start()`, with the address as the configuration writes it in front of what went wrong.
void start_server(http::Server& server, std::string_view key, const config::Endpoint& listen) {
  try {
    server.start();
  } catch (const http::ListenError& error) {
    throw http::ListenError{std::string{key} + " " + listen.text() + ": " + error.what()};
  }
}

}  // namespace

Daemon::Daemon(config::Config config, const Log& log)
    : config_{std::move(config)}, broker_{broker_options(config_, log)}, streams_{broker_} {
  hooks_ = std::make_unique<webhook_in::Hooks>(
      broker_, hooks(config_),
      webhook_in::HookOptions{.io_threads = config_.threads,
                              .unverified_bytes_max = config_.limits.unverified_bytes_max});
  admin_ = std::make_unique<admin::Admin>(
      broker_, admin::AdminOptions{.version = std::string{command::version()},
                                   .revision = std::string{command::revision()},
                                   .sources = source_infos(config_),
                                   .readiness = [this] { return readiness(); },
                                   .listeners = [this]() -> std::vector<admin::ListenerStats> {
                                     return {{"ingress", ingress_server_->stats()}, {"admin", admin_server_->stats()}};
                                   },
                                   .payload_bytes_max = config_.limits.payload_bytes_max});

  http::ServerOptions ingress = server_options(config_.limits, config_.listen, "ingress", broker_);
  ingress.threads = config_.threads;
  std::vector<http::Route> routes = hooks_->routes();
  routes.push_back(admin::healthz());
  routes.back().while_draining = true;
  ingress_server_ = std::make_unique<http::Server>(std::move(ingress), std::move(routes));

  std::vector<http::Route> admin_routes = admin_->routes();
  admin_routes.push_back(streams_.route());
  admin_server_ = std::make_unique<http::Server>(admin_server_options(config_, broker_), std::move(admin_routes));
}

Daemon::~Daemon() = default;

void Daemon::start() {
  start_server(*ingress_server_, "listen", config_.listen);
  start_server(*admin_server_, "admin.listen", config_.admin.listen);
}

bool Daemon::drain() {
  draining_ = true;
  ingress_server_->drain(config_.drain / 2);
  const bool all = broker_.close();  // Whoever comes meanwhile is told 503 by the ingress.
  ingress_server_->stop();
  streams_.close();
  admin_server_->drain(config_.drain / 10);
  admin_server_->stop();
  return all;
}

std::string_view Daemon::readiness() const {
  if (draining_) return "draining";
  constexpr std::size_t slab_bytes = 1U << 20U;  // What the next event may need.
  const BrokerStats stats = broker_.stats();
  return stats.memory_used_bytes + slab_bytes > stats.memory_budget_bytes ? "full" : "ready";
}

config::Endpoint Daemon::ingress() const { return {config_.listen.address, ingress_server_->port()}; }

config::Endpoint Daemon::admin() const { return {config_.admin.listen.address, admin_server_->port()}; }

}  // namespace penstock::serving
