// What is wrong with a configuration, and where: all of it in one go.
//
//     Problems problems{"penstock.yaml"};
//     problems.error({14, 13}, "sources.github.secrets: environment variable GITHUB_SECRET is not set");
//     for (const Problem& problem : problems.list()) std::cerr << problems.line(problem) << '\n';
//
// Threads: one. A text quotes what the file says, never what a substitution put in its place: that may be a secret.

#pragma once

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
  warning,  ///< Refused only with --deny-warnings.
  note,     ///< Told at start: what was asked for may surprise.
};

struct Problem {
  Position at;
  Severity severity;
  std::string text;
};

class Problems {
 public:
  /// `file`: how the file is called in messages.
  explicit Problems(std::string file) : file_{std::move(file)} {}

  void error(Position at, std::string text) { add({at, Severity::error, std::move(text)}); }
  void warning(Position at, std::string text) { add({at, Severity::warning, std::move(text)}); }
  void note(Position at, std::string text) { add({at, Severity::note, std::move(text)}); }

  [[nodiscard]] bool any(Severity severity) const;
  /// Errors first, then warnings, then notes; each in the order of the file. Beside an error no notes: they tell of
  /// what would run, and nothing will.
  [[nodiscard]] std::vector<Problem> list() const;
  /// `file:line:column: text`, one line; in front of the text `warning: ` or `note: ` where it is none but that.
  [[nodiscard]] std::string line(const Problem& problem) const;
  [[nodiscard]] const std::string& file() const noexcept { return file_; }

 private:
  void add(Problem&& problem) { problems_.push_back(std::move(problem)); }

  std::string file_;
  std::vector<Problem> problems_;
};

/// `text` of the file in quotes, fit for a terminal: control bytes escaped, cut after 60 bytes.
[[nodiscard]] std::string shown(std::string_view text);

}  // namespace penstock::config
