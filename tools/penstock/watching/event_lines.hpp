// Server-sent events as they arrive (WHATWG HTML, 9.2.6): bytes in, one ServerEvent each out.
//
//     EventLines lines{[](const ServerEvent& event) { print(event.data); }};
//     lines.feed(bytes);
//
// Comments and unknown fields are skipped; an event cut off by the end is never given. Threads: one. Errors: an event
// above kEventBytesMax throws client::ClientError, so that no server can fill this process.

#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace penstock::watching {

inline constexpr std::size_t kEventBytesMax = 256U << 20U;  ///< A payload of 128 MiB in base64, and more.

struct ServerEvent {
  std::string name = {};  ///< `event:`: the topic, or a notice.
  std::string data = {};  ///< The data lines, joined with LF.
};

class EventLines {
 public:
  explicit EventLines(std::function<void(const ServerEvent&)> on_event) : on_event_{std::move(on_event)} {}

  void feed(std::string_view bytes);

 private:
  void take_line(std::string_view line);

  std::function<void(const ServerEvent&)> on_event_;
  std::string line_;       // A line as far as it has come.
  bool after_cr_ = false;  // CR LF is one end of a line.
  bool has_data_ = false;
  ServerEvent event_;
};

}  // namespace penstock::watching
