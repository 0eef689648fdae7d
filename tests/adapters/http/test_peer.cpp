#include "adapters/http/test_peer.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <utility>

namespace penstock::http {

Peer::Peer(std::uint16_t port, int receive_buffer_bytes) : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
  if (receive_buffer_bytes > 0) {
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof receive_buffer_bytes);
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(socket_);
    throw std::runtime_error("nobody listens on port " + std::to_string(port));
  }
}

Peer::~Peer() { ::close(socket_); }

void Peer::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;  // The server closed; what it said before is what tests look at.
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void Peer::half_close() const { ::shutdown(socket_, SHUT_WR); }

void Peer::reset() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  ::close(socket_);
  socket_ = -1;
}

bool Peer::more() {
  pollfd wanted{.fd = socket_, .events = POLLIN, .revents = 0};
  const auto patience = std::chrono::duration_cast<std::chrono::milliseconds>(kPatience).count();
  if (ended_ || ::poll(&wanted, 1, static_cast<int>(patience)) != 1) return false;
  std::string piece(1U << 20U, '\0');
  const ssize_t bytes = ::recv(socket_, piece.data(), piece.size(), 0);
  if (bytes <= 0) {
    ended_ = true;
    return false;
  }
  received_.append(piece, 0, static_cast<std::size_t>(bytes));
  return true;
}

std::string Peer::take(std::size_t bytes) {
  while (received_.size() < bytes && more()) {
  }
  std::string taken = received_.substr(0, bytes);
  received_.erase(0, bytes);
  return taken;
}

std::string Peer::receive() {
  if (received_.empty()) more();
  return std::exchange(received_, {});
}

std::string Peer::receive_until(std::string_view text) {
  while (received_.find(text) == std::string::npos) {
    if (!more()) return {};
  }
  return std::exchange(received_, {});
}

PeerAnswer Peer::answer(bool without_body) {
  std::size_t end = 0;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!more()) return {};
  }
  PeerAnswer answer;
  answer.head = take(end + 4);
  answer.status = std::stoi(answer.head.substr(9, 3));
  if (without_body || answer.status < 200) return answer;
  constexpr std::string_view length = "content-length: ";
  if (const std::size_t at = answer.head.find(length); at != std::string::npos) {
    answer.body = take(std::stoul(answer.head.substr(at + length.size())));
  } else if (answer.has("transfer-encoding: chunked")) {
    while (true) {
      while ((end = received_.find("\r\n")) == std::string::npos) {
        if (!more()) return {};
      }
      const std::size_t size = std::stoul(take(end + 2), nullptr, 16);
      answer.body += take(size);
      take(2);
      if (size == 0) break;
    }
  }
  return answer;
}

bool Peer::is_closed() {
  while (more()) {
  }
  return ended_;
}

bool Peer::is_quiet(std::chrono::milliseconds time) {
  pollfd wanted{.fd = socket_, .events = POLLIN, .revents = 0};
  return received_.empty() && ::poll(&wanted, 1, static_cast<int>(time.count())) == 0;
}

std::string post(std::string_view path, std::string_view body, std::string_view more_fields) {
  std::string bytes = "POST ";
  bytes.append(path).append(" HTTP/1.1\r\nHost: a\r\nContent-Length: ").append(std::to_string(body.size()));
  bytes.append("\r\n").append(more_fields).append("\r\n").append(body);
  return bytes;
}

}  // namespace penstock::http
