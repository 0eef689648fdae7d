// The `verify:` of a source: its keys over those of the preset.
//
//     std::optional<ReadScheme> read = read_scheme(context, node, "sources.acme.verify", preset_scheme);
//
// What research knows and this version cannot check yet is refused as "not built yet", by name. Threads: one.

#pragma once

#include "config/section_reader.hpp"
#include "verify/verifier.hpp"

#include <optional>
#include <string>

namespace penstock::config {

struct ReadScheme {
  verify::Scheme scheme;
  bool replaced = false;  ///< Some of it came from the environment or a file, and must not be quoted.
};

/// `base`: the preset's scheme, nullptr without a preset. A `kind` other than the preset's starts from nothing.
/// nullopt: a problem was noted.
[[nodiscard]] std::optional<ReadScheme> read_scheme(const Context& context, const YamlNode& node,
                                                    const std::string& path, const verify::Scheme* base);

}  // namespace penstock::config
