// An HTTP/1.1 server for one listener: accepts, reads requests strictly (request_reader.hpp), keeps limits and
// deadlines.
//
//     http::Server server{{.address = "127.0.0.1", .port = 8080, .name = "ingress"}, routes};
//     server.start();            // bound and accepting when it returns
//     server.use(http::Server::prepare(other_options, other_routes));   // while requests pass
//     server.drain(30s);         // turns new requests away with 503; ends what was begun
//     server.stop();             // closes the listener and every connection
//
// Threads: one io_context and one SO_REUSEPORT acceptor per I/O thread; a connection lives on the thread that accepted
// it. start(), use(), drain(), stop(), stats() from any thread but the server's own; drain() and stop() block. Errors:
// the constructor and start() throw http::ListenError; the constructor and prepare() std::invalid_argument for a route
// that cannot be.
// Out of memory ends the connection that needed some; the others, the listener and the deadlines go on.

#pragma once

#include "http/handler.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace penstock::http {

struct ListenError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct ServerOptions {
  std::string name = {};              ///< Label of the metrics: "ingress", "admin".
  std::string address = "127.0.0.1";  ///< IPv4 or IPv6 address, no brackets.
  std::uint16_t port = 0;             ///< 0: any free one; see Server::port().
  std::size_t threads = 1;
  std::size_t connections_max = 1000;             ///< More are accepted and closed at once with 503.
  std::size_t connections_per_address_max = 100;  ///< Loopback is exempt. 0: no limit.
  std::size_t head_bytes_max = 16U << 10U;
  std::size_t target_bytes_max = 8U << 10U;
  std::chrono::milliseconds head_time{10'000};  ///< First byte to end of head, in all: 408.
  std::chrono::milliseconds body_time{15'000};  ///< First byte to end of body, and 1 s more for each 64 KiB come: 408.
  std::chrono::milliseconds idle_time{15'000};  ///< Between requests: silent close.
  std::chrono::milliseconds answer_time{0};     ///< For a handler that answers later: then 503 instead. 0: no limit.
  std::chrono::milliseconds unread_time{10'000};  ///< The peer takes nothing of an answer for so long: cut.
  std::chrono::milliseconds linger_time{2'000};   ///< After an answer that closes, for the peer to read it (or 16 MiB).
  std::string retry_after = "1";                  ///< Seconds, sent with every 503 of the server itself.
  /// May answer instead of any route, before it (Host, Origin, token checks). Status 0: go on. On the I/O thread.
  std::function<Answer(const RequestHead&)> guard = {};
  /// Charges a budget for what connections hold, in steps of 64 KiB an I/O thread, before or just after it is held.
  /// False: spent, nothing charged. Then a new connection is told 503 and closed, one whose buffers grew is closed
  /// behind its present answer, and one that streams is cut. From I/O threads, must not block. Empty: no budget.
  std::function<bool(std::size_t bytes)> charge = {};
  std::function<void(std::size_t bytes)> uncharge = {};  ///< All is given back when stop() has returned.
  /// Called on an I/O thread after it handed requests to handlers, once for all that were ready then: for what is
  /// cheaper done for several at a time. Must not block or throw.
  std::function<void(std::size_t io_thread)> after_requests = {};
  /// Called on an I/O thread that somebody has woken: see Server::waker().
  std::function<void(std::size_t io_thread)> woken = {};
  /// Called on each I/O thread when it starts, e.g. to name or pin it.
  std::function<void(std::size_t io_thread)> on_thread_start = {};
};

struct ServerStats {
  std::size_t connections = 0;
  std::map<int, std::uint64_t> answers_by_status = {};
};

/// Routes and options that a server may be switched to; see Server::use().
using PreparedTable = std::shared_ptr<const struct ServerTable>;

class Server {
 public:
  Server(ServerOptions options, std::vector<Route> routes);
  ~Server();  ///< Stops now.
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void start();
  [[nodiscard]] std::uint16_t port() const noexcept;

  /// What use() takes. Nothing is switched yet. Throws std::invalid_argument for a route that cannot be.
  [[nodiscard]] static PreparedTable prepare(ServerOptions options, std::vector<Route> routes);
  /// Serves other routes, with another guard and other limits and times, from now on: a request whose head was read
  /// before keeps what it began with, the next one on the same connection meets the new ones. No connection is dropped.
  /// head_bytes_max and target_bytes_max hold for connections that come from now on; fewer connections_max close none.
  /// Stay as they were, whatever the new options say: name, address, port, threads, the budget, after_requests, woken,
  /// on_thread_start.
  /// Any thread; does not wait for requests. What only old requests use ends with them, idle connections' within a
  /// quarter of a second.
  void use(PreparedTable table) noexcept;

  /// From now on every new request, on new and on kept connections, is answered 503 `{"error":"draining"}` with
  /// Retry-After and `connection: close`, unless its route says while_draining. Requests of which a byte has come end
  /// as usual, their answers with `connection: close`; streams are ended and told `gone`. Returns when nothing of that
  /// is left, or `limit` is over (then it cuts them). The listener stays open until stop(): a sender meets an answer
  /// that tells it to come again, not a refused connection.
  void drain(std::chrono::milliseconds limit);
  /// At once: closes the listener and every connection, whatever is under way, and ends the threads.
  void stop() noexcept;

  /// Has ServerOptions::woken run on that I/O thread soon. What is given may be called from any thread, and outlive the
  /// server. One system call and one small allocation a call. To be called once start() has begun.
  [[nodiscard]] std::function<void(std::size_t io_thread)> waker() const;

  [[nodiscard]] ServerStats stats() const;
  /// Bytes that connections and their handlers hold now, for the memory gauge.
  [[nodiscard]] std::size_t memory_bytes() const noexcept;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace penstock::http
