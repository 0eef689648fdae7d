// Answers and streams.

#include "http/answer.hpp"
#include "http/connection.hpp"

#include <array>
#include <utility>

namespace penstock::http {

void Connection::append(const Answer& answer, bool is_stream) {
  const RequestHead& head = reader_.head();
  const bool is_1_0 = head.minor_version == 0;
  const bool drained = loop_.draining() && (came_in_drain_ || !input_.has_marked());
  answered_ = true;
  route_ = nullptr;
  close_after_ = close_after_ || answer.close || is_stream || !head.keep_alive || !body_whole_ || drained;
  append_answer(output_.back(), answer,
                {.date = loop_.date_line(),
                 .close = close_after_,
                 .keep_alive = is_1_0,
                 .without_body = is_stream || head.method == "HEAD",
                 .chunked = is_stream && !is_1_0,
                 .until_close = is_stream && is_1_0});
  loop_.counters().count_answer(answer.status);
}

int Connection::tell_refused(int status) noexcept {
  const Route* const route = std::exchange(route_, nullptr);
  if (route == nullptr || !route->on_refused) return status;
  try {
    route->on_refused(loop_.index(), status);
    return status;
  } catch (...) {
    return 500;
  }
}

void Connection::turn_away_draining() {
  static_cast<void>(tell_refused(503));
  const std::array fields{Field{"retry-after", table_->options.retry_after}};
  append({.status = 503, .body = R"({"error":"draining"})", .fields = fields, .close = true}, false);
}

void Connection::turn_away(int status, bool close, std::string_view allow) {
  status = tell_refused(status);
  std::array<Field, 2> fields;
  std::size_t used = 0;
  if (!allow.empty()) fields.at(used++) = {"allow", allow};
  if (status == 503) fields.at(used++) = {"retry-after", table_->options.retry_after};
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
  if (!running_) schedule();
}

std::shared_ptr<Stream> Connection::stream_later(std::uint64_t request, const Answer& head) {
  if (request != request_) return std::make_shared<ConnectionStream>(std::weak_ptr<Connection>{});
  auto stream = this->stream(head);
  if (!running_) schedule();
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
  schedule();
}

void Connection::stream_end() {
  if (!streaming_) return;
  streaming_ = false;
  if (reader_.head().minor_version != 0) output_.back().append(kLastChunk);
  schedule();
}

void Connection::end_stream() {
  stream_end();
  if (const auto stream = stream_) stream->tell_gone();  // Kept: it tells a stream's end from another answer's.
}

void Connection::schedule() {
  if (scheduled_) return;
  loop_.schedule(shared_from_this());
  scheduled_ = true;
}

}  // namespace penstock::http
