// What a running daemon cannot switch to: settings that its threads, sockets and memory were made from.
//
//     refuse_fixed_changes({.now = config, .stats = broker.stats(), .payload_bytes_max = at_start}, next, problems);
//     if (problems.any(config::Severity::error)) …               // each stands there by its name
//
// Pure. O(sources of the file * sources of the process): a reload is rare.

#pragma once

#include "config/config.hpp"
#include "config/problem.hpp"
#include <penstock/stats.hpp>

#include <cstddef>

namespace penstock::serving {

struct Running {
  const config::Config& now;
  const BrokerStats& stats;       ///< Knows every source there ever was, with its topic.
  std::size_t payload_bytes_max;  ///< What the broker was made for.
};

void refuse_fixed_changes(const Running& running, const config::Config& next, config::Problems& problems);

}  // namespace penstock::serving
