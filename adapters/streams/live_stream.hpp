// One open stream: a live subscription on one side, one HTTP answer without an end on the other.
//
// Threads: made, pumped and ended on its connection's I/O thread; quiet_since() and the wake-ups it posts come from
// others. What it holds is bounded: see sse.hpp. It never blocks its I/O thread: after `unsent_bytes_max` bytes it lets
// others on.

#pragma once

#include "http/handler.hpp"
#include "streams/envelope.hpp"
#include "streams/sse.hpp"
#include "streams/stream_query.hpp"
#include <penstock/broker.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace penstock::streams {

inline constexpr std::string_view kEventStream = "text/event-stream";

/// Why a stream ends that did nothing wrong.
inline constexpr std::string_view kClosed = "closed: the broker stops";

class LiveStream : public std::enable_shared_from_this<LiveStream> {
 public:
  using Clock = std::chrono::steady_clock;

  /// `on_end` is called once, on the I/O thread, when nothing more will be written.
  LiveStream(StreamQuery query, const StreamsOptions& options, std::shared_ptr<http::Responder> responder,
             std::function<void(const LiveStream*)> on_end);

  /// Subscribes, then begins the answer: from its head on, the client misses nothing. False, and nothing begun: the
  /// broker is closed. Throws what Broker throws.
  [[nodiscard]] bool start(Broker& broker);

  /// Runs end() on the I/O thread. Any thread.
  void post_end(std::string_view why);
  /// Writes a comment if nothing was written since `before`. Any thread.
  void post_heartbeat(Clock::time_point before);
  [[nodiscard]] Clock::time_point quiet_since() const noexcept { return last_write_.load(std::memory_order_relaxed); }

 private:
  void wake();
  void pump();
  bool fill();
  void write();
  void on_stream_event(bool gone);
  void end(std::string_view why);
  void forget();

  StreamQuery query_;
  StreamsOptions options_;
  std::shared_ptr<http::Responder> responder_;
  std::function<void(const LiveStream*)> on_end_;
  std::shared_ptr<http::Stream> stream_;  // Null: ended.
  Subscription subscription_;
  // Dropped and not told yet. Shared with the subscription, which may outlive this by one call.
  std::shared_ptr<std::atomic<std::uint64_t>> gap_;
  EnvelopeWriter writer_;
  std::string frames_;  // Taken from the queue, not yet written.
  std::function<void(const Event&)> take_;
  std::atomic<Clock::time_point> last_write_;
};

}  // namespace penstock::streams
