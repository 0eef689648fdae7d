// Webhooks in: POST /hooks/{source} is received into an event's block, verified, published and answered.
//
//     auto verifier = std::make_shared<const verify::Verifier>(verify::preset("github")->scheme, std::move(secrets));
//     webhook_in::Hooks hooks{broker, {{.source = "github", .verifier = verifier, .event = {"header:X-GitHub-Event"}}},
//     {}}; http::Server server{{.name = "ingress", .port = 8080}, hooks.routes()};
//
// What a sender gets: 200 (or accepted_status) {"status":"accepted","id":…} with Penstock-Receipt (with a journal once
// the event is on the disk, and not before: the connection waits), the same with
// "duplicate"; 401 when it is not authentic, the reason only in counters; 413, 415; 503 with Retry-After when the
// broker is full or closed or the proof could not be checked, never 4xx then, since GitLab disables a hook on 4xx.
// Every POST whose head was read and that names a source ends as exactly one of accepted, duplicate or refused: per
// source received = accepted + duplicate + refused. What the server turns away before it knows the source (a head that
// is too long or broken, a listener's limit) counts in its answers by status only.
//
// The bytes verified are the bytes published, and nothing is parsed before they are verified: so a forged request is
// never looked for among the delivery ids, nor entered. An id that a header of metadata or the body does not show (a
// field that holds a secret is none) leaves the event without one: taken, and counted (SourceStats). Names of fields
// become metadata in lower case; fields that hold a secret (Verifier::is_secret_field), or a copy of the one that the
// request shows (verify::ShownSecret), never do.
//
// While requests pass, other sources may take their place:
//
//     Hooks next = hooks.successor(other_hooks, unverified_bytes_max);        // checked; nothing is switched yet
//     auto table = http::Server::prepare(options, next.routes());
//     next.take_over(hooks);                                                 // routes of topics
//     server.use(std::move(table));                                          // paths, verifiers, limits
//     hooks = std::move(next);
//
// Threads: all members of Hooks on any one thread; the handlers they make on their connection's I/O thread.
// Each I/O thread has one Publisher, which all its connections share. Blocking: never. Allocation: none of ours per
// request once a connection is warm; verify: see verify/hmac.hpp. Errors: the constructor throws SetupError.
// Lifetime: the routes keep what they need; the Broker may go first (answers are then 503 closed).

#pragma once

#include "http/handler.hpp"
#include "verify/verifier.hpp"
#include <penstock/broker.hpp>
#include <penstock/receipt_desk.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::webhook_in {

/// One configured sender.
struct Hook {
  std::string source;      ///< Last part of the path, and the label of the counters: see source_name.hpp.
  std::string topic = {};  ///< Base topic; empty: the source's name. Sources may share one if their `event` agrees.
  /// Who may send. One of kind `none` takes anything: tell the operator at start. A check of the embedding program's
  /// own is verify::Verifier::from_function(). With kind `path_token`, or a function that reads the path, the path is
  /// /hooks/{source}/{token}.
  std::shared_ptr<const verify::Verifier> verifier;
  /// Places of the sub-topic, the first that exists decides: "header:NAME" or "json:/pointer". Empty: base topic only.
  std::vector<std::string> event = {};
  /// Place of the delivery id, written like one of `event`; empty: its events are never duplicates.
  std::string delivery_id = {};
  std::chrono::seconds dedup_window = std::chrono::hours{24};  ///< 1 s to 366 days.
  int accepted_status = 200;                                   ///< 200 … 299 but 204 and 205, which carry no body.
  bool keep_encoded = false;                   ///< Take any Content-Encoding, kept as it came; else 415.
  std::size_t payload_bytes_max = 25U << 20U;  ///< Past it: 413. At most what the broker takes.
};

struct HookOptions {
  std::size_t io_threads = 1;  ///< Of the server that gets the routes.
  /// ReceiptDesks::make(broker, io_threads): where the broker keeps a journal, requests wait there for their receipts.
  std::shared_ptr<ReceiptDesks> receipts = {};
  /// Bodies that are being received and not verified yet may hold this much in all; past it: 503 and `overloaded`. So
  /// that strangers cannot fill the broker's budget. Exact but for one step (128 KiB) for each further I/O thread.
  std::size_t unverified_bytes_max = 256U << 20U;
  std::string retry_after = "1";  ///< Seconds, with each 503.
  /// Told of each event turned away, for the log. On I/O threads, at once: must not block or throw.
  std::function<void(std::string_view source, Refusal reason)> on_refused = {};
};

/// "header:X-GitHub-Event" or "json:/type", as configurations and presets write it. Throws SetupError.
[[nodiscard]] Route parse_place(std::string_view text);

class Hooks {
 public:
  /// Registers each source and its route with the broker and makes one Publisher for each I/O thread. Throws
  /// SetupError: a name that is no source, stands twice or has no verifier; a bad place, window or status; two sources
  /// of one topic whose places differ (names both).
  Hooks(Broker& broker, const std::vector<Hook>& hooks, HookOptions options);
  ~Hooks();
  Hooks(Hooks&& other) noexcept;
  Hooks& operator=(Hooks&& other) noexcept;
  Hooks(const Hooks&) = delete;
  Hooks& operator=(const Hooks&) = delete;

  /// For http::Server, together with the other routes of its listener.
  [[nodiscard]] std::vector<http::Route> routes() const;

  /// What http::ServerOptions::after_requests takes: has publishing wake the broker's workers there, once for several
  /// requests, instead of for each. Before the server starts; for successors too. Without it each event wakes.
  [[nodiscard]] std::function<void(std::size_t io_thread)> wake_after_requests();

  /// Hooks for the same broker and the same I/O threads, to be served instead of these. Throws as the constructor does,
  /// and for a source whose name had another topic before; then nothing has changed but that the broker may know new
  /// sources, with counters at 0. Requests of both share the Publishers, and the limit of unverified bodies counts
  /// both.
  [[nodiscard]] Hooks successor(const std::vector<Hook>& hooks, std::size_t unverified_bytes_max) const;

  /// Routes the topics of these hooks as they want it, from the next publish on, also of a request that was begun
  /// before; a topic that only `former` had routed has no route any more. Call before http::Server::use().
  void take_over(const Hooks& former);

  /// What unverified bodies hold now, for a gauge. Any thread.
  [[nodiscard]] std::size_t unverified_bytes() const noexcept;

 private:
  Hooks(Broker& broker, std::shared_ptr<class HookState> state) noexcept;

  Broker* broker_;
  std::shared_ptr<class HookState> state_;
};

}  // namespace penstock::webhook_in
