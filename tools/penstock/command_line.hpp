// From argv to options: the only file that knows CLI11.
//
//     Asked asked = parse_command_line(arguments, environment);
//     if (const auto* answer = std::get_if<Answered>(&asked)) { ... print and exit ... }
//
// Threads: one. Errors: every wrong use is an Answered with status 2 and one line.

#pragma once

#include "config/substitution.hpp"
#include "options.hpp"

#include <string>
#include <variant>
#include <vector>

namespace penstock::command {

/// Nothing to run: help, or what is wrong with the command line.
struct Answered {
  Exit status;
  std::string out = {};
  std::string err = {};
};

using Asked = std::variant<Answered, ServeOptions, CheckOptions, BenchOptions, ExplainOptions, PublishOptions,
                           SendOptions, TailOptions, JournalCommandOptions, VersionOptions>;

/// `arguments` without the program's name. `variables`: the names of all PENSTOCK_* variables that are set, so that
/// those that mean nothing can be told.
///
/// Each option that takes one value, and each switch, has a variable: PENSTOCK_SEND_RATE for `send --rate`; the common
/// ones without the command's name, PENSTOCK_URL; those of serve that stand for a key of the file, that key's.
[[nodiscard]] Asked parse_command_line(std::vector<std::string> arguments, const config::Environment& environment,
                                       const std::vector<std::string>& variables = {});

}  // namespace penstock::command
