#include "http/connection.hpp"

#include <boost/asio/buffer.hpp>

#include <algorithm>
#include <array>

namespace penstock::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

// A body may take a second more for every so many bytes that have come: a floor under the pace, whatever its length.
constexpr std::uint64_t kBodyBytesPerSecond = 64U << 10U;

HeadLimits limits_of(const ServerOptions& options) {
  return {.head_bytes_max = options.head_bytes_max, .target_bytes_max = options.target_bytes_max};
}

}  // namespace

Connection::Connection(IoLoop& loop, asio::ip::tcp::socket socket, const PeerAddress& peer)
    : loop_{loop},
      socket_{std::move(socket)},
      peer_{peer},
      table_{loop.state().table.get()},
      input_{table_->options.head_bytes_max + kBehindHeadBytes},
      reader_{limits_of(table_->options)},
      now_{Clock::now()},
      since_{now_},
      last_taken_{now_} {}

// Whatever goes wrong in here ends this connection only.
template <typename Work>
void Connection::enter(const Work& work) {
  try {
    work();
    run();
  } catch (...) {
    running_ = false;
    close(Cut::disconnected);
  }
}

void Connection::start(Place place) {
  place_ = place;
  enter([] {});
}

void Connection::run_scheduled() {
  scheduled_ = false;
  if (state_ != State::closed) return enter([] {});
  handlers_.clear();  // Not in close(): one of them may have been on the stack there.
  later_.reset();
}

void Connection::run_posted(const std::function<void()>& work) {
  if (state_ != State::closed) enter(work);
}

void Connection::run() {
  if (running_ || state_ == State::closed) return;
  running_ = true;
  do {
    held_back_ = false;
    while (step()) {
    }
    send();
  } while (held_back_ && output_.waiting() < kAnswersWaitingMax && state_ != State::closed);
  running_ = false;
  if (awaited_ && is_done_for_drain()) end_awaited();
  receive();
  account();
}

void Connection::send() {
  while (!sending_ && state_ != State::closed && output_.waiting() > 0) {
    // Tried at once: nearly always the kernel takes all of it, and no operation needs to be queued.
    const std::string_view front = output_.front();
    error_code error;
    const std::size_t taken = socket_.send(asio::buffer(front), 0, error);
    if (error && error != asio::error::would_block) return close(Cut::disconnected);
    output_.sent(taken);
    if (taken == front.size()) continue;
    sending_ = true;
    last_taken_ = now_;
    socket_.async_send(asio::buffer(output_.front()),
                       [self = shared_from_this()](const error_code& e, std::size_t n) { self->on_sent(e, n); });
  }
  if (state_ != State::closed && output_.waiting() == 0) on_all_sent();
}

void Connection::on_sent(const error_code& error, std::size_t bytes) {
  sending_ = false;
  if (state_ == State::closed) return;
  // Aborted without being closed: a receive was called off, and the send with it. It is tried again.
  if (error && error != asio::error::operation_aborted) return close(Cut::disconnected);
  enter([this, bytes] {
    now_ = last_taken_ = Clock::now();
    output_.sent(bytes);
  });
}

void Connection::on_all_sent() {
  output_.shrink(kAnswersWaitingMax);
  if (std::exchange(stream_wrote_, false) && stream_) {
    const auto stream = stream_;
    stream->tell_sent();
  }
  if (state_ == State::lingering && !sent_end_ && output_.waiting() == 0) {
    sent_end_ = true;
    since_ = now_;
    error_code ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    if (input_ended_) close(Cut::disconnected);
  }
}

void Connection::begin_lingering() {
  state_ = State::lingering;
  since_ = now_;
}

template <typename Buffers>
void Connection::receive_into(const Buffers& buffers) {
  receiving_ = true;
  socket_.async_receive(buffers, [self = shared_from_this()](const error_code& error, std::size_t bytes) {
    self->on_received(error, bytes);
  });
}

void Connection::receive() {
  if (receiving_ || parked_ || input_ended_ || held_back_) return;
  const auto buffer_of = [](std::span<char> bytes) { return asio::mutable_buffer{bytes.data(), bytes.size()}; };
  if (state_ == State::streaming || state_ == State::lingering) {
    receive_into(asio::buffer(loop_.scratch()));
  } else if (state_ == State::reading_body && !room_.empty()) {
    // The space behind is given too: a receive that ends short of its room tells that the socket is empty, and saves
    // asking for nothing.
    receive_into(std::array{buffer_of(room_), buffer_of(input_.space())});
  } else if (state_ == State::reading_head || state_ == State::reading_body) {
    receive_into(buffer_of(input_.space()));
  }
}

void Connection::on_received(const error_code& error, std::size_t bytes) {
  receiving_ = false;
  if (state_ == State::closed) return;
  if (error == asio::error::operation_aborted) {
    return enter([this] {
      if (parked_) wait_parked();
    });
  }
  parked_ = false;
  if (error && error != asio::error::eof) return close(Cut::disconnected);
  enter([this, &error, bytes] {
    now_ = Clock::now();
    input_ended_ = error == asio::error::eof;
    take_received(bytes);
  });
}

