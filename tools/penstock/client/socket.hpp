// A TCP connection with deadlines.
//
//     Socket socket = Socket::connect("127.0.0.1", 8081, 5s);
//     socket.write(request, 10s);
//
// Threads: one at a time. Every call blocks, at most for its limit. Errors: ClientError.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace penstock::client {

struct ClientError : std::runtime_error {
  enum class Kind : unsigned char {
    no_server,  ///< Nobody listens there, or the name means nothing.
    too_slow,   ///< A limit was over.
    broken,     ///< The connection ended early, or what came is no HTTP.
  };
  ClientError(Kind why, const std::string& what) : std::runtime_error{what}, kind{why} {}
  Kind kind;
};

class Socket {
 public:
  /// Tries each address of `host` in turn, `limit` in all.
  [[nodiscard]] static Socket connect(const std::string& host, std::uint16_t port, std::chrono::milliseconds limit);

  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket();

  void write(std::string_view bytes, std::chrono::milliseconds limit);
  /// At least one byte; 0 when the peer has ended.
  [[nodiscard]] std::size_t read(std::span<char> into, std::chrono::milliseconds limit);

 private:
  struct Impl;  // Asio is heavy to include.
  explicit Socket(std::unique_ptr<Impl> impl) noexcept;

  std::unique_ptr<Impl> impl_;
};

}  // namespace penstock::client
