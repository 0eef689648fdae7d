// One line of the log: a time, a level, a message and facts, as logfmt or JSON.
//
//     log_line(Format::logfmt, now, Level::info, "ready", {{"ingress", "127.0.0.1:8080"}})
//     // ts=2026-11-24T14:36:43.120Z level=info msg=ready ingress=127.0.0.1:8080
//
// Values may come from outside: nothing in them ends the line, begins a key or moves a terminal's cursor. C0, DEL, C1
// and bytes that are no UTF-8 are escaped. Threads: pure functions.

#pragma once

#include "config/config.hpp"

#include <chrono>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace penstock::serving {

/// A name of ours, and a value from anywhere.
using Fact = std::pair<std::string_view, std::string>;

[[nodiscard]] std::string log_line(config::LogFormat format, std::chrono::system_clock::time_point time,
                                   config::LogLevel level, std::string_view message, std::initializer_list<Fact> facts);

/// `text` in double quotes, with the escapes of JSON (RFC 8259, 7).
[[nodiscard]] std::string quoted(std::string_view text);

[[nodiscard]] std::string_view to_string(config::LogLevel level) noexcept;

}  // namespace penstock::serving
