// From a file, the environment and flags to a Config, or to all that is wrong.
//
//     Loaded loaded = load_file("penstock.yaml", {.environment = process_environment()});
//     if (!loaded.config) { for (p : loaded.problems.list()) std::cerr << loaded.problems.line(p) << '\n'; return 78; }
//
// Threads: one. Reads files: blocks. Errors: none are thrown; all are problems.

#pragma once

#include "config/config.hpp"
#include "config/problem.hpp"
#include "config/variables.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::config {

struct LoadOptions {
  Environment environment = {};  ///< Empty: --no-environment, nothing outside the file is read.
  Overrides overrides = {};
  /// Not empty: secrets are read for this source alone (penstock send needs no other).
  std::string only_source = {};
};

struct Loaded {
  std::optional<Config> config;  ///< Empty: problems holds an error.
  Problems problems;
};

[[nodiscard]] Loaded load_file(const std::string& path, const LoadOptions& options);

/// The same for text that is at hand; `name` is what messages call it.
[[nodiscard]] Loaded load_text(std::string_view text, const std::string& name, const LoadOptions& options);

/// `serve --source NAME --secret-env VARIABLE…`: a file with that one source, preset NAME, and nothing else.
struct QuickSource {
  std::string preset = {};
  std::vector<std::string> secret_variables = {};
  std::optional<std::string> user = {};  ///< Of basic authentication.
};
/// `name`: what messages call it.
[[nodiscard]] Loaded load_quick(const QuickSource& quick, const LoadOptions& options,
                                const std::string& name = "penstock serve");

}  // namespace penstock::config