void Connection::take_received(std::size_t bytes) {
  if (state_ == State::streaming || state_ == State::lingering) {
    // What a peer says to a closed ear is thrown away. The end of its input means: it has read the answer, or the
    // stream's reader has left.
    lingered_bytes_ += bytes;
    const bool is_over = input_ended_ && (sent_end_ || state_ == State::streaming);
    if (is_over || lingered_bytes_ > kLingerBytesMax) close(Cut::disconnected);
  } else if (room_.empty()) {
    input_.received(bytes);
  } else {
    const std::size_t in_room = std::min(bytes, room_.size());
    const bool is_known = !reader_.head().chunked;
    if (!commit(in_room)) return;
    if (is_known) {
      length_left_ -= in_room;
    } else {
      chunks_.took(in_room);
    }
    input_.received(bytes - in_room);
  }
}

void Connection::wait_parked() {
  input_.release();
  output_.shrink(0);
  std::erase_if(handlers_, [](const auto& entry) { return entry.second->memory_bytes() > 0; });
  socket_.async_wait(asio::ip::tcp::socket::wait_read, [self = shared_from_this()](const error_code&) {
    self->parked_ = false;
    if (self->state_ != State::closed) self->enter([] {});
  });
}

void Connection::sweep(Clock::time_point now) {
  enter([this, now] {
    now_ = now;
    // What waits without a send under way was written a moment ago, outside this connection's own turn.
    const bool is_stuck = sending_ && now >= last_taken_ + table_->options.unread_time;
    if (is_stuck) {
      close(Cut::disconnected);
    } else {
      keep_deadline(now);
    }
  });
}

void Connection::keep_deadline(Clock::time_point now) {
  // What an old table holds, such as secrets, shall not live as long as a quiet connection.
  if (state_ == State::reading_head || state_ == State::streaming || state_ == State::lingering) take_table();
  const ServerOptions& options = table_->options;
  switch (state_) {
    case State::reading_head:
      if (!begun_) return sweep_idle(now);
      if (!held_back_ && now >= since_ + options.head_time) turn_away(408, true);
      return;
    case State::reading_body: {
      const std::chrono::seconds more{body_bytes_ / kBodyBytesPerSecond};
      if (now >= since_ + options.body_time + more) break_off(Cut::too_slow, 408);
      return;
    }
    case State::answering:
      // Nobody is left who could answer: a fault of the handler, which must not hold the connection for ever.
      if (deferred_ && !answered_ && later_.use_count() == 1) return turn_away(500, true);
      if (options.answer_time.count() != 0 && now >= since_ + options.answer_time && deferred_ && !answered_) {
        turn_away(503, false);
      }
      return;
    case State::lingering:
      if (sent_end_ && now >= since_ + options.linger_time) close(Cut::disconnected);
      return;
    default: return;
  }
}

void Connection::sweep_idle(Clock::time_point now) {
  if (output_.waiting() > 0) return;
  output_.shrink(kIdleAnswerBytes);
  if (now >= since_ + table_->options.idle_time) return close(Cut::disconnected);
  // Empty lines stay: they count towards the most there may be.
  if (now < since_ + kParkAfter || parked_ || !receiving_ || !input_.empty()) return;
  parked_ = true;
  error_code ignored;
  socket_.cancel(ignored);
}

void Connection::drain() {
  enter([this] {
    if (is_done_for_drain()) return;
    awaited_ = true;
    loop_.await_one();
    input_.mark();
    if (state_ == State::streaming) end_stream();
  });
}

bool Connection::is_idle() const noexcept { return state_ == State::reading_head && !begun_ && output_.waiting() == 0; }

// A stream that has been given its last byte is over, although its reader may never close its side: it has nothing more
// to say, and what the kernel holds for it arrives after a close too. Other answers linger: bytes of a request that
// come behind the close would cut them off.
bool Connection::is_done_for_drain() const noexcept {
  return is_idle() || (state_ == State::lingering && sent_end_ && stream_ != nullptr);
}

void Connection::end_awaited() {
  awaited_ = false;
  loop_.one_is_over();
}

void Connection::close(Cut why) {
  if (state_ == State::closed) return;
  const auto self = shared_from_this();
  state_ = State::closed;
  error_code ignored;
  socket_.close(ignored);
  cut_handler(why);
  ++request_;
  streaming_ = false;
  loop_.remove(*this);
  static_cast<void>(loop_.memory().hold(std::exchange(accounted_bytes_, 0), 0));
  if (awaited_) end_awaited();
  try {
    if (const auto stream = std::exchange(stream_, nullptr)) stream->tell_gone();
    schedule();
  } catch (...) {
    return;  // A handler's fault, or no memory to tidy up early: both end with the connection itself.
  }
}

void Connection::account() {
  if (state_ == State::closed) return;
  std::size_t held = sizeof(Connection) + input_.memory_bytes() + output_.memory_bytes() + reader_.memory_bytes();
  for (const auto& [route_index, handler] : handlers_) held += handler->memory_bytes();
  if (held == accounted_bytes_) return;
  if (!loop_.memory().hold(std::exchange(accounted_bytes_, held), held)) budget_is_spent();
}

void Connection::budget_is_spent() {
  if (state_ == State::streaming) return close(Cut::disconnected);
  close_after_ = true;
  // The answer that grew said nothing of a close, and is on its way: it is the last all the same.
  if (state_ == State::reading_head && !begun_ && output_.waiting() > 0) begin_lingering();
}

}  // namespace penstock::http
