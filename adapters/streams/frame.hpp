// Server-sent events as text (WHATWG HTML, 9.2.6): lines of a field and a value, an empty line at the end.
//
//     EventFrame frame;
//     frame.begin(event, checker.valid(event.payload()));
//     while (!frame.done()) { frame.append(out, 64U << 10U); ... }   // event: github.push\ndata: {...}\n\n
//
// CR, LF and CRLF in a payload each begin a new `data:` line. A client joins the lines with LF, which changes only
// white space between JSON tokens: nothing else can hold a line end. With a journal an `id:` line with the offset comes
// first, from which a client resumes. One thread; allocates what `out` needs to grow.

#pragma once

#include "streams/envelope.hpp"
#include <penstock/event.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace penstock::streams {

/// One event on its way out, as text a piece at a time: what waits for a slow reader is the event, of which all its
/// readers share the one copy, and not each reader's text of it.
class EventFrame {
 public:
  /// `as_json`: the payload is one valid JSON value, and shall stand as it is; else in base64.
  void begin(const Event& event, bool as_json) noexcept;

  [[nodiscard]] bool done() const noexcept { return !event_; }
  [[nodiscard]] bool untouched() const noexcept { return event_ && !head_written_; }

  /// Appends the next piece: about `bytes_max`, but for the first one, which has all that stands before the payload.
  /// When it throws (std::bad_alloc), neither `out` nor this has changed.
  void append(std::string& out, std::size_t bytes_max);

 private:
  void append_payload(std::string& out, std::size_t bytes_max);

  std::optional<Event> event_ = {};
  bool as_json_ = false;
  bool head_written_ = false;
  std::size_t payload_written_ = 0;
};

/// kGapEvent with `{"dropped":N}`: so many events found no room in the queue.
void append_gap_frame(std::string& out, std::uint64_t dropped);

/// kGapEvent with `{"from":F,"to":T}`: the journal keeps these offsets no more, T included, whatever their topics. Its
/// `id:` is T, so that who resumes behind it is not told again.
void append_gap_frame(std::string& out, std::uint64_t from, std::uint64_t to);

/// A line that clients skip. `text` holds no line end.
void append_comment(std::string& out, std::string_view text);

/// Appends `text` from `begin` on, about `bytes_max` of it, with a new `data:` line at each line end. Where it stopped.
[[nodiscard]] std::size_t append_data_lines(std::string& out, std::string_view text, std::size_t begin,
                                            std::size_t bytes_max);

}  // namespace penstock::streams
