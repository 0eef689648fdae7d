// The `limits:` of the file and of a source.
//
//     read_limits(context, root, config.limits);
//     read_source_limits(source_reader, config.limits, source.payload_bytes_max);
//
// A source may ask for less than `limits.payload`, not for more: a limit that any source can pass limits nothing.
// Threads: one. All that is wrong becomes a problem.

#pragma once

#include "config/config.hpp"
#include "config/section_reader.hpp"

#include <cstddef>

namespace penstock::config {

void read_limits(const Context& context, const YamlNode& root, Limits& limits);

/// `limits` must be read before. Leaves limits.payload in `payload_bytes_max` when the source says nothing.
void read_source_limits(const SectionReader& source, const Limits& limits, std::size_t& payload_bytes_max);

}  // namespace penstock::config
