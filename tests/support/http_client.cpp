#include "support/http_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <stdexcept>
#include <system_error>

namespace penstock::support {

namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

std::size_t content_length(std::string_view head) {
  for (const std::string_view name : {"content-length: ", "Content-Length: "}) {
    const std::size_t at = head.find(name);
    if (at != std::string_view::npos) return std::stoul(std::string{head.substr(at + name.size(), 20)});
  }
  return 0;
}

}  // namespace

HttpClient::HttpClient(std::uint16_t port, int receive_bytes)
    : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
  if (socket_ < 0) fail("socket");
  const timeval limit{.tv_sec = 10, .tv_usec = 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  if (receive_bytes > 0) ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): what the socket API wants.
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(socket_);
    fail("connect");
  }
}

HttpClient::~HttpClient() { ::close(socket_); }

void HttpClient::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) fail("send");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

bool HttpClient::receive() {
  std::array<char, 65536> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): written before it is read
  const ssize_t got = ::recv(socket_, buffer.data(), buffer.size(), 0);
  if (got < 0 && errno != ECONNRESET) fail("recv");
  if (got <= 0) return false;
  received_.append(buffer.data(), static_cast<std::size_t>(got));
  return true;
}

std::string HttpClient::read_through(std::string_view mark) {
  std::size_t from = 0;
  std::size_t at = 0;
  while ((at = received_.find(mark, from)) == std::string::npos) {
    from = received_.size() < mark.size() ? 0 : received_.size() - mark.size();
    if (!receive()) throw std::runtime_error("closed before '" + std::string{mark} + "' came; got: " + received_);
  }
  std::string read = received_.substr(0, at + mark.size());
  received_.erase(0, read.size());
  return read;
}

std::string HttpClient::read_to_end() {
  while (receive()) {
  }
  return std::exchange(received_, {});
}

Response HttpClient::read_response() {
  Response response;
  response.head = read_through(kHeadEnd);
  response.status = std::stoi(response.head.substr(response.head.find(' ') + 1, 3));
  const std::size_t length = content_length(response.head);
  while (received_.size() < length) {
    if (!receive()) throw std::runtime_error("closed inside a body; got: " + response.head + received_);
  }
  response.body = received_.substr(0, length);
  received_.erase(0, length);
  return response;
}

Response HttpClient::ask(std::string_view method, std::string_view target, const Fields& fields,
                         std::string_view body) {
  std::string request{method};
  request.append(" ").append(target).append(" HTTP/1.1\r\nHost: localhost\r\n");
  for (const auto& [name, value] : fields) request.append(name).append(": ").append(value).append("\r\n");
  // RFC 9110, 8.6: a POST says its length, also when it is 0.
  const bool says_length = !body.empty() || method == "POST";
  if (says_length) request.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
  send(request.append("\r\n").append(body));
  return read_response();
}

}  // namespace penstock::support
