// The other end of a connection, for tests: a blocking TCP socket on loopback that speaks raw bytes.
//
//     Peer peer{server.port()};
//     peer.send(post("/a", "{}"));
//     EXPECT_EQ(peer.answer().status, 200);
//
// Every wait ends after kPatience: a server that says nothing fails the test, it does not hang it.

#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace penstock::http {

struct PeerAnswer {
  int status = 0;  ///< 0: the connection ended, or nothing came in time.
  std::string head;
  std::string body;
  [[nodiscard]] bool has(std::string_view line) const { return head.find(line) != std::string::npos; }
};

class Peer {
 public:
  static constexpr std::chrono::seconds kPatience{10};

  explicit Peer(std::uint16_t port, int receive_buffer_bytes = 0);
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  void send(std::string_view bytes) const;
  void half_close() const;
  void reset();

  /// The next answer, by content-length or by chunks (joined). `without_body`: to a HEAD request.
  PeerAnswer answer(bool without_body = false);
  /// One receive, at most 1 MiB; empty at the end of input.
  std::string receive();
  /// Waits until `text` has come, and gives all received so far and not yet taken; empty if it does not come.
  std::string receive_until(std::string_view text);
  /// True if the server ends the connection, within kPatience; what comes before is dropped.
  bool is_closed();
  /// True if nothing comes and the connection stays for `time`.
  bool is_quiet(std::chrono::milliseconds time);

 private:
  bool more();
  std::string take(std::size_t bytes);

  int socket_;
  std::string received_;
  bool ended_ = false;
};

/// A POST of `body` with its length.
std::string post(std::string_view path, std::string_view body, std::string_view more_fields = {});

}  // namespace penstock::http
