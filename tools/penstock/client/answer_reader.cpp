#include "client/answer_reader.hpp"

#include "client/socket.hpp"

#include <algorithm>
#include <charconv>

namespace penstock::client {
namespace {

constexpr std::size_t kHeadBytesMax = 64U << 10U;
constexpr std::size_t kLineBytesMax = 8U << 10U;
constexpr std::string_view kEndOfHead = "\r\n\r\n";

[[noreturn]] void broken(const std::string& what) { throw ClientError{ClientError::Kind::broken, what}; }

std::string lower(std::string_view text) {
  std::string result{text};
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return result;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

int status_of(std::string_view line) {
  constexpr std::string_view version = "HTTP/1.";
  constexpr std::size_t status_at = 9;
  int status = 0;
  if (line.substr(0, version.size()) != version || line.size() < status_at + 3) broken("the answer is no HTTP/1");
  const auto [end, error] = std::from_chars(line.begin() + status_at, line.begin() + status_at + 3, status);
  if (error != std::errc{} || end != line.begin() + status_at + 3 || status < 100) broken("the answer is no HTTP/1");
  return status;
}

}  // namespace

std::optional<std::string_view> AnswerHead::field(std::string_view name) const noexcept {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const auto& field) { return field.first == name; });
  if (found == fields.end()) return std::nullopt;
  return found->second;
}

void AnswerReader::take_head(std::string_view text) {
  const std::size_t line_end = text.find("\r\n");
  head_ = {.status = status_of(text.substr(0, line_end))};
  head_.keep_alive = text.substr(0, 8) == "HTTP/1.1";
  while (text.find("\r\n") != std::string_view::npos) {
    text.remove_prefix(text.find("\r\n") + 2);
    const std::string_view line = text.substr(0, text.find("\r\n"));
    if (line.empty()) break;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) broken("a header of the answer has no colon");
    head_.fields.emplace_back(lower(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
  }
  if (lower(head_.field("connection").value_or("")) == "close") head_.keep_alive = false;
}

void AnswerReader::begin_body() {
  constexpr int no_content = 204;
  constexpr int not_modified = 304;
  if (lower(head_.field("transfer-encoding").value_or("")) == "chunked") {
    state_ = State::chunk_size;
  } else if (const auto length = head_.field("content-length")) {
    const auto [end, error] = std::from_chars(length->begin(), length->end(), left_);
    if (error != std::errc{} || end != length->end()) broken("the answer's content-length is no number");
    state_ = left_ == 0 ? State::done : State::length;
  } else if (head_.status == no_content || head_.status == not_modified) {
    state_ = State::done;
  } else {
    head_.keep_alive = false;
    state_ = State::until_end;
  }
}

void AnswerReader::feed(std::string_view bytes, const OnBody& on_body) {
  untouched_ = untouched_ && bytes.empty();
  while (!bytes.empty()) {
    if (state_ != State::head) {
      feed_body(bytes, on_body);
      continue;
    }
    const std::size_t before = text_.size() < kEndOfHead.size() ? 0 : text_.size() - kEndOfHead.size();
    text_ += bytes;
    const std::size_t end = text_.find(kEndOfHead, before);
    if (end == std::string::npos) {
      if (text_.size() > kHeadBytesMax) broken("the answer's head is larger than 64 KiB");
      return;
    }
    const std::size_t head_bytes = end + kEndOfHead.size();
    bytes.remove_prefix(head_bytes - (text_.size() - bytes.size()));
    take_head(std::string_view{text_}.substr(0, head_bytes));
    text_.clear();
    if (head_.status >= 200) begin_body();  // Below: an interim answer (RFC 9110, 15.2); the real one follows.
  }
}

void AnswerReader::feed_body(std::string_view& bytes, const OnBody& on_body) {
  switch (state_) {
    case State::length:
    case State::chunk: {
      const std::string_view part = bytes.substr(0, left_);
      left_ -= part.size();
      bytes.remove_prefix(part.size());
      on_body(part);
      if (left_ == 0) state_ = state_ == State::length ? State::done : State::chunk_end;
      return;
    }
    case State::until_end:
      on_body(bytes);
      bytes = {};
      return;
    case State::chunk_size:
      if (const auto line = take_line(bytes)) take_chunk_size(*line);
      return;
    case State::chunk_end:
      if (const auto line = take_line(bytes)) {
        if (!line->empty()) broken("a chunk of the answer is longer than it says");
        state_ = State::chunk_size;
      }
      return;
    case State::trailers:
      if (const auto line = take_line(bytes); line && line->empty()) state_ = State::done;
      return;
    case State::head:
    case State::done: broken("bytes behind the end of the answer");
  }
}

std::optional<std::string> AnswerReader::take_line(std::string_view& bytes) {
  const std::size_t feed = bytes.find('\n');
  text_ += bytes.substr(0, feed);
  if (text_.size() > kLineBytesMax) broken("a line of the answer is longer than 8 KiB");
  if (feed == std::string_view::npos) {
    bytes = {};
    return std::nullopt;
  }
  bytes.remove_prefix(feed + 1);
  std::string line = std::move(text_);
  text_.clear();
  if (line.empty() || line.back() != '\r') broken("a line of the answer ends without CR");
  line.pop_back();
  return line;
}

void AnswerReader::take_chunk_size(const std::string& line) {
  const std::string_view size = trimmed(std::string_view{line}.substr(0, line.find(';')));
  const auto [end, error] = std::from_chars(size.begin(), size.end(), left_, 16);
  if (size.empty() || error != std::errc{} || end != size.end()) broken("a chunk of the answer has no size");
  state_ = left_ == 0 ? State::trailers : State::chunk;
}

void AnswerReader::end() {
  if (state_ == State::until_end) state_ = State::done;
  if (state_ != State::done) broken("the connection ended inside the answer");
}

}  // namespace penstock::client
