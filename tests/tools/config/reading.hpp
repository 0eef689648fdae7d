// A configuration read from text, for tests: what it says, and what is wrong with it.
//
//     Read read = read_config("listen: 8080\n", {{"SECRET", "x"}});
//     EXPECT_THAT(read.lines, ElementsAre("penstock.yaml:1:9: listen: ..."));

#pragma once

#include "config/load.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::config {

using Variables = std::map<std::string, std::string>;

inline Environment environment_of(Variables variables) {
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

struct Read {
  std::optional<Config> config;
  std::vector<std::string> lines;  ///< As they are printed.
};

inline Read read_config(std::string_view text, const LoadOptions& options) {
  Loaded loaded = load_text(text, "penstock.yaml", options);
  Read read{.config = std::move(loaded.config), .lines = {}};
  for (const Problem& problem : loaded.problems.list()) read.lines.push_back(loaded.problems.line(problem));
  return read;
}

inline Read read_config(std::string_view text, Variables variables = {}) {
  return read_config(text, LoadOptions{environment_of(std::move(variables)), {}, {}});
}

/// The lines of a file that has one github source, and `more` in front of it. `more` ends its lines.
inline Read read_with_source(const std::string& more) {
  return read_config(more + "journal: off\nsources: { github: { preset: github, secrets: [ \"${env:S}\" ] } }\n",
                     Variables{{"S", "hush"}});
}

}  // namespace penstock::config
