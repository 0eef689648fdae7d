// Where a sub-command writes: data to `out`, all else to `err`; and where it reads a body.
//
// Streams and not std::cout, so that tests can read what a command says.

#pragma once

#include "config/config.hpp"
#include "config/problem.hpp"

#include <ostream>
#include <string>
#include <string_view>

namespace penstock::command {

struct Output {
  std::ostream& out;
  std::ostream& err;
};

/// One line each, errors first; with `quiet` errors only.
void print_problems(const config::Problems& problems, bool quiet, std::ostream& err);

/// The file, or stdin for `-`. Throws WrongUse.
[[nodiscard]] std::string read_body(const std::string& file);

/// `no source 'githup' in penstock.yaml; did you mean 'github'?`
[[nodiscard]] std::string no_such_source(const config::Config& config, const std::string& file,
                                         const std::string& name);

/// `text` as a JSON string, quotes included.
[[nodiscard]] std::string json_string(std::string_view text);

}  // namespace penstock::command
