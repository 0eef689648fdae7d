#include "output.hpp"

#include "config/substitution.hpp"
#include "config/suggestion.hpp"
#include "streams/json_text.hpp"
#include "wrong_use.hpp"

#include <iostream>
#include <iterator>

namespace penstock::command {

void print_problems(const config::Problems& problems, bool quiet, std::ostream& err) {
  for (const config::Problem& problem : problems.list()) {
    if (quiet && problem.severity != config::Severity::error) continue;
    err << problems.line(problem) << '\n';
  }
}

std::string read_body(const std::string& file) {
  constexpr std::size_t body_bytes_max = 256U << 20U;
  std::string body;
  if (file == "-") {
    body.assign(std::istreambuf_iterator<char>{std::cin}, {});
    return body;
  }
  config::FileText text = config::read_file(file, body_bytes_max);
  if (!text.error.empty()) throw WrongUse{file + ": " + text.error};
  return std::move(text.text);
}

std::string no_such_source(const config::Config& config, const std::string& file, const std::string& name) {
  std::vector<std::string_view> names;
  for (const config::Source& known : config.sources) names.push_back(known.name);
  return "no source " + config::shown(name) + " in " + file + config::suggestion(name, names);
}

std::string json_string(std::string_view text) {
  std::string quoted;
  streams::append_json_string(quoted, text);
  return quoted;
}

}  // namespace penstock::command
