// Listens on one address for one I/O thread, and hands over what connects. Private to the room.
//
//     Acceptor acceptor{context, state, counters, [](tcp::socket socket, const PeerAddress& peer) { … }};
//     acceptor.listen(endpoint, share_port);
//
// A peer past a limit of connections is told 503 and closed. When the process has no descriptors left, accepting rests
// for kRest: the kernel keeps the queue, and a loop that cannot succeed would take a whole core.
// listen() throws ListenError; everything else runs on the context's thread and throws nothing.

#pragma once

#include "http/server_state.hpp"
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>

namespace penstock::http {

class Acceptor {
 public:
  using Tcp = boost::asio::ip::tcp;
  using OnConnection = std::function<void(Tcp::socket socket, const PeerAddress& peer)>;
  static constexpr std::chrono::milliseconds kRest{100};

  Acceptor(boost::asio::io_context& context, ServerState& state, LoopCounters& counters, OnConnection on_connection);

  /// `share_port`: other I/O threads listen on the same port (SO_REUSEPORT). Accepting begins with start().
  void listen(const Tcp::endpoint& endpoint, bool share_port);
  [[nodiscard]] std::uint16_t port() const;
  void start() { accept(); }
  void close() noexcept;

 private:
  void accept();
  void take(Tcp::socket socket, const Tcp::endpoint& endpoint);
  void turn_away(Tcp::socket socket);
  void rest();

  ServerState& state_;
  LoopCounters& counters_;
  OnConnection on_connection_;
  Tcp::acceptor acceptor_;
  Tcp::endpoint peer_;
  boost::asio::steady_timer rest_timer_;
};

}  // namespace penstock::http
