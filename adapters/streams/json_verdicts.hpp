// Remembers for the last large payloads whether they are JSON, so that an event is checked once for all its streams.
//
//     const bool as_json = verdicts.valid(event.id(), event.payload(), checker);
//
// Without it N readers of one 25 MiB event would check 25 MiB N times, on the thread that also answers /healthz. The
// first check still takes that thread for the time of one payload. A stream so far behind that kRemembered large events
// lie between checks again.
// Threads: any; the lock is not held while a payload is checked. Allocates nothing. O(payload) once, then O(1).

#pragma once

#include "streams/json_text.hpp"
#include <penstock/event.hpp>

#include <array>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string_view>

namespace penstock::streams {

class JsonVerdicts {
 public:
  static constexpr std::size_t kRemembered = 256;
  static constexpr std::size_t kPayloadBytesMin = 16U << 10U;  ///< Smaller ones are checked as fast as looked up.

  /// An event's id stands for its payload: the broker made it, and events do not change.
  [[nodiscard]] bool valid(const EventId& id, std::string_view payload, JsonChecker& checker);

 private:
  struct Verdict {
    EventId id;
    bool valid = false;
  };

  [[nodiscard]] std::optional<bool> find(const EventId& id);
  void keep(const EventId& id, bool valid);

  std::mutex mutex_;
  std::array<Verdict, kRemembered> verdicts_;  // A ring.
  std::size_t kept_ = 0;                       // Ever.
};

}  // namespace penstock::streams
