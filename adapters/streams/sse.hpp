// Events as they pass, and with a journal those that passed before, over HTTP: server-sent events (WHATWG HTML, 9.2) on
// GET /v1/stream, and single events on GET /v1/events/{id}.
//
//     streams::Streams streams{broker};
//     http::Server admin{options, streams.routes()};
//     ... broker.close(); ...     // each stream gets what its queue still holds, then ends by itself
//     streams.end_catching_up();  // but for those that still read the journal: they end now
//     streams.close();            // ends those that are left, at once
//
// A request is one live subscription, named `stream` in the counters. Its queue (SubscribeOptions::queue_bytes_max) is
// the only one that grows: events are taken from it while fewer than `unsent_bytes_max` wait for the peer, and a large
// one becomes text a piece at a time. So a stream holds at most its queue, one event (the block itself, which all its
// readers share), and that much text, with one piece of 64 KiB and one event's metadata more. Text in the
// making is charged to the broker's budget (what is written is the server's to charge); a stream whose text has no room
// there ends with a comment. Whether a payload is JSON is found out
// once for all streams (JsonVerdicts).
// Threads: each stream lives on its connection's I/O thread; one thread of this room sends heartbeats. close() and
// open() from any thread. Destroy the http::Server first, then this, then the Broker.
// Errors: the constructor throws what std::thread throws; bad requests are answered 400, 409 or 503 as JSON.

#pragma once

#include "http/handler.hpp"
#include <penstock/broker.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace penstock::streams {

/// The `event:` of a notice that events were dropped; `data:` is `{"dropped":12}`. No topic can have this name.
inline constexpr std::string_view kGapEvent = "!gap";

struct StreamsOptions {
  std::size_t queue_bytes_default = 16U << 20U;  ///< Of a request without `queue=`.
  std::size_t queue_bytes_max = 64U << 20U;      ///< More is answered 400: a reader must not hold the whole budget.
  std::size_t unsent_bytes_max = 256U << 10U;    ///< Written and not yet with the kernel: past it nothing is written.
  std::chrono::milliseconds heartbeat{15'000};   ///< A comment line after so long without an event.
  std::chrono::seconds retry_after{1};           ///< Of a 503.
};

class Streams {
 public:
  explicit Streams(Broker& broker, const StreamsOptions& options = {});
  ~Streams();  ///< Closes.
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;

  /// GET /v1/stream, and GET /v1/events/{id} (event_search.hpp). May be called again; all share the streams.
  [[nodiscard]] std::vector<http::Route> routes() const;

  /// Ends streams that still read what is long past, and those that would begin to; they may resume where they were,
  /// by Last-Event-ID. A stop needs not wait for them. Idempotent.
  void end_catching_up() noexcept;

  /// Ends every stream, each after what was written to it, and answers later requests 503. Does not wait. Idempotent.
  void close() noexcept;

  [[nodiscard]] std::size_t open() const;  ///< Streams that have not ended.

 private:
  std::shared_ptr<class Hub> hub_;
};

}  // namespace penstock::streams
