// Events of a journal as lines of JSON: the envelope in which streams send them, each on one line.
//
//     ExportLines lines{{.from = "12", .count = 100}, std::cout};
//     survey_journal(dir, {.from_offset = lines.from_offset(), .from_time = lines.from_time(),
//                          .visit = [&](const Event& event) { return lines.take(event); }});
//
// Both ends belong to the range. Line ends between the tokens of a JSON payload become blanks, as in `tail`; with
// `base64` every payload is given byte for byte. Threads: one. Holds the text of one event. Errors: WrongUse for what
// is no POSITION.

#pragma once

#include "options.hpp"
#include "streams/json_text.hpp"
#include <penstock/event.hpp>

#include <chrono>
#include <cstdint>
#include <ostream>
#include <string>

namespace penstock::surveying {

class ExportLines {
 public:
  ExportLines(const command::ExportRange& range, std::ostream& out);

  [[nodiscard]] std::uint64_t from_offset() const noexcept { return from_offset_; }
  [[nodiscard]] std::chrono::system_clock::time_point from_time() const noexcept { return from_time_; }

  /// Writes it, if it is not behind the range. False: enough, or nobody reads any more.
  bool take(const Event& event);

 private:
  void read_from(const std::string& text);
  void read_to(const std::string& text);
  [[nodiscard]] bool is_behind(const Event& event) const;
  void write(const Event& event);

  std::ostream& out_;
  std::uint64_t from_offset_ = 1;
  std::chrono::system_clock::time_point from_time_ = {};
  std::uint64_t to_offset_ = UINT64_MAX;
  std::chrono::system_clock::time_point to_time_ = std::chrono::system_clock::time_point::max();
  std::uint64_t left_;
  const bool base64_;
  streams::JsonChecker checker_;
  std::string line_;
};

}  // namespace penstock::surveying
