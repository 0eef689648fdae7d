// Every key of the configuration file, section by section: what can be written, and what is known but not built yet.
//
//     keys(Section::limits)   // payload, memory, …
//
// One table for the reader, its hints and the JSON Schema's test. Threads: constant data.

#pragma once

#include <span>
#include <string_view>

namespace penstock::config {

struct Key {
  std::string_view name;
  bool built = true;   ///< False: refused as "not built yet", by name.
  bool scalar = true;  ///< Holds one value, so that a PENSTOCK_* variable can give it.
};

enum class Section : unsigned char {
  file,
  admin,
  tokens,
  journal,
  retain,
  limits,
  log,
  source,
  verify,
  dedup,
  source_limits
};

[[nodiscard]] std::span<const Key> keys(Section section) noexcept;

/// Names that the documentation promises and a later version brings.
[[nodiscard]] std::span<const std::string_view> presets_not_built() noexcept;
[[nodiscard]] std::span<const std::string_view> kinds_not_built() noexcept;

}  // namespace penstock::config
