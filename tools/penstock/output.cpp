#include "output.hpp"

#include "streams/json_text.hpp"

namespace penstock::command {

void print_problems(const config::Problems& problems, bool quiet, std::ostream& err) {
  for (const config::Problem& problem : problems.list()) {
    if (quiet && problem.severity != config::Severity::error) continue;
    err << problems.line(problem) << '\n';
  }
}

std::string json_string(std::string_view text) {
  std::string quoted;
  streams::append_json_string(quoted, text);
  return quoted;
}

}  // namespace penstock::command
