// What is wrong with a configuration, and where: all of it in one go.
//
//     Problems problems{"penstock.yaml"};
//     problems.error({14, 13}, "sources.github.secrets: environment variable GITHUB_SECRET is not set");
//     for (const Problem& problem : problems.list()) std::cerr << problems.line(problem) << '\n';
//
// Of each severity the first hundred are kept and the rest counted: nobody reads ten thousand, and a file of nonsense
// must be refused as fast as any other. Threads: one. A text quotes what the file says, never what a substitution put
// in its place: that may be a secret.

#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::config {

/// Line and column as editors count them: from 1, in characters. {0, 0}: no place in the file (a flag, the
/// environment).
struct Position {
  int line = 0;
  int column = 0;
  friend bool operator==(const Position&, const Position&) = default;
};

enum class Severity : unsigned char {
  error,    ///< The file is refused.
  warning,  ///< Told at start: what was asked for may surprise. Refused only with --deny-warnings.
};

struct Problem {
  Position at;
  Severity severity;
  std::string text;
};

class Problems {
 public:
  static constexpr std::size_t kKeptMax = 100;  ///< Of each severity.

  /// `file`: how the file is called in messages.
  explicit Problems(std::string file) : file_{std::move(file)} {}

  void error(Position at, std::string text) { add({at, Severity::error, std::move(text)}); }
  void warning(Position at, std::string text) { add({at, Severity::warning, std::move(text)}); }
  /// One more error of which nobody needs the text: errors_are_full().
  void error_unlisted() { ++found(Severity::error); }

  [[nodiscard]] bool any(Severity severity) const { return found_[static_cast<std::size_t>(severity)] > 0; }
  /// No further error will be kept: its text, and the search for a hint, would be for nothing.
  [[nodiscard]] bool errors_are_full() const { return found_[0] >= kKeptMax; }
  /// Errors first, then warnings; each in the order of the file, and then how many more there are.
  [[nodiscard]] std::vector<Problem> list() const;
  /// `file:line:column: text`, one line; in front of the text `warning: ` where it is none but that.
  [[nodiscard]] std::string line(const Problem& problem) const;
  [[nodiscard]] const std::string& file() const noexcept { return file_; }

 private:
  void add(Problem&& problem);
  std::size_t& found(Severity severity) { return found_[static_cast<std::size_t>(severity)]; }

  std::string file_;
  std::vector<Problem> problems_;
  std::array<std::size_t, 2> found_{};  // By Severity, kept or not.
};

/// `text` of the file in quotes, fit for a terminal: control bytes escaped, cut after 60 bytes.
[[nodiscard]] std::string shown(std::string_view text);

}  // namespace penstock::config
