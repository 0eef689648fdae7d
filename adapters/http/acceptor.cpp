#include "http/acceptor.hpp"

#include "http/answer.hpp"
#include <boost/asio/buffer.hpp>

#include <algorithm>
#include <array>
#include <string>

namespace penstock::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

using SharePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

PeerAddress address_of(const asio::ip::tcp::endpoint& endpoint) {
  const asio::ip::address address = endpoint.address();
  const asio::ip::address_v6 v6 =
      address.is_v4() ? asio::ip::make_address_v6(asio::ip::v4_mapped, address.to_v4()) : address.to_v6();
  const asio::ip::address_v6::bytes_type bytes = v6.to_bytes();
  PeerAddress peer{};
  std::copy(bytes.begin(), bytes.end(), peer.begin());
  return peer;
}

}  // namespace

Acceptor::Acceptor(asio::io_context& context, ServerState& state, LoopCounters& counters, HasRoom has_room,
                   OnConnection on_connection)
    : state_{state},
      counters_{counters},
      has_room_{std::move(has_room)},
      on_connection_{std::move(on_connection)},
      acceptor_{context},
      rest_timer_{context} {}

void Acceptor::listen(const Tcp::endpoint& endpoint, bool share_port) {
  error_code error;
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(Tcp::acceptor::reuse_address(true), error);
  if (!error && share_port) acceptor_.set_option(SharePort(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(Tcp::acceptor::max_listen_connections, error);
  if (!error) return;
  const std::string where = endpoint.address().to_string() + " port " + std::to_string(endpoint.port());
  throw ListenError("cannot listen on " + where + " (" + state_.options.name + "): " + error.message() +
                    "; stop what listens there, or configure another address or port");
}

std::uint16_t Acceptor::port() const { return acceptor_.local_endpoint().port(); }

void Acceptor::close() noexcept {
  error_code ignored;
  acceptor_.close(ignored);
  rest_timer_.cancel(ignored);
}

void Acceptor::go_on() {
  if (accepting_ || resting_ || !acceptor_.is_open()) return;
  acceptor_.async_accept(peer_, [this, accept = ++accept_](const error_code& error, Tcp::socket socket) {
    if (accept == accept_) accepting_ = false;
    if (error != asio::error::operation_aborted && acceptor_.is_open()) on_accepted(error, std::move(socket));
  });
  accepting_ = true;
}

void Acceptor::restart() {
  error_code ignored;
  acceptor_.cancel(ignored);
  accepting_ = false;
  go_on();
}

void Acceptor::on_accepted(const error_code& error, Tcp::socket socket) {
  if (error == asio::error::no_descriptors || error == asio::error::no_buffer_space ||
      error == asio::error::no_memory || error == boost::system::errc::too_many_files_open_in_system) {
    return rest();
  }
  // Any other error is the peer's: it left between connecting and being accepted.
  try {
    if (!error) take(std::move(socket), peer_);
  } catch (...) {
    return rest();  // No memory for one more connection: its socket is closed by now.
  }
  go_on();
}

void Acceptor::rest() {
  rest_timer_.expires_after(kRest);
  rest_timer_.async_wait([this](const error_code& error) {
    resting_ = false;
    if (!error) go_on();
  });
  resting_ = true;
}

void Acceptor::take(Tcp::socket socket, const Tcp::endpoint& endpoint) {
  const PeerAddress peer = address_of(endpoint);
  error_code error;
  socket.non_blocking(true, error);
  // An answer leaves whole, in one send: waiting for more would only delay it.
  if (!error) socket.set_option(Tcp::no_delay(true), error);
  if (error) return;
  if (!has_room_() || !state_.limits.admit(peer)) return turn_away(std::move(socket));
  try {
    on_connection_(std::move(socket), peer);
  } catch (...) {
    state_.limits.leave(peer);
    throw;
  }
}

void Acceptor::turn_away(Tcp::socket socket) {
  const std::array fields{Field{"retry-after", state_.options.retry_after}};
  std::string answer;
  append_answer(answer, {.status = 503, .body = refusal_body(503), .fields = fields}, {.close = true});
  error_code ignored;
  socket.send(asio::buffer(answer), 0, ignored);
  socket.shutdown(Tcp::socket::shutdown_send, ignored);
  // What has come already is taken out: closing a socket with unread bytes resets it, and the reset eats the answer.
  std::array<char, 4096> unread{};
  socket.receive(asio::buffer(unread), 0, ignored);
  counters_.count_answer(503);
}

}  // namespace penstock::http
