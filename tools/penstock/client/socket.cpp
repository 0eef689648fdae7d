#include "client/socket.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <optional>
#include <utility>

namespace penstock::client {

namespace asio = boost::asio;
using boost::system::error_code;
using Kind = ClientError::Kind;
using Tcp = asio::ip::tcp;

struct Socket::Impl {
  asio::io_context io{1};
  Tcp::socket socket{io};

  /// Runs what was begun until `done` has its result; false when `limit` was over first, and the connection is closed.
  bool finish(const std::optional<error_code>& done, std::chrono::milliseconds limit) {
    io.restart();
    io.run_for(limit);
    if (done) return true;
    error_code ignored;
    socket.close(ignored);
    io.restart();
    io.run();
    return false;
  }
};

namespace {

std::string where(const std::string& host, std::uint16_t port) { return host + " port " + std::to_string(port); }

}  // namespace

Socket::Socket(std::unique_ptr<Impl> impl) noexcept : impl_{std::move(impl)} {}
Socket::Socket(Socket&& other) noexcept = default;
Socket& Socket::operator=(Socket&& other) noexcept = default;
Socket::~Socket() = default;

Socket Socket::connect(const std::string& host, std::uint16_t port, std::chrono::milliseconds limit) {
  auto impl = std::make_unique<Impl>();
  error_code error;
  const auto addresses = Tcp::resolver{impl->io}.resolve(host, std::to_string(port), error);
  if (error) throw ClientError{Kind::no_server, where(host, port) + ": " + error.message()};
  std::optional<error_code> done;
  asio::async_connect(impl->socket, addresses, [&](const error_code& result, const Tcp::endpoint&) { done = result; });
  if (!impl->finish(done, limit)) throw ClientError{Kind::no_server, where(host, port) + ": no connection in time"};
  if (*done) throw ClientError{Kind::no_server, where(host, port) + ": " + done->message()};
  impl->socket.set_option(Tcp::no_delay{true}, error);  // Only a request in two writes would be slower without.
  return Socket{std::move(impl)};
}

void Socket::write(std::string_view bytes, std::chrono::milliseconds limit) {
  std::optional<error_code> done;
  asio::async_write(impl_->socket, asio::buffer(bytes), [&](const error_code& result, std::size_t) { done = result; });
  if (!impl_->finish(done, limit)) throw ClientError{Kind::too_slow, "the peer takes no more bytes"};
  if (*done) throw ClientError{Kind::broken, done->message()};
}

std::size_t Socket::read(std::span<char> into, std::chrono::milliseconds limit) {
  std::optional<error_code> done;
  std::size_t got = 0;
  impl_->socket.async_read_some(asio::buffer(into.data(), into.size()),
                                [&](const error_code& result, std::size_t bytes) {
                                  done = result;
                                  got = bytes;
                                });
  if (!impl_->finish(done, limit)) throw ClientError{Kind::too_slow, "no answer in time"};
  if (*done == asio::error::eof) return 0;
  if (*done) throw ClientError{Kind::broken, done->message()};
  return got;
}

}  // namespace penstock::client
