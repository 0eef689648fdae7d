// penstock: the command. Parses, runs one sub-command, gives its exit status.

#include "check.hpp"
#include "command_line.hpp"
#include "send.hpp"
#include "serve.hpp"
#include "tail.hpp"
#include "version.hpp"

#include <exception>
#include <iostream>
#include <string>
#include <variant>
#include <vector>

namespace {

using namespace penstock::command;  // NOLINT(google-build-using-namespace): all of this file speaks of it.

struct Run {
  const penstock::config::Environment& environment;
  Output output;

  Exit operator()(const Answered& answered) const {
    output.out << answered.out;
    output.err << answered.err;
    return answered.status;
  }
  Exit operator()(const ServeOptions& options) const { return run_serve(options, environment, output); }
  Exit operator()(const CheckOptions& options) const { return run_check(options, environment, output); }
  Exit operator()(const SendOptions& options) const { return run_send(options, environment, output); }
  Exit operator()(const TailOptions& options) const { return run_tail(options, environment, output); }
  Exit operator()(const VersionOptions& options) const { return run_version(options, output); }
};

}  // namespace

int main(int argc, char** argv) {
  try {
    const penstock::config::Environment environment = penstock::config::process_environment();
    std::vector<std::string> arguments{argv + (argc > 0 ? 1 : 0), argv + argc};
    const Exit status =
        std::visit(Run{environment, {std::cout, std::cerr}}, parse_command_line(std::move(arguments), environment));
    std::cout.flush();
    if (!std::cout && status == kDone) return kFailed;  // A full disk behind stdout is not success.
    return status;
  } catch (const std::exception& error) {
    std::cerr << "penstock: " << error.what() << '\n';
    return kFailed;
  }
}
