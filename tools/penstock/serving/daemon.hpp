// All rooms of the daemon, built from a configuration, started and stopped in order.
//
//     Daemon daemon{std::move(config), log};
//     daemon.start();                       // both listeners accept when it returns
//     bool all = daemon.drain();            // true: nothing was left undelivered
//
// Threads: one thread calls all of it. drain() blocks, at most for config.drain. Errors: the constructor throws
// SetupError, start() http::ListenError.

#pragma once

#include "admin/admin.hpp"
#include "config/config.hpp"
#include "http/server.hpp"
#include "serving/log.hpp"
#include "streams/sse.hpp"
#include "webhook_in/hooks.hpp"
#include <penstock/broker.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

namespace penstock::serving {

class Daemon {
 public:
  Daemon(config::Config config, const Log& log);
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  void start();
  [[nodiscard]] bool drain();

  [[nodiscard]] BrokerStats stats() const { return broker_.stats(); }
  /// Where the listeners are now, with the ports that they really have.
  [[nodiscard]] config::Endpoint ingress() const;
  [[nodiscard]] config::Endpoint admin() const;

 private:
  [[nodiscard]] std::string_view readiness() const;

  config::Config config_;
  std::atomic<bool> draining_{false};
  Broker broker_;
  streams::Streams streams_;
  std::unique_ptr<webhook_in::Hooks> hooks_;
  std::unique_ptr<admin::Admin> admin_;
  std::unique_ptr<http::Server> ingress_server_;  // Behind what its routes use, so that it ends first.
  std::unique_ptr<http::Server> admin_server_;
};

}  // namespace penstock::serving
