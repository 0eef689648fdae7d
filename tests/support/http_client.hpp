// A blocking HTTP client for tests: says exactly what it is told, and waits ten seconds at most for an answer.
//
//     HttpClient client{server.port()};
//     EXPECT_EQ(client.ask("GET", "/healthz").status, 200);
//
// Throws std::runtime_error when the peer closes or stays silent while more is awaited.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace penstock::support {

struct Response {
  int status = 0;
  std::string head;  ///< Status line and fields, as received.
  std::string body;
};

class HttpClient {
 public:
  using Fields = std::vector<std::pair<std::string, std::string>>;

  /// A small `receive_bytes` (0: the system's choice) fills up soon when nothing is read.
  explicit HttpClient(std::uint16_t port, int receive_bytes = 0);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  void send(std::string_view bytes) const;
  /// One request of HTTP/1.1 with Host and Content-Length, and its answer with a Content-Length.
  Response ask(std::string_view method, std::string_view target, const Fields& fields = {}, std::string_view body = {});
  Response read_response();

  /// Everything received up to the end of `mark`, which is awaited.
  std::string read_through(std::string_view mark);
  /// Everything until the peer closes.
  std::string read_to_end();

 private:
  bool receive();  // False: the peer closed.

  int socket_;
  std::string received_;  // And not read yet.
};

}  // namespace penstock::support
