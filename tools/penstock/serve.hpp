// `penstock serve`: the broker behind its listeners, until a signal. The one place that knows every adapter.
//
// Exit: 0 drained after SIGTERM or SIGINT; 130 or 143 stopped by a second one; 1 a port is taken; 78 bad configuration.

#pragma once

#include "config/substitution.hpp"
#include "options.hpp"
#include "output.hpp"

namespace penstock::command {

[[nodiscard]] Exit run_serve(const ServeOptions& options, const config::Environment& environment, const Output& output);

}  // namespace penstock::command
