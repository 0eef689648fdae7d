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
    frame_.begin(event,
                 query_.payload_as == PayloadAs::json && verdicts_->valid(event.id(), event.payload(), checker_));
  };
}

bool LiveStream::start(Broker& broker) {
  SubscribeOptions options;
  options.name = "stream";
  options.queue_bytes_max = query_.queue_bytes;
  options.overflow = query_.overflow;
  options.on_gap = [signals = signals_](std::uint64_t dropped) { signals->dropped.fetch_add(dropped); };
  // A worker must never hold the last reference: it would unsubscribe while it delivers. So the weak one travels on.
  const auto on_filled = [weak = weak_from_this(), responder = responder_, signals = signals_] {
    post_pump(weak, *responder, *signals);
  };
  broker_ = &broker;
  subscription_ = broker.subscribe_mailbox(query_.patterns, on_filled, std::move(options));
  if (subscription_.ended()) return false;
  stream_ = responder_->stream({.status = 200, .content_type = kEventStream, .fields = kFields});
  stream_->on_event([weak = weak_from_this()](bool gone) {
    if (const auto self = weak.lock()) self->on_stream_event(gone);
  });
  return true;
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
  if (signals_->end_asked) return end(kClosed);
  try {
    move_events();
  } catch (...) {
    end(kNoMemory);
  }
}

void LiveStream::move_events() {
  const auto stream = stream_;
  // Asked before the last look at the queue: what came before the end is written before the end.
  const bool ended = subscription_.ended();
  bool dry = false;
  std::size_t written = 0;
  while (!dry && written < options_.unsent_bytes_max && stream->unsent() < options_.unsent_bytes_max) {
    dry = frame_.done() && !take_next();
    if (dry) break;
    if (!charge_for(kWriteBytes)) return end(kNoMemory);
    dry = !fill();
    const bool charged = charge_for(frames_.capacity());
    written += frames_.size();
    write();
    if (!stream_) return;
    if (!charged) return end(kNoMemory);
  }
  give_back_text();
  // A full peer must not hide that nothing is left.
  if (!dry && ended) dry = frame_.done() && !take_next();
  if (ended && dry) {
    end(overflow_text());
  } else if (!dry && stream->unsent() < options_.unsent_bytes_max) {
    post_pump(weak_from_this(), *responder_, *signals_);  // The peer is fast: let the thread's other connections on.
  }
}

std::string LiveStream::overflow_text() const {
  const bool overflowed = query_.overflow == Overflow::disconnect && signals_->dropped.load() > 0;
  return overflowed ? "disconnected: the queue of " + std::to_string(query_.queue_bytes) + " bytes was full"
                    : std::string{kClosed};
}

bool LiveStream::take_next() { return subscription_.take(1, take_) > 0; }

/// False: the queue is empty.
bool LiveStream::fill() {
  while (frames_.size() < kWriteBytes) {
    if (frame_.done() && !take_next()) return false;
    if (frame_.untouched() && signals_->dropped.load() > 0) append_gap_frame(frames_, signals_->dropped.exchange(0));
    frame_.append(frames_, kWriteBytes);
  }
  return true;
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
