// `penstock check FILE`: what is wrong with a configuration, or what would run.
//
// Exit: 0 good, 78 not (with --deny-warnings also for a warning). Never prints a secret.

#pragma once

#include "config/substitution.hpp"
#include "options.hpp"
#include "output.hpp"

namespace penstock::command {

[[nodiscard]] Exit run_check(const CheckOptions& options, const config::Environment& environment, const Output& output);

}  // namespace penstock::command
