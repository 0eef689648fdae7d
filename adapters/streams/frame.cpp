#include "streams/frame.hpp"

#include "streams/sse.hpp"

#include <algorithm>
#include <cstddef>

namespace penstock::streams {

namespace {

constexpr std::string_view kLineEnds = "\r\n";

}  // namespace

void split_data_lines(std::string& out, std::size_t begin) {
  std::size_t at = out.find_first_of(kLineEnds, begin);
  if (at == std::string::npos) return;  // Compact JSON, as nearly all senders write it.
  const std::string text = out.substr(at);
  out.resize(at);
  for (std::size_t line = 0; line < text.size();) {
    const std::size_t end = std::min(text.find_first_of(kLineEnds, line), text.size());
    out.append(text, line, end - line);
    if (end == text.size()) break;
    out += "\ndata: ";
    line = end + (text.compare(end, 2, "\r\n") == 0 ? 2 : 1);
  }
}

void append_event_frame(std::string& out, EnvelopeWriter& writer, const Event& event, PayloadAs as) {
  out += "event: ";
  out += event.topic();
  out += "\ndata: ";
  const std::size_t begin = out.size();
  writer.append(out, event, as);
  split_data_lines(out, begin);
  out += "\n\n";
}

void append_gap_frame(std::string& out, std::uint64_t dropped) {
  out += "event: ";
  out += kGapEvent;
  out += "\ndata: {\"dropped\":";
  out += std::to_string(dropped);
  out += "}\n\n";
}

void append_comment(std::string& out, std::string_view text) {
  out += ": ";
  out += text;
  out += "\n\n";
}

}  // namespace penstock::streams
