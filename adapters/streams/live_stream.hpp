// One open stream: a live subscription on one side, one HTTP answer without an end on the other. With a journal the
// events that its reader missed may come first: history.hpp says how the two are joined.
//
// Threads: made, pumped and ended on its connection's I/O thread; quiet_since() and the post_…() come from others. What
// it holds is bounded: see sse.hpp. It does not hold its I/O thread long: after `unsent_bytes_max` bytes, or 64 events
// read from the disk, it lets others on.
// Errors: nothing leaves pump() or the post_…(). Without memory for its text a stream ends; a wake-up without memory is
// kept as a note, which post_again() acts on.

#pragma once

#include "http/handler.hpp"
#include "streams/frame.hpp"
#include "streams/history.hpp"
#include "streams/json_verdicts.hpp"
#include "streams/sse.hpp"
#include "streams/stream_query.hpp"
#include <penstock/broker.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace penstock::streams {

inline constexpr std::string_view kEventStream = "text/event-stream";

/// Why a stream ends that did nothing wrong.
inline constexpr std::string_view kClosed = "closed: the broker stops";
inline constexpr std::string_view kNoPlace = "disconnected: the broker has no place for one more subscription";
inline constexpr std::string_view kNoMemory = "disconnected: the memory budget is used up";

class LiveStream : public std::enable_shared_from_this<LiveStream> {
 public:
  using Clock = std::chrono::steady_clock;

  /// `on_end` is called once, on the I/O thread, when nothing more will be written.
  LiveStream(StreamQuery query, const StreamsOptions& options, std::shared_ptr<http::Responder> responder,
             std::shared_ptr<JsonVerdicts> verdicts, std::function<void(const LiveStream*)> on_end);

  /// Subscribes, or opens the journal where the query begins; then begins the answer: from its head on, the client
  /// misses nothing. False, and nothing begun: the broker is closed. Throws what Broker throws. The broker must live
  /// until on_end.
  [[nodiscard]] bool start(Broker& broker);

  /// Ends it on the I/O thread. Any thread.
  void post_end() noexcept;
  /// The same, unless it has come to live events, or to the last ones before them. Any thread.
  void post_end_catching_up() noexcept;
  /// Writes a comment if nothing was written since `before`. Any thread.
  void post_heartbeat(Clock::time_point before) noexcept;
  /// Posts again what found no memory. Any thread.
  void post_again() noexcept;
  [[nodiscard]] Clock::time_point quiet_since() const noexcept { return last_write_.load(std::memory_order_relaxed); }

 private:
  /// What others tell it. Shared with the subscription, which may outlive this by one call.
  struct Signals {
    std::atomic<std::uint64_t> dropped{0};  // And not told to the client yet.
    std::atomic<bool> missed{false};        // A wake-up could not be posted.
    std::atomic<bool> end_asked{false};
    std::atomic<bool> end_catching_up_asked{false};
  };

  static void post_pump(const std::weak_ptr<LiveStream>& stream, http::Responder& responder, Signals& signals) noexcept;
  void pump() noexcept;
  enum class Took : std::uint8_t {
    event,      // frame_ has one to be written.
    nothing,    // There is none; the subscription will say when there is.
    turn_over,  // Others first.
    later,      // The budget is spent: the next heartbeat's thread comes back to it.
  };

  void subscribe();
  void move_events();
  [[nodiscard]] Took move_some(const http::Stream& stream);
  void go_on(Took took, bool ended);
  Took take_next();
  Took take_from_history();
  bool join();
  Took fill();
  void write();
  [[nodiscard]] bool charge_for(std::size_t bytes) noexcept;
  void give_back_text() noexcept;
  void heartbeat(Clock::time_point before) noexcept;
  void on_stream_event(bool gone);
  [[nodiscard]] std::string overflow_text() const;
  void write_last_words(std::string_view why) noexcept;
  void end(std::string_view why) noexcept;
  void forget() noexcept;

  StreamQuery query_;
  StreamsOptions options_;
  std::shared_ptr<http::Responder> responder_;
  std::shared_ptr<JsonVerdicts> verdicts_;
  std::function<void(const LiveStream*)> on_end_;
  std::shared_ptr<http::Stream> stream_;  // Null: ended.
  Broker* broker_ = nullptr;              // From start() to forget().
  std::unique_ptr<History> history_;      // Null: live.
  bool subscribed_ = false;
  Subscription subscription_;
  std::uint64_t live_from_ = 0;  // What the subscription has below was read from the journal.
  std::shared_ptr<Signals> signals_;
  JsonChecker checker_;
  EventFrame frame_;    // Taken from the queue, not wholly written.
  std::string frames_;  // The text of the present piece; empty outside pump() but for a comment.
  std::size_t charged_bytes_ = 0;
  std::function<void(const Event&)> take_;
  std::atomic<Clock::time_point> last_write_;
};

}  // namespace penstock::streams
