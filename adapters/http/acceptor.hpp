// Listens on one address for one I/O thread, and hands over what connects. Private to the room.
//
//     Acceptor acceptor{context, state, counters, has_room, [](tcp::socket socket, const PeerAddress& peer) { … }};
//     acceptor.listen(endpoint, share_port);
//     acceptor.go_on();
//
// A peer past a limit of connections, or without room in the memory budget, is told 503 and closed. When the process
// has no descriptors or no memory left, accepting rests for kRest: the kernel keeps the queue, and a loop that cannot
// succeed would take a whole core. listen() throws ListenError. Everything else runs on the context's thread; go_on()
// and the callbacks throw only when there is no memory to go on with: then go_on() must be called again.

#pragma once

#include "http/server_state.hpp"
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <functional>

namespace penstock::http {

class Acceptor {
 public:
  using Tcp = boost::asio::ip::tcp;
  using HasRoom = std::function<bool()>;
  using OnConnection = std::function<void(Tcp::socket socket, const PeerAddress& peer)>;
  static constexpr std::chrono::milliseconds kRest{100};

  Acceptor(boost::asio::io_context& context, ServerState& state, LoopCounters& counters, HasRoom has_room,
           OnConnection on_connection);

  /// `share_port`: other I/O threads listen on the same port (SO_REUSEPORT). Accepting begins with go_on().
  void listen(const Tcp::endpoint& endpoint, bool share_port);
  [[nodiscard]] std::uint16_t port() const;
  /// Accepts, if it neither does nor rests.
  void go_on();
  /// Accepts anew, when it cannot be known whether it does: an accept that ran out of memory is lost without a word.
  void restart();
  void close() noexcept;

 private:
  void on_accepted(const boost::system::error_code& error, Tcp::socket socket);
  void take(Tcp::socket socket, const Tcp::endpoint& endpoint);
  void turn_away(Tcp::socket socket);
  void rest();

  ServerState& state_;
  LoopCounters& counters_;
  HasRoom has_room_;
  OnConnection on_connection_;
  Tcp::acceptor acceptor_;
  Tcp::endpoint peer_;
  boost::asio::steady_timer rest_timer_;
  std::uint64_t accept_ = 0;  // Serial number: tells the last accept from one that was called off.
  bool accepting_ = false;
  bool resting_ = false;
};

}  // namespace penstock::http
