// What stands above the file: flags, and the PENSTOCK_* variables of the environment.
//
//     variable_name("limits.head_time")     // "PENSTOCK_LIMITS_HEAD_TIME": upper case, '_' for '.' and '-'
//     Overrides above = overrides_of(environment);
//
// Every key of the file that holds one value has its variable; those of a source have none, since names of sources are
// the user's own. An empty variable counts as unset. Threads: one.

#pragma once

#include "config/substitution.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace penstock::config {

/// A value that stands above the file: of a flag or a PENSTOCK_* variable.
struct Override {
  std::string path;  ///< "listen", "admin.listen", "log.level" …
  std::string value;
  std::string origin;  ///< What messages call it: "--listen", "PENSTOCK_LISTEN".
};

struct Overrides {
  std::vector<Override> values = {};
  /// PENSTOCK_* variables that are set and mean nothing: each a warning, unless the file itself reads it by ${env:…}.
  std::vector<std::string> unknown_variables = {};
};

inline constexpr std::string_view kVariablePrefix = "PENSTOCK_";

[[nodiscard]] std::string variable_name(std::string_view path);

/// Every key of the file that holds one value: "listen", "limits.memory", "admin.tokens.read" …
[[nodiscard]] const std::vector<std::string>& scalar_paths();

/// The values of the variables of all scalar_paths() that are set.
[[nodiscard]] std::vector<Override> overrides_of(const Environment& environment);

/// Whether nobody meant this program with a variable of that name: Kubernetes sets PENSTOCK_SERVICE_HOST,
/// PENSTOCK_PORT_8080_TCP and the like in every pod when a service is called penstock.
[[nodiscard]] bool is_service_link(std::string_view variable) noexcept;

/// Names of the process's variables that begin with PENSTOCK_, for main and one thread.
[[nodiscard]] std::vector<std::string> process_variables();

/// getenv, for main and one thread.
[[nodiscard]] Environment process_environment();

}  // namespace penstock::config
