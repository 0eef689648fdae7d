// Heads, bodies and the calls into handlers.

#include "http/answer.hpp"
#include "http/connection.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>

namespace penstock::http {

namespace {

// Methods of RFC 9110 and PATCH. CONNECT and TRACE are known, and never wanted.
bool is_method_spoken(std::string_view method) noexcept {
  static constexpr std::array<std::string_view, 7> spoken{"POST", "GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"};
  return std::find(spoken.begin(), spoken.end(), method) != spoken.end();
}

}  // namespace

bool Connection::step() {
  switch (state_) {
    case State::reading_head: return !receiving_ && step_head();
    case State::reading_body: return step_body();
    case State::answering: return step_answering();
    case State::streaming:
      if (!streaming_) begin_lingering();
      return false;
    default: return false;
  }
}

bool Connection::step_head() {
  if (input_.empty()) {
    // The end between two requests. What was answered still has to go out.
    if (input_ended_) begin_lingering();
    return false;
  }
  if (output_.waiting() >= kAnswersWaitingMax) {
    held_back_ = true;
    return false;
  }
  const ReadStatus status = reader_.read(input_.request());
  // Until then the time of an idle connection runs on: empty lines gain nothing.
  if (!begun_ && reader_.has_begun()) {
    begun_ = true;
    came_in_drain_ = loop_.draining() && !input_.has_marked();
    since_ = now_;
  }
  if (!head_is_whole(status)) return false;
  if (reader_.head().chunked && !input_.at_front()) {
    // Chunks need the space behind the head. The head is read again, once, in its new place.
    input_.move_to_front();
    reader_.restart();
    return true;
  }
  begin_request();
  return true;
}

bool Connection::head_is_whole(ReadStatus status) {
  if (status == ReadStatus::ready) return true;
  if (status == ReadStatus::refused) {
    // The one refusal that comes when all of the head was good: its route can be told.
    if (reader_.refusal() == 417) {
      take_table();
      route_ = table_->routes.find(reader_.head().method, reader_.head().path).route;
    }
    turn_away(reader_.refusal(), true);
  } else if (input_ended_) {
    if (begun_) {
      turn_away(400, true);
    } else {
      begin_lingering();
    }
  } else if (!input_.at_front()) {
    input_.move_to_front();
    reader_.restart();
  }
  return false;
}

void Connection::take_table() noexcept {
  const CurrentTable& current = loop_.state().table;
  if (current.is(table_.get())) return;
  handlers_.clear();  // They belong to routes of the old one.
  table_ = current.get();
}

void Connection::begin_request() {
  take_table();
  const RequestHead& head = reader_.head();
  input_.begin_body(reader_.head_bytes());
  state_ = State::answering;
  body_whole_ = !head.has_body();
  if (!is_method_spoken(head.method)) return turn_away(501, false);
  if (const auto& guard = table_->options.guard) {
    try {
      const Answer refusal = guard(head);
      if (refusal.status != 0) return append(refusal, false);
    } catch (...) {
      return turn_away(500, true);
    }
  }
  const RouteMatch match = table_->routes.find(head.method, head.path);
  route_ = match.route;
  if (came_in_drain_ && (route_ == nullptr || !route_->while_draining)) return turn_away_draining();
  if (!match.path_known) return turn_away(404, false);
  if (match.route == nullptr) return turn_away(405, false, match.allow);
  const Route& route = *match.route;
  if (route.length_required && !head.chunked && !head.content_length) return turn_away(411, true);
  if (head.content_length.value_or(0) > route.body_bytes_max) return turn_away(413, true);
  begin_handler(route, match.index);
}

void Connection::begin_handler(const Route& route, std::size_t index) {
  Begin begin = Begin::answered;
  try {
    handler_ = &handler_of(route, index);
    begin = handler_->begin(reader_.head(), *this);
  } catch (...) {
    return handler_failed();
  }
  if (begin == Begin::read_body && !answered_) return begin_body(route);
  handler_ = nullptr;
  if (!answered_ && !deferred_) turn_away(500, true);
}

RequestHandler& Connection::handler_of(const Route& route, std::size_t index) {
  for (const auto& [route_index, handler] : handlers_) {
    if (route_index == index) return *handler;
  }
  std::unique_ptr<RequestHandler> made = route.make(loop_.index());
  if (!made) throw std::logic_error("Route::make gave no handler");
  return *handlers_.emplace_back(index, std::move(made)).second;
}

void Connection::begin_body(const Route& route) {
  const RequestHead& head = reader_.head();
  state_ = State::reading_body;
  body_bytes_ = 0;
  length_left_ = head.content_length.value_or(0);
  if (head.chunked) chunks_.start(route.body_bytes_max);
  if (reader_.expects_continue() && head.has_body() && input_.empty()) output_.back().append(kContinue);
}

bool Connection::step_body() {
  if (answered_) {
    // Through later(), before the body had come.
    cut_handler(Cut::stopped);
    begin_lingering();
    return false;
  }
  if (receiving_) return false;
  return reader_.head().chunked ? step_chunked_body() : step_known_body();
}

bool Connection::step_known_body() {
  if (length_left_ > 0 && !input_.empty()) {
    const std::string_view unread = input_.unread();
    const std::string_view bytes =
        unread.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(unread.size(), length_left_)));
    if (!deliver(bytes, length_left_)) return true;
    input_.consume(bytes.size());
    length_left_ -= bytes.size();
  }
  if (length_left_ == 0) {
    end_body();
    return true;
  }
  if (input_ended_) {
    break_off(Cut::disconnected, 400);
    return true;
  }
  input_.reuse_body_space();
  return !ask_room(length_left_);
}

