// `penstock explain`: where would this request go, and why. Judges one whole request as the ingress would.
//
// Needs no running broker. Prints every step, or with --json one object; never a secret, nor a signature that it
// computed. Exit: 0 authentic, or a handshake; 1 not; 2 wrong use; 78 the configuration is refused.

#pragma once

#include "config/substitution.hpp"
#include "options.hpp"
#include "output.hpp"

namespace penstock::command {

[[nodiscard]] Exit run_explain(const ExplainOptions& options, const config::Environment& environment,
                               const Output& output);

}  // namespace penstock::command
