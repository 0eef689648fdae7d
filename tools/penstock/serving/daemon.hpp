// All rooms of the daemon, built from a configuration, started and stopped in order.
//
//     Daemon daemon{std::move(config), log};
//     daemon.start();                       // both listeners accept when it returns
//     daemon.switch_to(std::move(next), problems);                   // another configuration, while requests pass
//     bool all = daemon.drain();            // true: nothing was left undelivered
//
// Threads: one thread calls all of it, but note_failed_reload() and stats(): any. drain() blocks, at most for
// config.drain. Errors: the constructor throws SetupError, start() http::ListenError.

#pragma once

#include "admin/admin.hpp"
#include "config/config.hpp"
#include "config/problem.hpp"
#include "http/handler.hpp"
#include "http/server.hpp"
#include "serving/log.hpp"
#include "streams/sse.hpp"
#include "webhook_in/hooks.hpp"
#include <penstock/broker.hpp>
#include <penstock/receipt_desk.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::serving {

class Daemon {
 public:
  /// `on_journal_failure`: see BrokerOptions.
  Daemon(config::Config config, const Log& log, std::function<void(std::string_view what)> on_journal_failure = {});
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  void start();
  [[nodiscard]] bool drain();

  /// Sources, their secrets, routes and limits, the admin API's tokens and names, the listeners' limits and the drain
  /// are those of `next` from now on (http::Server::use, Hooks::take_over); no connection is dropped. What a running
  /// daemon cannot change is an error of `problems` then: false, and nothing has changed. Throws SetupError or
  /// std::bad_alloc before anything has changed.
  [[nodiscard]] bool switch_to(config::Config next, config::Problems& problems);
  /// For the metrics: a configuration was read and is not used.
  void note_failed_reload() noexcept { last_reload_successful_ = false; }

  [[nodiscard]] std::chrono::milliseconds drain_limit() const noexcept { return config_.drain; }
  [[nodiscard]] BrokerStats stats() const { return broker_.stats(); }
  [[nodiscard]] std::string journal_text() const;  ///< For the log: where it lies, or that there is none.
  /// Where the listeners are now, with the ports that they really have.
  [[nodiscard]] config::Endpoint ingress() const;
  [[nodiscard]] config::Endpoint admin() const;

 private:
  [[nodiscard]] std::string_view readiness() const;
  [[nodiscard]] admin::ConfigurationStats configuration_stats() const;
  [[nodiscard]] static std::vector<http::Route> ingress_routes(const webhook_in::Hooks& hooks);
  [[nodiscard]] std::vector<http::Route> admin_routes(const admin::Admin& admin) const;

  config::Config config_;
  const std::size_t payload_bytes_max_;  // Of the start: the broker's.
  std::atomic<bool> draining_{false};
  std::atomic<bool> last_reload_successful_{true};
  std::atomic<std::int64_t> last_success_ms_;  // Unix time.
  Broker broker_;
  streams::Streams streams_;
  const std::shared_ptr<ReceiptDesks> ingress_receipts_;  // Null without a journal.
  const std::shared_ptr<ReceiptDesks> admin_receipts_;
  webhook_in::Hooks hooks_;
  std::unique_ptr<admin::Admin> admin_;
  std::unique_ptr<http::Server> ingress_server_;  // Behind what its routes use, so that it ends first.
  std::unique_ptr<http::Server> admin_server_;
};

}  // namespace penstock::serving
