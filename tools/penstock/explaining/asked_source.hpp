// Whom explain asks about: a source of the file, or one that a preset and a few variables make.
//
//     const AskedSource asked = asked_source(options, environment, output);
//
// Threads: one. Reads the file and the secrets of that one source: blocks. Errors: WrongUse; BadConfiguration.

#pragma once

#include "config/config.hpp"
#include "config/substitution.hpp"
#include "options.hpp"
#include "output.hpp"

#include <string>
#include <vector>

namespace penstock::explaining {

struct AskedSource {
  config::Config config = {};
  config::Source source = {};
  std::string target = {};              ///< Of the request, as an ingress with this source sees it.
  std::vector<std::string> notes = {};  ///< What was given and is of no use here.
};

/// One for each user that may be meant; else exactly one. With a preset the source is called as the target calls it
/// (/hooks/NAME), or like the preset, and its topic is the preset's name, as with `serve --source`.
[[nodiscard]] std::vector<AskedSource> asked_sources(const command::ExplainOptions& options,
                                                     const config::Environment& environment,
                                                     const command::Output& output);

}  // namespace penstock::explaining
