// An HTTP/1.1 server for one listener: accepts, reads requests strictly (request_reader.hpp), keeps limits and
// deadlines.
//
//     http::Server server{{.address = "127.0.0.1", .port = 8080, .name = "ingress"}, routes};
//     server.start();            // bound and accepting when it returns
//     server.drain(30s);         // no new requests; answers what is whole; closes
//
// Threads: one io_context and one SO_REUSEPORT acceptor per I/O thread; a connection lives on the thread that accepted
// it. start(), drain(), stop(), stats() from any thread but the server's own; drain() and stop() block. Errors: the
// constructor and start() throw http::ListenError; the constructor std::invalid_argument for a route that cannot be.

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
  std::chrono::milliseconds unread_time{10'000};  ///< The peer takes nothing of an answer for so long: cut.
  std::chrono::milliseconds linger_time{2'000};   ///< After an answer that closes, for the peer to read it (or 16 MiB).
  std::string retry_after = "1";                  ///< Seconds, sent with every 503 of the server itself.
  /// May answer instead of any route, before it (Host, Origin, token checks). Status 0: go on. On the I/O thread.
  std::function<Answer(const RequestHead&)> guard = {};
  /// Called on each I/O thread when it starts, e.g. to name or pin it.
  std::function<void(std::size_t io_thread)> on_thread_start = {};
};

struct ServerStats {
  std::size_t connections = 0;
  std::map<int, std::uint64_t> answers_by_status = {};
};

class Server {
 public:
  Server(ServerOptions options, std::vector<Route> routes);
  ~Server();  ///< Stops now.
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void start();
  [[nodiscard]] std::uint16_t port() const noexcept;

  /// Stops accepting, closes idle connections, lets requests that are being read or answered end (their answers carry
  /// `connection: close`), tells streams `gone`. Returns when all are closed or `limit` is over (then it cuts them).
  void drain(std::chrono::milliseconds limit);
  void stop() noexcept;

  [[nodiscard]] ServerStats stats() const;
  /// Bytes of connection buffers held now, for the memory gauge.
  [[nodiscard]] std::size_t memory_bytes() const noexcept;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace penstock::http
