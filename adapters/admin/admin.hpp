// The admin API: health, counters and the way in for trusted publishers, as routes of the admin listener.
//
//     admin::Admin admin{broker, {.version = "0.1.0", .readiness = [&] { return state(); }, .listeners = listeners}};
//     std::vector<http::Route> routes = admin.routes();                  // beside streams::Streams::route()
//     http::Server server{{.name = "admin", .guard = admin::make_guard(...)}, routes};
//
// Threads: routes are called on the listener's I/O threads; the functions of the options too: they must not block.
// Answers are built when asked for, from Broker::stats(): O(sources + subscriptions + topics), microseconds each.
// Errors: the constructor throws SetupError (a Publisher or the source `admin` cannot be made). Requests are answered
// with `{"error":"...","message":"..."}`. Destroy the http::Server first, then this, then the Broker.

#pragma once

#include "http/handler.hpp"
#include "http/server.hpp"
#include <penstock/broker.hpp>
#include <penstock/receipt_desk.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::admin {

/// What the configuration says about a source, for /v1/sources. Never a secret.
struct SourceInfo {
  std::string name;
  std::string preset = {};              ///< Empty: none.
  std::string verify = {};              ///< "hmac", "token", "basic", "path_token", "none" …
  std::vector<std::string> event = {};  ///< Places of the sub-topic: "header:x-github-event".
  std::string dedup = {};               ///< Place of the delivery id; empty: none.
  double dedup_window_seconds = 0;      ///< For how long it counts.
};

/// A listener as it is now, for metrics.
struct ListenerStats {
  std::string name;  ///< "ingress", "admin".
  http::ServerStats stats;
};

/// How the last reload of the configuration went. Before the first, that of the start.
struct ConfigurationStats {
  bool last_reload_successful = true;
  double last_success_seconds = 0;  ///< Unix time.
};

struct AdminOptions {
  std::string version;
  std::string revision = {};
  std::vector<SourceInfo> sources = {};
  /// "ready", or why not: "recovering", "draining", "full", "journal_failed". A literal.
  std::function<std::string_view()> readiness;
  std::function<std::vector<ListenerStats>()> listeners = {};
  std::function<ConfigurationStats()> configuration = {};  ///< Empty: there is none to reload, and nothing is shown.
  std::size_t io_threads = 1;                              ///< Of the listener: one Publisher each.
  /// ReceiptDesks::make(broker, io_threads): where the broker keeps a journal, publishing waits there for its receipts.
  std::shared_ptr<ReceiptDesks> receipts = {};
  std::size_t payload_bytes_max = 25U << 20U;  ///< Of a published event; more is answered 413.
  std::string retry_after = "1";               ///< Seconds, of a 503.
};

class Admin {
 public:
  Admin(Broker& broker, AdminOptions options);
  ~Admin();
  Admin(const Admin&) = delete;
  Admin& operator=(const Admin&) = delete;

  /// /healthz /readyz /metrics /v1/stats /v1/sources /v1/topics, POST /v1/topics/{topic}/events.
  [[nodiscard]] std::vector<http::Route> routes() const;

  /// The same API for other sources and another limit, to be served instead by http::Server::use(). They share their
  /// Publishers. Nothing is switched yet.
  [[nodiscard]] std::unique_ptr<Admin> successor(std::vector<SourceInfo> sources, std::size_t payload_bytes_max) const;

 private:
  explicit Admin(std::shared_ptr<struct AdminState> state);

  std::shared_ptr<struct AdminState> state_;
};

/// GET /healthz: 200 `{"status":"ok"}` as long as the process answers, also in a drain. For the ingress listener too.
[[nodiscard]] http::Route healthz();

}  // namespace penstock::admin
