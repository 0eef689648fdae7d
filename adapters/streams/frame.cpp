#include "streams/frame.hpp"

#include "streams/json_text.hpp"
#include "streams/sse.hpp"

#include <algorithm>

namespace penstock::streams {

namespace {

void append_id(std::string& out, std::uint64_t offset) {
  out += "id: ";
  out += std::to_string(offset);
  out += '\n';
}

void append_gap(std::string& out, std::string_view data) {
  out += "event: ";
  out += kGapEvent;
  out += "\ndata: ";
  out += data;
  out += "\n\n";
}

}  // namespace

std::size_t append_data_lines(std::string& out, std::string_view text, std::size_t begin, std::size_t bytes_max) {
  const std::size_t end = out.size() + bytes_max;
  while (begin < text.size() && out.size() < end) {
    const std::string_view piece = text.substr(begin, end - out.size());
    const std::size_t line = std::min(piece.find_first_of("\r\n"), piece.size());
    out.append(piece, 0, line);
    begin += line;
    if (line == piece.size()) break;
    out += "\ndata: ";
    begin += text.compare(begin, 2, "\r\n") == 0 ? 2 : 1;
  }
  return begin;
}

void EventFrame::begin(const Event& event, bool as_json) noexcept {
  event_ = event;
  as_json_ = as_json;
  head_written_ = false;
  payload_written_ = 0;
}

void EventFrame::append(std::string& out, std::size_t bytes_max) {
  const std::size_t begin = out.size();
  const std::size_t written = payload_written_;
  try {
    if (!head_written_) {
      if (const std::uint64_t offset = event_->offset()) append_id(out, offset);
      out += "event: ";
      out += event_->topic();
      out += "\ndata: ";
      append_envelope_head(out, *event_, as_json_);
    }
    append_payload(out, bytes_max);
    if (payload_written_ == event_->payload().size()) {
      out += envelope_end(as_json_);
      out += "\n\n";
      event_.reset();
    }
  } catch (...) {  // Half of a line would make the next one part of it.
    out.resize(begin);
    payload_written_ = written;
    throw;
  }
  head_written_ = true;
}

void EventFrame::append_payload(std::string& out, std::size_t bytes_max) {
  const std::string_view payload = event_->payload();
  if (as_json_) {
    payload_written_ = append_data_lines(out, payload, payload_written_, bytes_max);
    return;
  }
  // Three bytes are four letters: only the last piece may end in between.
  const std::string_view piece = payload.substr(payload_written_, std::max<std::size_t>(bytes_max / 4, 1) * 3);
  append_base64(out, piece);
  payload_written_ += piece.size();
}

void append_gap_frame(std::string& out, std::uint64_t dropped) {
  append_gap(out, "{\"dropped\":" + std::to_string(dropped) + '}');
}

void append_gap_frame(std::string& out, std::uint64_t from, std::uint64_t to) {
  append_id(out, to);
  append_gap(out, "{\"from\":" + std::to_string(from) + ",\"to\":" + std::to_string(to) + '}');
}

void append_comment(std::string& out, std::string_view text) {
  out += ": ";
  out += text;
  out += "\n\n";
}

}  // namespace penstock::streams
