#include "version.hpp"

#include <penstock/version.hpp>

namespace penstock::command {

std::string_view version() noexcept { return PENSTOCK_VERSION; }

std::string_view revision() noexcept { return PENSTOCK_TOOL_REVISION; }

Exit run_version(const VersionOptions& options, const Output& output) {
  if (options.common.json) {
    output.out << R"({"version":)" << json_string(version()) << R"(,"revision":)" << json_string(revision()) << "}\n";
  } else {
    output.out << "penstock " << version() << " (" << revision() << ")\n";
  }
  return Exit::done;
}

}  // namespace penstock::command
