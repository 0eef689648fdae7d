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

using Asked = std::variant<Answered, ServeOptions, CheckOptions, SendOptions, TailOptions, VersionOptions>;

/// `arguments` without the program's name.
[[nodiscard]] Asked parse_command_line(std::vector<std::string> arguments, const config::Environment& environment);

}  // namespace penstock::command
