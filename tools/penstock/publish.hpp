// `penstock publish TOPIC [FILE|-]`: one event, straight into a running broker by its admin API.
//
// Exit: 0 accepted; 1 refused or the connection broke; 2 wrong use, a bad topic among it; 69 nobody listens; 75 the
// broker is full or draining; 78 the file that names the broker is refused.

#pragma once

#include "config/substitution.hpp"
#include "options.hpp"
#include "output.hpp"

namespace penstock::command {

[[nodiscard]] Exit run_publish(const PublishOptions& options, const config::Environment& environment,
                               const Output& output);

}  // namespace penstock::command
