// PENSTOCK_* variables for the options of the command line.
//
//     take_variables(command, environment, config_given);   // after parsing: what no flag has given
//
// Each option that takes one value, and each switch, has one: PENSTOCK_SEND_RATE for `send --rate`; the common ones
// without the command's name, PENSTOCK_URL. Options of group kFileKeys stand for a key of the file and share that key's
// (config/variables.hpp). Threads: one. Errors: WrongUse, naming the variable.

#pragma once

#include "config/variables.hpp"

#include <string>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): theirs.
class App;
}

namespace penstock::command {

inline constexpr const char* kFileKeys = "Above the file";

/// `config_given`: by a flag. Whoever says on the command line what to look at has said it, whatever variables say.
void take_variables(CLI::App& command, const config::Environment& environment, bool config_given);

/// Of `variables` those that no option and no key of the file has.
[[nodiscard]] std::vector<std::string> unknown_variables(const CLI::App& app, const std::vector<std::string>& variables,
                                                         const config::Environment& environment);

}  // namespace penstock::command
