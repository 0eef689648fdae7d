// Events that have passed: read from the journal, a few in each turn of an I/O thread; for a stream up to where its
// live subscription begins.
//
//     History history{broker, first_wanted(broker, query.from), wants, take};
//     while (history.next() == History::Next::event) {}                        // until Next::end, for now
//     subscription = broker.subscribe_mailbox(query.patterns, wake);            // then, and in this order:
//     history.end_before(broker.stats().journal.next_offset);                  // on to Next::over
//     … what subscription.take() gives, but for offsets below history.live_from()
//
// No gap and no repeat between the two. An event at or behind live_from() was appended after the subscription stood,
// and events are handed over only once they are appended: it reaches the mailbox. One below was synced before
// live_from() was read: it is found here; if it also reached the mailbox it is skipped there. Both sides come in the
// order of offsets, so what is taken does too. An end that was read before subscribing would leave out what was handed
// over in between.
// The subscription comes late, at the journal's end, so that its queue need not hold all that is published while a
// long history is read.
//
// Memory: one event at a time, and the journal's read buffer, which is charged here.
// Threads: one. Blocking: on the disk; between two begin_turn() at most kTurnEventsMax events are looked at, or
// kTurnBytesMax of payloads and one more. Allocation: none but the journal's. Errors: the constructor throws SetupError
// (no memory for a reader); next() throws what `wants` and `take` throw, and std::bad_alloc.

#pragma once

#include "streams/position.hpp"
#include <penstock/broker.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace penstock::streams {

/// The offset at which `position` begins. One that no event has yet becomes the next one to be: who comes from a
/// journal that was longer shall not wait in silence for it to grow. Now{} is that too. A time reads up to one segment.
[[nodiscard]] std::uint64_t first_wanted(const Broker& broker, const Position& position);

class History {
 public:
  static constexpr std::size_t kTurnEventsMax = 64;
  static constexpr std::size_t kTurnBytesMax = 1U << 20U;
  static constexpr std::size_t kBufferBytes = 256U << 10U;  // engine/journal/reader.hpp

  /// `broker` must outlive it.
  History(Broker& broker, std::uint64_t from, std::function<bool(const Event&)> wants,
          std::function<void(const Event&)> take);
  ~History();
  History(const History&) = delete;
  History& operator=(const History&) = delete;

  enum class Next : std::uint8_t {
    event,      ///< `take` got one that is wanted.
    gap,        ///< Events from gap_from() to before gap_end() are not there any more.
    turn_over,  ///< Let others on, then begin_turn().
    later,      ///< The budget is spent, or a file is just being removed: not before something has changed.
    end,        ///< The journal's end, for now: time to subscribe.
    over,       ///< All before live_from() was given.
    failed,     ///< Damaged, or the disk refused: see trouble().
  };
  [[nodiscard]] Next next();
  void begin_turn() noexcept { looked_at_ = looked_at_bytes_ = 0; }

  void end_before(std::uint64_t offset) noexcept { end_ = offset; }
  [[nodiscard]] std::uint64_t live_from() const noexcept { return end_.value_or(0); }
  [[nodiscard]] std::uint64_t gap_from() const noexcept { return reader_.gap_from(); }
  [[nodiscard]] std::uint64_t gap_end() const noexcept;
  [[nodiscard]] std::string trouble() const { return reader_.trouble(); }

 private:
  void look_at(const Event& event);

  Broker& broker_;
  JournalReader reader_;
  std::function<bool(const Event&)> wants_;
  std::function<void(const Event&)> take_;
  std::function<void(const Event&)> look_at_;
  bool wanted_ = false;  // The last one looked at.
  std::size_t looked_at_ = 0;
  std::size_t looked_at_bytes_ = 0;
  std::optional<std::uint64_t> end_ = std::nullopt;
};

}  // namespace penstock::streams
