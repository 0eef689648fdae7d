// `penstock send SOURCE FILE`: a webhook with a real body, signed as its sender signs.
//
// Exit: 0 every answer was 2xx; 1 some was not; 69 nobody listens there; 75 the broker is full; 2 --event where the
// body routes; 78 bad configuration.

#pragma once

#include "config/substitution.hpp"
#include "options.hpp"
#include "output.hpp"

namespace penstock::command {

[[nodiscard]] Exit run_send(const SendOptions& options, const config::Environment& environment, const Output& output);

}  // namespace penstock::command
