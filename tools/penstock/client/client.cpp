#include "client/client.hpp"

#include <array>

namespace penstock::client {
namespace {

std::string head_text(const Request& request, const Url& where) {
  std::string text = request.method + ' ' + request.target + " HTTP/1.1\r\nHost: " + where.authority() + "\r\n";
  for (const auto& [name, value] : request.fields) {
    text += name;
    text += ": ";
    text += value;
    text += "\r\n";
  }
  if (request.method != "GET" || !request.body.empty()) {
    text += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  }
  return text + "\r\n";
}

}  // namespace

void Client::exchange(const Request& request, AnswerReader& reader,
                      const std::function<bool(std::string_view)>& on_body) {
  constexpr std::size_t read_bytes = 64U << 10U;
  if (!socket_) socket_ = Socket::connect(where_.host, where_.port, limits_.connect);
  try {
    socket_->write(head_text(request, where_), limits_.silence);
    socket_->write(request.body, limits_.silence);
  } catch (const ClientError& error) {
    // A server may answer, and close, before it has read a body that it refuses: look for that answer first.
    if (error.kind != ClientError::Kind::broken) throw;
  }
  bool go_on = true;
  std::vector<char> buffer(read_bytes);
  while (go_on && !reader.done()) {
    const std::size_t got = socket_->read(buffer, limits_.silence);
    if (got == 0) {
      reader.end();
    } else {
      reader.feed({buffer.data(), got}, [&](std::string_view bytes) { go_on = go_on && on_body(bytes); });
    }
  }
  if (!reader.done() || !reader.head().keep_alive) socket_.reset();
}

Answer Client::stream(const Request& request, const std::function<bool(std::string_view)>& on_body) {
  const bool reused = socket_.has_value();
  Answer answer;
  AnswerReader reader;
  const auto take = [&](std::string_view bytes) {
    constexpr int ok = 200;
    if (on_body && reader.head().status == ok) return on_body(bytes);
    if (answer.body.size() + bytes.size() > limits_.body_bytes_max) {
      throw ClientError{ClientError::Kind::broken,
                        "the answer is larger than " + std::to_string(limits_.body_bytes_max) + " bytes"};
    }
    answer.body += bytes;
    return true;
  };
  try {
    exchange(request, reader, take);
  } catch (const ClientError& error) {
    socket_.reset();
    if (!reused || !reader.untouched() || error.kind != ClientError::Kind::broken) throw;
    reader = {};
    exchange(request, reader, take);
  }
  answer.head = reader.head();
  return answer;
}

Answer Client::send(const Request& request) { return stream(request, {}); }

}  // namespace penstock::client
