#include "surveying/export_lines.hpp"

#include "config/problem.hpp"
#include "streams/envelope.hpp"
#include "streams/position.hpp"
#include "wrong_use.hpp"

#include <algorithm>
#include <optional>
#include <variant>

namespace penstock::surveying {

namespace {

using Time = std::chrono::system_clock::time_point;

streams::Position position_of(const std::string& text, const char* flag) {
  const std::optional<streams::Position> position = streams::position_of(text);
  if (position) return *position;
  throw command::WrongUse{std::string{flag} + ' ' + config::shown(text) +
                          " is no position: write earliest, now, an offset from 1 on, or a time such as "
                          "2026-11-24T12:00:00Z"};
}

}  // namespace

ExportLines::ExportLines(const command::ExportRange& range, std::ostream& out)
    : out_{out}, left_{range.count.value_or(UINT64_MAX)}, base64_{range.base64} {
  if (!range.from.empty()) read_from(range.from);
  if (!range.to.empty()) read_to(range.to);
}

void ExportLines::read_from(const std::string& text) {
  const streams::Position from = position_of(text, "--from");
  if (const auto* offset = std::get_if<std::uint64_t>(&from)) from_offset_ = *offset;
  if (const auto* time = std::get_if<Time>(&from)) from_time_ = *time;
  if (std::holds_alternative<streams::Now>(from)) from_offset_ = UINT64_MAX;  // What comes later is not here yet.
}

void ExportLines::read_to(const std::string& text) {
  const streams::Position to = position_of(text, "--to");
  if (const auto* offset = std::get_if<std::uint64_t>(&to)) to_offset_ = *offset;
  if (const auto* time = std::get_if<Time>(&to)) to_time_ = *time;
  if (std::holds_alternative<streams::Earliest>(to)) to_offset_ = 0;  // Nothing lies before it.
}

bool ExportLines::is_behind(const Event& event) const { return event.offset() > to_offset_ || event.time() > to_time_; }

bool ExportLines::take(const Event& event) {
  if (left_ == 0 || is_behind(event)) return false;
  write(event);
  return --left_ > 0 && static_cast<bool>(out_);
}

void ExportLines::write(const Event& event) {
  const bool as_json = !base64_ && checker_.valid(event.payload());
  line_.clear();
  streams::append_envelope_head(line_, event, as_json);
  if (as_json) {
    const std::size_t begin = line_.size();
    line_ += event.payload();
    // JSON has line ends between its tokens only: a blank says the same.
    std::replace_if(
        line_.begin() + static_cast<std::ptrdiff_t>(begin), line_.end(), [](char c) { return c == '\n' || c == '\r'; },
        ' ');
  } else {
    streams::append_base64(line_, event.payload());
  }
  line_ += streams::envelope_end(as_json);
  out_ << line_ << '\n';
}

}  // namespace penstock::surveying
