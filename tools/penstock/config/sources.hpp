// The `sources:` of the file: presets, what overrides them, and who may send.
//
//     read_sources(context, node, options, config);   // fills config.sources; config.limits must be read before
//
// Threads: one. All that is wrong becomes a problem.

#pragma once

#include "config/config.hpp"
#include "config/section_reader.hpp"

#include <string>

namespace penstock::config {

/// `only_source`: see LoadOptions.
void read_sources(const Context& context, const YamlNode& node, const std::string& only_source, Config& config);

}  // namespace penstock::config
