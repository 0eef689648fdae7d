#include "output.hpp"

#include "config/substitution.hpp"
#include "config/suggestion.hpp"
#include "config/units.hpp"
#include "streams/json_text.hpp"
#include "wrong_use.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <system_error>

namespace penstock::command {

namespace {

std::string read_all(std::istream& in, const std::string& name, std::size_t bytes_max) {
  std::string body;
  std::array<char, 64U << 10U> piece{};
  do {
    in.read(piece.data(), piece.size());
    body.append(piece.data(), static_cast<std::size_t>(in.gcount()));
    if (body.size() > bytes_max) throw WrongUse{name + ": holds more than " + config::size_text(bytes_max)};
  } while (in);
  return body;
}

}  // namespace

void print_problems(const config::Problems& problems, bool quiet, std::ostream& err) {
  for (const config::Problem& problem : problems.list()) {
    if (quiet && problem.severity != config::Severity::error) continue;
    err << problems.line(problem) << '\n';
  }
}

std::string read_body(const std::string& file) {
  constexpr std::size_t body_bytes_max = 256U << 20U;
  if (file == "-") return read_all(std::cin, "standard input", body_bytes_max);
  std::error_code ignored;
  if (std::filesystem::is_fifo(file, ignored)) {  // <(command) of a shell.
    std::ifstream pipe{file, std::ios::binary};
    if (!pipe) throw WrongUse{file + ": cannot be opened"};
    return read_all(pipe, file, body_bytes_max);
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
