// A small HTTP/1.1 client: one connection, one request at a time, everything bounded.
//
//     client::Client client{std::get<Url>(parse_url("http://127.0.0.1:8080"))};
//     client::Answer answer = client.send({.method = "POST", .target = "/hooks/github", .body = body});
//
// Threads: one at a time. Blocks up to its limits. Errors: ClientError. A connection that the server closed between two
// requests is opened again, once.

#pragma once

#include "client/answer_reader.hpp"
#include "client/socket.hpp"
#include "client/url.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace penstock::client {

struct Request {
  std::string method = "GET";
  std::string target = "/";
  std::vector<std::pair<std::string, std::string>> fields = {};  ///< Host and content-length are added.
  std::string_view body = {};
};

struct Answer {
  AnswerHead head = {};
  std::string body = {};
};

struct ClientLimits {
  std::chrono::milliseconds connect{5'000};
  std::chrono::milliseconds silence{30'000};  ///< Between two reads or writes.
  std::size_t body_bytes_max = 16U << 20U;
};

class Client {
 public:
  explicit Client(Url where, const ClientLimits& limits = {}) : where_{std::move(where)}, limits_{limits} {}

  [[nodiscard]] Answer send(const Request& request);

  /// Gives the body as it comes, when the status is 200, until `on_body` says false or the answer ends. Other answers
  /// come back whole.
  [[nodiscard]] Answer stream(const Request& request, const std::function<bool(std::string_view)>& on_body);

 private:
  void exchange(const Request& request, AnswerReader& reader, const std::function<bool(std::string_view)>& on_body);

  Url where_;
  ClientLimits limits_;
  std::optional<Socket> socket_;
};

}  // namespace penstock::client
