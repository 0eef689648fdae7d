#include "streams/live_stream.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace penstock::streams {

namespace {

constexpr std::size_t kWriteBytes = 64U << 10U;         // Frames are joined, and large ones cut, to about this.
constexpr std::size_t kFramesKeptBytesMax = 4U << 10U;  // A larger buffer is given back when a stream rests.
constexpr std::size_t kChargeStepBytes = 64U << 10U;

constexpr std::array<http::Field, 2> kFields{
    http::Field{"cache-control", "no-store"},
    http::Field{"x-accel-buffering", "no"},  // nginx would else hold events back to fill its buffer.
};

}  // namespace

LiveStream::LiveStream(StreamQuery query, const StreamsOptions& options, std::shared_ptr<http::Responder> responder,
                       std::shared_ptr<JsonVerdicts> verdicts, std::function<void(const LiveStream*)> on_end)
    : query_{std::move(query)},
      options_{options},
      responder_{std::move(responder)},
      verdicts_{std::move(verdicts)},
      on_end_{std::move(on_end)},
      signals_{std::make_shared<Signals>()},
      last_write_{Clock::now()} {
  take_ = [this](const Event& event) {
    if (event.offset() < live_from_) return;
    frame_.begin(event,
                 query_.payload_as == PayloadAs::json && verdicts_->valid(event.id(), event.payload(), checker_));
  };
}

bool LiveStream::start(Broker& broker) {
  broker_ = &broker;
  if (!broker.has_journal() || std::holds_alternative<Now>(query_.from)) {
    subscribe();
    if (subscription_.ended()) return false;
  } else {
    const auto wants = [this](const Event& event) {
      return std::any_of(query_.patterns.begin(), query_.patterns.end(), [&event](const std::string& pattern) {
        return matches(pattern, event.topic()) || matches(pattern, event.base_topic());
      });
    };
    history_ = std::make_unique<History>(broker, first_wanted(broker, query_.from), wants, take_);
  }
  stream_ = responder_->stream({.status = 200, .content_type = kEventStream, .fields = kFields});
  stream_->on_event([weak = weak_from_this()](bool gone) {
    if (const auto self = weak.lock()) self->on_stream_event(gone);
  });
  if (history_) post_pump(weak_from_this(), *responder_, *signals_);
  return true;
}

void LiveStream::subscribe() {
  SubscribeOptions options;
  options.name = "stream";
  options.queue_bytes_max = query_.queue_bytes;
  options.overflow = query_.overflow;
  options.on_gap = [signals = signals_](std::uint64_t dropped) { signals->dropped.fetch_add(dropped); };
  // A worker must never hold the last reference: it would unsubscribe while it delivers. So the weak one travels on.
  const auto on_filled = [weak = weak_from_this(), responder = responder_, signals = signals_] {
    post_pump(weak, *responder, *signals);
  };
  subscription_ = broker_->subscribe_mailbox(query_.patterns, on_filled, std::move(options));
  subscribed_ = true;
}

void LiveStream::post_pump(const std::weak_ptr<LiveStream>& stream, http::Responder& responder,
                           Signals& signals) noexcept {
  try {
    responder.post([stream] {
      if (const auto self = stream.lock()) self->pump();
    });
  } catch (...) {  // An empty queue that filled says so once: forgotten, the stream would hang.
    signals.missed = true;
  }
}

void LiveStream::post_end() noexcept {
  signals_->end_asked = true;
  post_pump(weak_from_this(), *responder_, *signals_);
}

void LiveStream::post_end_catching_up() noexcept {
  signals_->end_catching_up_asked = true;
  post_pump(weak_from_this(), *responder_, *signals_);
}

void LiveStream::post_again() noexcept {
  if (signals_->missed.exchange(false)) post_pump(weak_from_this(), *responder_, *signals_);
}

void LiveStream::post_heartbeat(Clock::time_point before) noexcept {
  try {
    responder_->post([weak = weak_from_this(), before] {
      if (const auto self = weak.lock()) self->heartbeat(before);
    });
  } catch (...) {  // The next one comes soon.
    return;
  }
}

void LiveStream::heartbeat(Clock::time_point before) noexcept {
  // A peer that reads nothing has its proof of life in the unsent bytes; more of them would only take memory.
  if (!stream_ || stream_->unsent() > 0 || !frame_.done() || quiet_since() > before) return;
  try {
    append_comment(frames_, "heartbeat");
    write();
  } catch (...) {
    end(kNoMemory);
  }
}

/// Moves events from the queue to the peer, as many as it may hold unsent.
void LiveStream::pump() noexcept {
  if (!stream_) return;
  if (signals_->end_asked || (signals_->end_catching_up_asked && !subscribed_)) return end(kClosed);
  try {
    move_events();
  } catch (...) {
    end(kNoMemory);
  }
}

void LiveStream::move_events() {
  const auto stream = stream_;
  if (history_) history_->begin_turn();
  // Asked before the last look at the queue: what came before the end is written before the end.
  const bool ended = subscribed_ && subscription_.ended();
  Took took = move_some(*stream);
  if (!stream_) return;
  write();  // Of a gap that no event followed.
  if (!stream_) return;
  give_back_text();
  // A full peer must not hide that nothing is left.
  if (took == Took::event && ended && frame_.done()) took = take_next();
  if (!stream_) return;
  go_on(took, ended);
}

