#include "serving/daemon.hpp"

#include "serving/fixed_settings.hpp"
#include "serving/wiring.hpp"
#include "version.hpp"

#include <chrono>
#include <thread>
#include <utility>
#include <vector>

namespace penstock::serving {
namespace {

/// `start()`, with the address as the configuration writes it in front of what went wrong.
void start_server(http::Server& server, std::string_view key, const config::Endpoint& listen) {
  try {
    server.start();
  } catch (const http::ListenError& error) {
    throw http::ListenError{std::string{key} + " " + listen.text() + ": " + error.what()};
  }
}

/// One whose requests are answered, on their own threads, when their receipts have come.
std::unique_ptr<http::Server> make_server(http::ServerOptions options, std::vector<http::Route> routes,
                                          const std::shared_ptr<ReceiptDesks>& receipts) {
  if (receipts) options.woken = [receipts](std::size_t io_thread) { receipts->at(io_thread).give_out(); };
  auto server = std::make_unique<http::Server>(std::move(options), std::move(routes));
  if (receipts) receipts->wake_with(server->waker());
  return server;
}

std::int64_t now_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace

Daemon::Daemon(config::Config config, const Log& log, std::function<void(std::string_view)> on_journal_failure)
    : config_{std::move(config)},
      payload_bytes_max_{config_.payload_bytes_max()},
      last_success_ms_{now_ms()},
      broker_{broker_options(config_, log, std::move(on_journal_failure))},
      streams_{broker_},
      ingress_receipts_{ReceiptDesks::make(broker_, config_.threads)},
      admin_receipts_{ReceiptDesks::make(broker_, 1)},
      hooks_{broker_, hooks_of(config_),
             webhook_in::HookOptions{.io_threads = config_.threads,
                                     .receipts = ingress_receipts_,
                                     .unverified_bytes_max = config_.limits.unverified_bytes_max}} {
  admin_ = std::make_unique<admin::Admin>(
      broker_, admin::AdminOptions{.version = std::string{command::version()},
                                   .revision = std::string{command::revision()},
                                   .sources = source_infos(config_),
                                   .readiness = [this] { return readiness(); },
                                   .listeners = [this]() -> std::vector<admin::ListenerStats> {
                                     return {{"ingress", ingress_server_->stats()}, {"admin", admin_server_->stats()}};
                                   },
                                   .configuration = [this] { return configuration_stats(); },
                                   .receipts = admin_receipts_,
                                   .payload_bytes_max = config_.limits.payload_bytes_max});
  http::ServerOptions ingress = ingress_options(config_, broker_);
  ingress.after_requests = hooks_.wake_after_requests();
  ingress_server_ = make_server(std::move(ingress), ingress_routes(hooks_), ingress_receipts_);
  admin_server_ = make_server(admin_options(config_, broker_), admin_routes(*admin_), admin_receipts_);
}

Daemon::~Daemon() = default;

void Daemon::start() {
  start_server(*ingress_server_, "listen", config_.listen);
  start_server(*admin_server_, "admin.listen", config_.admin.listen);
}

std::vector<http::Route> Daemon::ingress_routes(const webhook_in::Hooks& hooks) {
  std::vector<http::Route> routes = hooks.routes();
  routes.push_back(admin::healthz());
  return routes;
}

std::vector<http::Route> Daemon::admin_routes(const admin::Admin& admin) const {
  std::vector<http::Route> routes = admin.routes();
  for (http::Route& route : streams_.routes()) routes.push_back(std::move(route));
  return routes;
}

bool Daemon::switch_to(config::Config next, config::Problems& problems) {
  const BrokerStats stats = broker_.stats();
  refuse_fixed_changes({.now = config_, .stats = stats, .payload_bytes_max = payload_bytes_max_}, next, problems);
  if (problems.any(config::Severity::error)) return false;

  webhook_in::Hooks hooks = hooks_.successor(hooks_of(next), next.limits.unverified_bytes_max);
  std::unique_ptr<admin::Admin> admin = admin_->successor(source_infos(next), next.limits.payload_bytes_max);
  http::PreparedTable ingress = http::Server::prepare(ingress_options(next, broker_), ingress_routes(hooks));
  http::PreparedTable for_admin = http::Server::prepare(admin_options(next, broker_), admin_routes(*admin));

  hooks.take_over(hooks_);  // Before the paths: the first event of a new source shall be routed.
  broker_.drain_limit(broker_drain(next));
  ingress_server_->use(std::move(ingress));
  admin_server_->use(std::move(for_admin));
  hooks_ = std::move(hooks);
  admin_ = std::move(admin);
  config_ = std::move(next);
  last_success_ms_ = now_ms();
  last_reload_successful_ = true;
  return true;
}

bool Daemon::drain() {
  draining_ = true;
  const auto end = std::chrono::steady_clock::now() + config_.drain;
  ingress_server_->drain(config_.drain / 2);
  const bool all = broker_.close();  // Whoever comes meanwhile is told 503 by the ingress.
  ingress_server_->stop();
  streams_.end_catching_up();
  // Each other stream ends by itself when its reader has had everything; slow readers get the time that is left.
  while (streams_.open() != 0 && std::chrono::steady_clock::now() < end - config_.drain / 10) {
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  const bool all_read = streams_.open() == 0;
  streams_.close();
  admin_server_->drain(config_.drain / 10);
  admin_server_->stop();
  return all && all_read;
}

std::string_view Daemon::readiness() const {
  if (draining_) return "draining";
  constexpr std::size_t slab_bytes = 1U << 20U;  // What the next event may need.
  const BrokerStats stats = broker_.stats();
  if (!stats.journal.failure.empty()) return "journal_failed";
  if (stats.journal.full) return "full";
  return stats.memory_used_bytes + slab_bytes > stats.memory_budget_bytes ? "full" : "ready";
}

admin::ConfigurationStats Daemon::configuration_stats() const {
  return {.last_reload_successful = last_reload_successful_,
          .last_success_seconds = static_cast<double>(last_success_ms_) / 1000};
}

std::string Daemon::journal_text() const { return config_.journal ? config_.journal->dir : "off (memory only)"; }

config::Endpoint Daemon::ingress() const { return {config_.listen.address, ingress_server_->port()}; }

config::Endpoint Daemon::admin() const { return {config_.admin.listen.address, admin_server_->port()}; }

}  // namespace penstock::serving
