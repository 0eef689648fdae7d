// All open streams: who owns them, who ends them, and the thread that keeps quiet ones alive.
//
// Threads: any. The lock is held for O(streams) at most, never while a stream writes. The thread here also serves
// streams whose wake-up could not be posted for want of memory: see LiveStream.

#pragma once

#include "http/handler.hpp"
#include "streams/json_verdicts.hpp"
#include "streams/live_stream.hpp"
#include "streams/sse.hpp"
#include "streams/stream_query.hpp"
#include <penstock/broker.hpp>

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>
#include <unordered_map>

namespace penstock::streams {

class Hub : public std::enable_shared_from_this<Hub> {
 public:
  Hub(Broker& broker, const StreamsOptions& options);
  ~Hub();
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;

  /// Opens a stream, or answers why not. On the request's I/O thread.
  void open(StreamQuery query, http::Responder& responder);
  void end_catching_up() noexcept;
  void close() noexcept;
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] Broker& broker() const noexcept { return broker_; }
  [[nodiscard]] bool has_journal() const noexcept { return has_journal_; }
  [[nodiscard]] const StreamsOptions& options() const noexcept { return options_; }

 private:
  void start(StreamQuery query, http::Responder& responder);
  void forget(const LiveStream* stream);
  void keep_alive();
  void answer_unavailable(http::Responder& responder, std::string_view error, std::string_view message) const;
  void answer_closed(http::Responder& responder) const;

  Broker& broker_;  // Not used once closed.
  const bool has_journal_;
  const StreamsOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::unordered_map<const LiveStream*, std::shared_ptr<LiveStream>> streams_;
  const std::shared_ptr<JsonVerdicts> verdicts_ = std::make_shared<JsonVerdicts>();
  bool no_history_ = false;  // Nobody may read the journal any more.
  bool closed_ = false;
  bool over_ = false;       // Being destroyed.
  std::thread heartbeats_;  // Last: it uses all of the above.
};

}  // namespace penstock::streams
