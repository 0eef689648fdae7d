#include "streams/hub.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace penstock::streams {

Hub::Hub(Broker& broker, const StreamsOptions& options)
    : broker_{broker}, has_journal_{broker.has_journal()}, options_{options}, heartbeats_{[this] { keep_alive(); }} {}

Hub::~Hub() {
  close();
  {
    const std::lock_guard lock{mutex_};
    over_ = true;
  }
  changed_.notify_all();
  heartbeats_.join();
}

void Hub::answer_unavailable(http::Responder& responder, std::string_view error, std::string_view message) const {
  const std::string seconds = std::to_string(options_.retry_after.count());
  const std::array<http::Field, 1> fields{http::Field{"retry-after", seconds}};
  responder.answer({.status = 503, .body = error_body(error, message), .fields = fields});
}

void Hub::answer_closed(http::Responder& responder) const {
  answer_unavailable(responder, "closed", "the broker stops");
}

void Hub::open(StreamQuery query, http::Responder& responder) {
  {
    const std::lock_guard lock{mutex_};
    if (closed_) return answer_closed(responder);
  }
  start(std::move(query), responder);
}

void Hub::start(StreamQuery query, http::Responder& responder) {
  const auto on_end = [weak = weak_from_this()](const LiveStream* stream) {
    if (const auto self = weak.lock()) self->forget(stream);
  };
  const std::shared_ptr<http::Responder> later = responder.later();
  const auto stream = std::make_shared<LiveStream>(std::move(query), options_, later, verdicts_, on_end);
  try {
    if (!stream->start(broker_)) return answer_closed(*later);
  } catch (const SetupError& error) {  // The patterns are good, so the broker has no place for one more.
    return answer_unavailable(*later, "unavailable", error.what());
  }
  bool closed = false;
  {
    const std::lock_guard lock{mutex_};
    closed = closed_;
    if (!closed) streams_.emplace(stream.get(), stream);
    if (no_history_) stream->post_end_catching_up();
  }
  if (closed) stream->post_end();
  changed_.notify_one();
}

void Hub::forget(const LiveStream* stream) {
  std::shared_ptr<LiveStream> last;  // Destroyed after the lock.
  const std::lock_guard lock{mutex_};
  const auto found = streams_.find(stream);
  if (found == streams_.end()) return;
  last = std::move(found->second);
  streams_.erase(found);
}

void Hub::end_catching_up() noexcept {
  const std::lock_guard lock{mutex_};
  no_history_ = true;
  for (const auto& [key, stream] : streams_) stream->post_end_catching_up();
}

void Hub::close() noexcept {
  // Without a list of its own, which might find no memory: posting runs nothing here, and throws nothing.
  const std::lock_guard lock{mutex_};
  closed_ = true;
  for (const auto& [key, stream] : streams_) stream->post_end();
}

std::size_t Hub::size() const {
  const std::lock_guard lock{mutex_};
  return streams_.size();
}

void Hub::keep_alive() {
  using Clock = LiveStream::Clock;
  const auto period =
      std::clamp(options_.heartbeat / 8, std::chrono::milliseconds{1}, std::chrono::milliseconds{1'000});
  std::unique_lock lock{mutex_};
  // Past close(): what could not be posted then is tried again.
  while (!over_) {
    if (streams_.empty()) {
      changed_.wait(lock, [this] { return over_ || !streams_.empty(); });
      continue;
    }
    changed_.wait_for(lock, period, [this] { return over_; });
    const Clock::time_point before = Clock::now() - options_.heartbeat;
    for (const auto& [key, stream] : streams_) {
      stream->post_again();
      if (stream->quiet_since() <= before) stream->post_heartbeat(before);
    }
  }
}

}  // namespace penstock::streams
