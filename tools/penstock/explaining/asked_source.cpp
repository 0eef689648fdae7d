#include "explaining/asked_source.hpp"

#include "config/keys.hpp"
#include "config/load.hpp"
#include "config/suggestion.hpp"
#include "explaining/request.hpp"
#include "webhook_in/source_name.hpp"
#include "wrong_use.hpp"

#include <algorithm>
#include <utility>

namespace penstock::explaining {
namespace {

using command::BadConfiguration;
using command::WrongUse;

config::Config accepted(config::Loaded loaded, const command::Output& output) {
  if (loaded.config) return std::move(*loaded.config);
  command::print_problems(loaded.problems, true, output.err);
  throw BadConfiguration{};
}

/// Throws WrongUse for one that is not here.
const verify::Preset& preset_named(const std::string& name) {
  if (const verify::Preset* preset = verify::preset(name)) return *preset;
  const auto later = config::presets_not_built();
  if (std::find(later.begin(), later.end(), name) != later.end()) {
    throw WrongUse{"--preset: preset " + config::shown(name) + " is not built yet"};
  }
  std::vector<std::string_view> names;
  for (const verify::Preset& preset : verify::presets()) names.push_back(preset.name);
  throw WrongUse{"--preset: unknown preset " + config::shown(name) + config::suggestion(name, names)};
}

/// The sender's own path says nothing about this ingress: only /hooks/NAME does.
void take_target(const std::string& given, const std::string& preset, AskedSource& asked) {
  const std::string_view named = source_in(given);
  const bool of_hooks = webhook_in::valid_source_name(named);
  asked.source.name = of_hooks ? std::string{named} : preset;
  asked.target = given;
  if (of_hooks || given.rfind('/', 0) != 0) return;
  asked.target = "/hooks/" + preset + given.substr(std::min(given.find('?'), given.size()));
  asked.notes.push_back("the target is not of the form /hooks/NAME: taken as " + std::string{"/hooks/"} + preset);
}

AskedSource with_preset(const command::ExplainOptions& options, const std::string* user,
                        const config::Environment& environment, const command::Output& output) {
  config::QuickSource quick{.preset = options.preset, .secret_variables = options.secret_variables};
  if (user != nullptr) quick.user = *user;
  AskedSource asked{
      .config =
          accepted(config::load_quick(quick, {environment, options.common.overrides, {}}, "penstock explain"), output)};
  asked.source = std::move(asked.config.sources.front());
  if (!options.target.empty()) take_target(options.target, options.preset, asked);
  return asked;
}

std::vector<AskedSource> with_preset(const command::ExplainOptions& options, const config::Environment& environment,
                                     const command::Output& output) {
  const bool basic = preset_named(options.preset).scheme.kind == verify::Kind::basic;
  if (options.secret_variables.empty()) {
    throw WrongUse{"--preset " + options.preset + " needs its secret: --secret-env NAME, the variable that holds it"};
  }
  if (basic && options.users.empty()) {
    throw WrongUse{"--preset " + options.preset + " needs its user: --user NAME, or --user '' for none"};
  }
  std::vector<AskedSource> asked;
  if (!basic) {
    asked.push_back(with_preset(options, nullptr, environment, output));
    if (!options.users.empty()) asked.back().notes.emplace_back("--user is not used by this scheme");
  }
  for (const std::string& user : options.users) {
    if (basic) asked.push_back(with_preset(options, &user, environment, output));
  }
  return asked;
}

/// Which secrets to read, before the file is read: those of the only source when none is named.
std::string source_name(const command::ExplainOptions& options, const command::Output& output) {
  if (!options.source.empty()) return options.source;
  const config::Config names = accepted(config::load_file(options.common.config, {}), output);
  if (names.sources.size() == 1) return names.sources.front().name;
  throw WrongUse{"explain for which source of " + options.common.config + "? --source NAME"};
}

AskedSource of_file(const command::ExplainOptions& options, const config::Environment& environment,
                    const command::Output& output) {
  const std::string name = source_name(options, output);
  AskedSource asked{
      .config =
          accepted(config::load_file(options.common.config, {environment, options.common.overrides, name}), output)};
  const config::Source* source = asked.config.source(name);
  if (source == nullptr) throw WrongUse{command::no_such_source(asked.config, options.common.config, name)};
  asked.source = *source;
  asked.target = options.target;
  return asked;
}

void note_unused(const command::ExplainOptions& options, std::vector<std::string>& notes) {
  const auto note = [&](bool given, const char* flag) {
    if (given) notes.push_back(std::string{flag} + " is not used by this scheme");
  };
  note(!options.public_url.empty(), "--public-url");
  note(!options.public_keys.empty(), "--public-key");
  note(!options.certificates.empty(), "--certificate");
}

}  // namespace

std::vector<AskedSource> asked_sources(const command::ExplainOptions& options, const config::Environment& environment,
                                       const command::Output& output) {
  std::vector<AskedSource> asked;
  if (options.preset.empty()) {
    asked.push_back(of_file(options, environment, output));
  } else {
    asked = with_preset(options, environment, output);
  }
  note_unused(options, asked.front().notes);
  return asked;
}

}  // namespace penstock::explaining
