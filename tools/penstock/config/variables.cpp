#include "config/variables.hpp"

#include "config/keys.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

extern "C" char** environ;  // POSIX.1-2017, 8.1: the program declares it itself.

namespace penstock::config {
namespace {

std::vector<std::string> all_scalar_paths() {
  constexpr std::array<std::pair<Section, std::string_view>, 5> sections{{{Section::file, ""},
                                                                          {Section::admin, "admin."},
                                                                          {Section::tokens, "admin.tokens."},
                                                                          {Section::limits, "limits."},
                                                                          {Section::log, "log."}}};
  std::vector<std::string> paths;
  for (const auto& [section, prefix] : sections) {
    for (const Key& key : keys(section)) {
      if (key.built && key.scalar) paths.push_back(std::string{prefix} + std::string{key.name});
    }
  }
  return paths;
}

}  // namespace

std::string variable_name(std::string_view path) {
  std::string name{kVariablePrefix};
  for (const char c : path) {
    const bool separator = c == '.' || c == '-';
    name += separator ? '_' : (c >= 'a' && c <= 'z') ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return name;
}

const std::vector<std::string>& scalar_paths() {
  static const std::vector<std::string> paths = all_scalar_paths();
  return paths;
}

std::vector<Override> overrides_of(const Environment& environment) {
  std::vector<Override> overrides;
  for (const std::string& path : scalar_paths()) {
    std::string variable = variable_name(path);
    std::optional<std::string> value = environment(variable);
    if (value && !value->empty()) overrides.push_back({path, std::move(*value), std::move(variable)});
  }
  return overrides;
}

bool is_service_link(std::string_view variable) noexcept {
  return variable == "PENSTOCK_PORT" || variable.starts_with("PENSTOCK_PORT_") ||
         variable.starts_with("PENSTOCK_SERVICE_");
}

std::vector<std::string> process_variables() {
  std::vector<std::string> names;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text{*entry};
    if (text.starts_with(kVariablePrefix)) names.emplace_back(text.substr(0, text.find('=')));
  }
  std::sort(names.begin(), names.end());
  return names;
}

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): nothing here ever sets one.
    if (value == nullptr) return std::nullopt;
    return std::string{value};
  };
}

}  // namespace penstock::config
