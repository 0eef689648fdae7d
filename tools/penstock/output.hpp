// Where a sub-command writes: data to `out`, all else to `err`.
//
// Streams and not std::cout, so that tests can read what a command says.

#pragma once

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

/// `text` as a JSON string, quotes included.
[[nodiscard]] std::string json_string(std::string_view text);

}  // namespace penstock::command
