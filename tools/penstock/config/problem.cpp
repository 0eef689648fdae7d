#include "config/problem.hpp"

#include <algorithm>
#include <cstddef>
#include <tuple>

namespace penstock::config {

void Problems::add(Problem&& problem) {
  if (++found(problem.severity) <= kKeptMax) problems_.push_back(std::move(problem));
}

std::vector<Problem> Problems::list() const {
  std::vector<Problem> sorted = problems_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Problem& a, const Problem& b) {
    return std::tie(a.severity, a.at.line, a.at.column) < std::tie(b.severity, b.at.line, b.at.column);
  });
  const auto tell_rest = [&](Severity severity, const std::string& what) {
    const std::size_t found = found_.at(static_cast<std::size_t>(severity));
    if (found > kKeptMax) sorted.push_back({{}, severity, "and " + std::to_string(found - kKeptMax) + " more " + what});
  };
  tell_rest(Severity::error, "errors");
  tell_rest(Severity::warning, "warnings");
  return sorted;
}

std::string Problems::line(const Problem& problem) const {
  std::string line = file_;
  if (problem.at.line > 0) {
    line += ':' + std::to_string(problem.at.line) + ':' + std::to_string(problem.at.column);
  }
  line += ": ";
  if (problem.severity == Severity::warning) line += "warning: ";
  line += problem.text;
  std::replace_if(
      line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return line;
}

std::string shown(std::string_view text) {
  constexpr std::size_t shown_bytes_max = 60;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string quoted = "'";
  for (const char c : text.substr(0, shown_bytes_max)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      quoted += "\\x";
      quoted += digits[byte >> 4U];
      quoted += digits[byte & 0xFU];
    } else if (byte >= 0x80 && byte < 0xA0 && !quoted.empty() && static_cast<unsigned char>(quoted.back()) == 0xC2) {
      quoted.back() = '?';  // U+0080 to U+009F: controls that a terminal obeys.
    } else {
      quoted += c;
    }
  }
  if (text.size() > shown_bytes_max) {
    while (!quoted.empty() && (static_cast<unsigned char>(quoted.back()) & 0xC0U) == 0x80U) quoted.pop_back();
    if (static_cast<unsigned char>(quoted.back()) >= 0xC0U) quoted.pop_back();
    quoted += "…";
  }
  return quoted + "'";
}

}  // namespace penstock::config
