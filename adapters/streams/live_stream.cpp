#include "streams/live_stream.hpp"

#include "streams/frame.hpp"

#include <array>
#include <utility>

namespace penstock::streams {

namespace {

constexpr std::size_t kWriteBytes = 64U << 10U;         // Frames are joined up to this, then written.
constexpr std::size_t kFramesKeptBytesMax = 1U << 20U;  // A larger buffer, made for one large event, is given back.

constexpr std::array<http::Field, 2> kFields{
    http::Field{"cache-control", "no-store"},
    http::Field{"x-accel-buffering", "no"},  // nginx would else hold events back to fill its buffer.
};

}  // namespace

LiveStream::LiveStream(StreamQuery query, const StreamsOptions& options, std::shared_ptr<http::Responder> responder,
                       std::function<void(const LiveStream*)> on_end)
    : query_{std::move(query)},
      options_{options},
      responder_{std::move(responder)},
      on_end_{std::move(on_end)},
      gap_{std::make_shared<std::atomic<std::uint64_t>>(0)},
      last_write_{Clock::now()} {
  take_ = [this](const Event& event) {
    if (const std::uint64_t dropped = gap_->exchange(0)) append_gap_frame(frames_, dropped);
    append_event_frame(frames_, writer_, event, query_.payload_as);
  };
}

bool LiveStream::start(Broker& broker) {
  SubscribeOptions options;
  options.name = "stream";
  options.queue_bytes_max = query_.queue_bytes;
  options.overflow = query_.overflow;
  options.on_gap = [gap = gap_](std::uint64_t dropped) { gap->fetch_add(dropped); };
  // A worker must never hold the last reference: it would unsubscribe while it delivers. So the weak one travels on.
  const auto on_filled = [weak = weak_from_this(), responder = responder_] {
    responder->post([weak] {
      if (const auto self = weak.lock()) self->pump();
    });
  };
  subscription_ = broker.subscribe_mailbox(query_.patterns, on_filled, std::move(options));
  if (subscription_.ended()) return false;
  stream_ = responder_->stream({.status = 200, .content_type = kEventStream, .fields = kFields});
  stream_->on_event([weak = weak_from_this()](bool gone) {
    if (const auto self = weak.lock()) self->on_stream_event(gone);
  });
  return true;
}

void LiveStream::post_end(std::string_view why) {
  responder_->post([self = shared_from_this(), why = std::string{why}] { self->end(why); });
}

void LiveStream::post_heartbeat(Clock::time_point before) {
  responder_->post([weak = weak_from_this(), before] {
    const auto self = weak.lock();
    // A peer that reads nothing has its proof of life in the unsent bytes; more of them would only take memory.
    if (!self || !self->stream_ || self->stream_->unsent() > 0 || self->quiet_since() > before) return;
    append_comment(self->frames_, "heartbeat");
    self->write();
  });
}

void LiveStream::wake() {
  responder_->post([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->pump();
  });
}

/// Moves events from the queue to the peer, as many as it may hold unsent.
void LiveStream::pump() {
  const auto stream = stream_;
  if (!stream) return;
  // Asked before the last look at the queue: what came before the end is written before the end.
  const bool ended = subscription_.ended();
  bool dry = false;
  std::size_t written = 0;
  // The one more when it ended: a full peer must not hide that nothing is left.
  while (!dry && written < options_.unsent_bytes_max && (ended || stream->unsent() < options_.unsent_bytes_max)) {
    dry = !fill();
    written += frames_.size();
    write();
    if (!stream_) return;
    if (ended && stream->unsent() >= options_.unsent_bytes_max) break;
  }
  if (ended && dry) {
    const bool overflowed = query_.overflow == Overflow::disconnect && gap_->load() > 0;
    end(overflowed ? "disconnected: the queue of " + std::to_string(query_.queue_bytes) + " bytes was full"
                   : std::string{kClosed});
  } else if (!dry && stream->unsent() < options_.unsent_bytes_max) {
    wake();  // More is there and the peer is fast: let the thread's other connections on first.
  }
}

/// False: the queue is empty.
bool LiveStream::fill() {
  while (frames_.size() < kWriteBytes) {
    if (subscription_.take(1, take_) == 0) return false;
  }
  return true;
}

void LiveStream::write() {
  if (frames_.empty()) return;
  const auto stream = stream_;  // The peer may be gone inside write(): forget() then drops ours.
  stream->write(frames_);
  last_write_.store(Clock::now(), std::memory_order_relaxed);
  frames_.clear();
  if (frames_.capacity() > kFramesKeptBytesMax) frames_.shrink_to_fit();
}

void LiveStream::on_stream_event(bool gone) {
  if (gone) {
    forget();
  } else {
    pump();
  }
}

void LiveStream::end(std::string_view why) {
  const auto stream = stream_;
  if (!stream) return;
  if (const std::uint64_t dropped = gap_->exchange(0)) append_gap_frame(frames_, dropped);
  append_comment(frames_, why);
  write();
  if (stream_) stream->end();
  forget();
}

void LiveStream::forget() {
  if (!stream_) return;
  stream_.reset();
  subscription_.unsubscribe();
  const auto self = shared_from_this();  // on_end_ drops the owner's.
  on_end_(this);
}

}  // namespace penstock::streams