/// As many as the peer may hold unsent; what stopped it. The stream may have ended in here.
LiveStream::Took LiveStream::move_some(const http::Stream& stream) {
  Took took = Took::event;
  std::size_t written = 0;
  while (took == Took::event && written < options_.unsent_bytes_max && stream.unsent() < options_.unsent_bytes_max) {
    if (frame_.done()) took = take_next();
    if (took != Took::event) break;
    const bool charged = charge_for(kWriteBytes);
    if (charged) took = fill();
    if (!stream_) break;
    const bool charged_all = charged && charge_for(frames_.capacity());
    written += frames_.size();
    if (charged) write();
    if (!stream_) break;
    if (charged_all) continue;
    end(kNoMemory);
    break;
  }
  return took;
}

void LiveStream::go_on(Took took, bool ended) {
  if (took == Took::later) {
    signals_->missed = true;
  } else if (took != Took::nothing) {
    if (stream_->unsent() >= options_.unsent_bytes_max) return;  // It says when the peer has taken something.
    post_pump(weak_from_this(), *responder_, *signals_);         // Let the thread's other connections on.
  } else if (ended) {
    end(overflow_text());
  }
}

std::string LiveStream::overflow_text() const {
  const bool overflowed = query_.overflow == Overflow::disconnect && signals_->dropped.load() > 0;
  return overflowed ? "disconnected: the queue of " + std::to_string(query_.queue_bytes) + " bytes was full"
                    : std::string{kClosed};
}

LiveStream::Took LiveStream::take_next() {
  if (history_) return take_from_history();
  while (subscription_.take(1, take_) > 0) {
    if (!frame_.done()) return Took::event;
  }
  return Took::nothing;
}

LiveStream::Took LiveStream::take_from_history() {
  switch (history_->next()) {
    case History::Next::event: return Took::event;
    case History::Next::turn_over: return Took::turn_over;
    case History::Next::later: return Took::later;
    case History::Next::gap:
      append_gap_frame(frames_, history_->gap_from(), history_->gap_end() - 1);
      return Took::turn_over;
    case History::Next::end: return join() ? Took::turn_over : Took::nothing;
    case History::Next::over:
      live_from_ = history_->live_from();
      history_.reset();
      return Took::turn_over;  // And not on to the queue: whether it has ended was asked before this.
    case History::Next::failed: break;
  }
  end("failed: the journal cannot be read: " + history_->trouble());
  return Took::nothing;
}

bool LiveStream::join() {
  try {
    subscribe();
  } catch (const SetupError&) {  // The patterns are good, so the broker has no place for one more.
    end(kNoPlace);
    return false;
  }
  history_->end_before(broker_->stats().journal.next_offset);
  return true;
}

/// Why it stopped; Took::event: the text is long enough.
LiveStream::Took LiveStream::fill() {
  while (frames_.size() < kWriteBytes) {
    if (frame_.done()) {
      if (const Took took = take_next(); took != Took::event) return took;
    }
    // What the queue dropped lay behind all of the history.
    if (!history_ && frame_.untouched() && signals_->dropped.load() > 0) {
      append_gap_frame(frames_, signals_->dropped.exchange(0));
    }
    frame_.append(frames_, kWriteBytes);
  }
  return Took::event;
}

void LiveStream::write() {
  if (frames_.empty()) return;
  const auto stream = stream_;  // The peer may be gone inside write(): forget() then drops ours.
  stream->write(frames_);
  last_write_.store(Clock::now(), std::memory_order_relaxed);
  frames_.clear();
}

/// Charges the broker's budget up to `bytes` of text, in whole steps. False: it is spent.
bool LiveStream::charge_for(std::size_t bytes) noexcept {
  const std::size_t wanted = (bytes + kChargeStepBytes - 1) / kChargeStepBytes * kChargeStepBytes;
  if (wanted <= charged_bytes_) return true;
  if (!broker_->charge(wanted - charged_bytes_)) return false;
  charged_bytes_ = wanted;
  return true;
}

/// What was written is the server's to hold and to charge.
void LiveStream::give_back_text() noexcept {
  if (frames_.capacity() > kFramesKeptBytesMax) std::string{}.swap(frames_);
  broker_->uncharge(std::exchange(charged_bytes_, 0));
}

void LiveStream::on_stream_event(bool gone) {
  if (gone) {
    forget();
  } else {
    pump();
  }
}

void LiveStream::write_last_words(std::string_view why) noexcept {
  try {
    // Inside an event's frame a comment would become part of its line. Cut short, the frame is dropped by clients
    // (WHATWG HTML, 9.2.6: no empty line, no event).
    if (frame_.done() || frame_.untouched()) {
      if (const std::uint64_t dropped = signals_->dropped.exchange(0)) append_gap_frame(frames_, dropped);
      append_comment(frames_, why);
    }
    write();
  } catch (...) {  // No memory for them.
    frames_.clear();
  }
}

void LiveStream::end(std::string_view why) noexcept {
  const auto stream = stream_;
  if (!stream) return;
  write_last_words(why);
  try {
    if (stream_) stream->end();
  } catch (...) {  // No memory for the last chunk either: the answer ends when its connection does.
    frames_.clear();
  }
  forget();
}

void LiveStream::forget() noexcept {
  if (!stream_) return;
  stream_.reset();
  subscription_.unsubscribe();
  history_.reset();
  frame_ = {};
  give_back_text();
  const auto self = weak_from_this().lock();  // on_end_ drops the owner's.
  try {
    on_end_(this);
  } catch (...) {  // Its lock failed: the owner keeps a stream that does nothing more.
    return;
  }
}

}  // namespace penstock::streams
