// Server-sent events as text (WHATWG HTML, 9.2.6): lines of a field and a value, an empty line at the end.
//
//     append_event_frame(out, writer, event, PayloadAs::json);   // event: github.push\ndata: {...}\n\n
//
// CR, LF and CRLF in a payload each begin a new `data:` line. A client joins the lines with LF, which changes only
// white space between JSON tokens: nothing else can hold a line end. No `id:` line: without a journal there is no
// offset. Pure; allocates what `out` needs to grow.

#pragma once

#include "streams/envelope.hpp"
#include <penstock/event.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace penstock::streams {

void append_event_frame(std::string& out, EnvelopeWriter& writer, const Event& event, PayloadAs as);

/// kGapEvent with `{"dropped":N}`.
void append_gap_frame(std::string& out, std::uint64_t dropped);

/// A line that clients skip. `text` holds no line end.
void append_comment(std::string& out, std::string_view text);

/// Begins a new `data:` line at each line end in `out` from `begin` on.
void split_data_lines(std::string& out, std::size_t begin);

}  // namespace penstock::streams
