// `penstock tail PATTERN…`: events as they pass, one JSON line each on stdout, everything else on stderr.
//
// Exit: 0 after -n events; 1 the broker refused or ended the stream; 2 a --from that it cannot give; 69 nobody listens.

#pragma once

#include "config/substitution.hpp"
#include "options.hpp"
#include "output.hpp"

namespace penstock::command {

[[nodiscard]] Exit run_tail(const TailOptions& options, const config::Environment& environment, const Output& output);

}  // namespace penstock::command
