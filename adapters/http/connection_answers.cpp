// Answers and streams.

#include "http/answer.hpp"
#include "http/connection.hpp"

#include <array>

namespace penstock::http {

void Connection::append(const Answer& answer, bool is_stream) {
  const RequestHead& head = reader_.head();
  const bool is_1_0 = head.minor_version == 0;
  answered_ = true;
  close_after_ = close_after_ || answer.close || is_stream || !head.keep_alive || !body_whole_ || loop_.draining();
  append_answer(output_.back(), answer,
                {.date = loop_.date_line(),
                 .close = close_after_,
                 .keep_alive = is_1_0,
                 .without_body = is_stream || head.method == "HEAD",
                 .chunked = is_stream && !is_1_0,
                 .until_close = is_stream && is_1_0});
  loop_.counters().count_answer(answer.status);
}

void Connection::turn_away(int status, bool close, std::string_view allow) {
  std::array<Field, 2> fields;
  std::size_t used = 0;
  if (!allow.empty()) fields.at(used++) = {"allow", allow};
  if (status == 503) fields.at(used++) = {"retry-after", loop_.state().options.retry_after};
  append({.status = status, .body = refusal_body(status), .fields = std::span{fields}.first(used), .close = close},
         false);
  // Outside a request's own turn nobody else acts on the answer.
  if (state_ != State::answering) begin_lingering();
}

void Connection::answer(const Answer& answer) {
  if (!answered_ && (state_ == State::answering || state_ == State::reading_body)) append(answer, false);
}

std::shared_ptr<Stream> Connection::stream(const Answer& head) {
  auto stream = std::make_shared<ConnectionStream>(weak_from_this());
  if (answered_ || state_ != State::answering) return stream;
  append(head, true);
  stream_ = stream;
  // HEAD gets the fields and no stream: it stays shut, and hears of its end when the connection closes.
  streaming_ = reader_.head().method != "HEAD";
  stream_write(head.body);
  return stream;
}

void Connection::post(std::function<void()> work) {
  post_to(loop_.weak_from_this(), weak_from_this(), std::move(work));
}

std::shared_ptr<Responder> Connection::later() {
  if (deferred_) return later_;
  // Used again when nobody kept the one of an earlier request: then answering late allocates nothing.
  if (!later_ || later_.use_count() > 1) {
    later_ = std::make_shared<LaterResponder>(weak_from_this(), loop_.weak_from_this());
  }
  later_->renew(request_);
  deferred_ = true;
  return later_;
}

void Connection::answer_later(std::uint64_t request, const Answer& answer) {
  if (request != request_) return;
  this->answer(answer);
  if (!running_ && !std::exchange(scheduled_, true)) loop_.schedule(shared_from_this());
}

std::shared_ptr<Stream> Connection::stream_later(std::uint64_t request, const Answer& head) {
  if (request != request_) return std::make_shared<ConnectionStream>(std::weak_ptr<Connection>{});
  auto stream = this->stream(head);
  if (!running_ && !std::exchange(scheduled_, true)) loop_.schedule(shared_from_this());
  return stream;
}

void Connection::stream_write(std::string_view bytes) {
  if (!streaming_ || bytes.empty()) return;
  if (reader_.head().minor_version == 0) {
    output_.back().append(bytes);
  } else {
    append_chunk(output_.back(), bytes);
  }
  stream_wrote_ = true;
  // Also from inside run(): what a callback writes when all is sent must go out, but in a turn of its own.
  if (!std::exchange(scheduled_, true)) loop_.schedule(shared_from_this());
}

void Connection::stream_end() {
  if (!streaming_) return;
  streaming_ = false;
  if (reader_.head().minor_version != 0) output_.back().append(kLastChunk);
  if (!std::exchange(scheduled_, true)) loop_.schedule(shared_from_this());
}

}  // namespace penstock::http
