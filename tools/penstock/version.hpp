// `penstock version`: what this is, and from which source.

#pragma once

#include "options.hpp"
#include "output.hpp"

#include <string_view>

namespace penstock::command {

[[nodiscard]] std::string_view version() noexcept;   ///< "0.1.0"
[[nodiscard]] std::string_view revision() noexcept;  ///< Of git, when this was configured; else "unknown".

[[nodiscard]] Exit run_version(const VersionOptions& options, const Output& output);

}  // namespace penstock::command
