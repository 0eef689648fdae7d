// One event as JSON: the form in which events leave by HTTP.
//
//     append_envelope_head(out, event, true);          // {"id":"...","source":"github", ... ,"payload":
//     out.append(event.payload()).append(envelope_end(true));                                         // {...}}
//
// In two halves around the payload, so that a large one need never stand in memory twice. A payload that is one valid
// JSON value stands there byte for byte (`5.0` stays `5.0`, spaces and line ends stay);
// any other, or one nested deeper than kJsonDepthMax, as "payload_base64" (RFC 4648, 4). Metadata names are lower case,
// in order of first appearance; a repeated name has an array. No "offset" without a journal.
// Only the payload can hold CR or LF, and only as white space between tokens: everything else is escaped.
// Pure. Blocks never. Allocates what `out` needs to grow.
// O(fields squared): fields are few, bounded by the engine's 64 KiB of metadata and the server's head limit.

#pragma once

#include <penstock/event.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace penstock::streams {

enum class PayloadAs : std::uint8_t {
  json,    ///< As it is when it is one valid JSON value, else base64.
  base64,  ///< Always base64.
};

/// RFC 3339 in UTC with milliseconds, as "time" has it.
void append_time(std::string& out, std::chrono::system_clock::time_point time);

/// All that stands before the payload. `as_json`: the payload follows as it is; else in base64.
void append_envelope_head(std::string& out, const Event& event, bool as_json);

/// All that stands behind it.
[[nodiscard]] std::string_view envelope_end(bool as_json) noexcept;

}  // namespace penstock::streams