bool Connection::step_chunked_body() {
  const ChunkStep step = chunks_.next(input_.unread());
  input_.consume(step.consumed);
  if (step.status == ChunkStatus::refused) {
    break_off(chunks_.refusal() == 413 ? Cut::too_large : Cut::malformed, chunks_.refusal());
    return true;
  }
  if (step.status == ChunkStatus::done) {
    end_body();
    return true;
  }
  if (step.data_bytes > 0) {
    if (!deliver(input_.unread().substr(0, step.data_bytes), chunks_.data_left())) return true;
    input_.consume(step.data_bytes);
    chunks_.took(step.data_bytes);
    return true;
  }
  if (input_ended_) {
    break_off(Cut::disconnected, 400);
    return true;
  }
  input_.reuse_body_space();
  if (step.status == ChunkStatus::data && chunks_.data_left() >= kReceiveInPlaceBytes)
    return !ask_room(chunks_.data_left());
  return false;
}

bool Connection::deliver(std::string_view bytes, std::uint64_t wanted) {
  while (!bytes.empty()) {
    if (!ask_room(wanted)) return false;
    const std::size_t fits = std::min(room_.size(), bytes.size());
    std::memcpy(room_.data(), bytes.data(), fits);
    if (!commit(fits)) return false;
    bytes.remove_prefix(fits);
    wanted -= fits;
  }
  return true;
}

bool Connection::ask_room(std::uint64_t wanted) {
  const auto bytes = static_cast<std::size_t>(wanted);
  try {
    room_ = handler_->room(bytes);
  } catch (...) {
    handler_failed();
    return false;
  }
  if (room_.empty()) {
    break_off(Cut::too_large, 503);
    return false;
  }
  room_ = room_.first(std::min(room_.size(), bytes));
  return true;
}

bool Connection::commit(std::size_t bytes) {
  room_ = {};
  body_bytes_ += bytes;
  try {
    handler_->commit(bytes);
  } catch (...) {
    handler_failed();
    return false;
  }
  return true;
}

void Connection::end_body() {
  body_whole_ = true;
  since_ = now_;
  state_ = State::answering;
  route_ = nullptr;  // It has the whole request: what becomes of it is the handler's to count.
  loop_.request_handed_over();
  try {
    handler_->end(*this);
  } catch (...) {
    return handler_failed();
  }
  handler_ = nullptr;
  if (!answered_ && !deferred_) turn_away(500, true);
}

bool Connection::step_answering() {
  if (!answered_) return false;
  if (streaming_) {
    state_ = State::streaming;
    input_.release();
    // It was asked for before the drain, and opened in it.
    if (loop_.draining()) end_stream();
    return false;
  }
  if (close_after_) {
    begin_lingering();
    return false;
  }
  ++request_;
  input_.next_request();
  reader_.restart();
  begun_ = answered_ = deferred_ = came_in_drain_ = false;
  since_ = now_;
  state_ = State::reading_head;
  return true;
}

void Connection::cut_handler(Cut why) noexcept {
  if (receiving_ && !room_.empty() && socket_.is_open()) {
    // The room goes back to the handler: nothing may be received into it any more.
    boost::system::error_code ignored;
    socket_.cancel(ignored);
  }
  room_ = {};
  RequestHandler* const handler = std::exchange(handler_, nullptr);
  if (handler == nullptr) return;
  route_ = nullptr;
  try {
    handler->cut(why);
  } catch (...) {
    return;  // The request is over either way, and its answer decided.
  }
}

void Connection::handler_failed() {
  room_ = {};
  const RequestHandler* const failed = std::exchange(handler_, nullptr);
  // It may be in any state now: the next request gets a fresh one.
  std::erase_if(handlers_, [failed](const auto& entry) { return entry.second.get() == failed; });
  close_after_ = true;
  if (!answered_) turn_away(500, true);
}

void Connection::break_off(Cut why, int status) {
  cut_handler(why);
  turn_away(status, true);
}

}  // namespace penstock::http
