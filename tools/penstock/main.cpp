// penstock: the command. Parses, runs one sub-command, gives its exit status.

#include "bench.hpp"
#include "check.hpp"
#include "command_line.hpp"
#include "explain.hpp"
#include "journal.hpp"
#include "publish.hpp"
#include "send.hpp"
#include "serve.hpp"
#include "tail.hpp"
#include "version.hpp"

#include <csignal>
#include <cstdlib>
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
  Exit operator()(const ExplainOptions& options) const { return run_explain(options, environment, output); }
  Exit operator()(const PublishOptions& options) const { return run_publish(options, environment, output); }
  Exit operator()(const JournalCommandOptions& options) const { return run_journal(options, environment, output); }
  Exit operator()(const BenchOptions& options) const { return run_bench(options, output); }
  Exit operator()(const VersionOptions& options) const { return run_version(options, output); }
};

/// Ctrl-C ends every sub-command but serve, which drains, with the status that a shell would give.
void exit_on_signals() {
  for (const int number : {SIGINT, SIGTERM}) {
    const auto before = std::signal(number, [](int signal) { std::_Exit(128 + signal); });
    if (before == SIG_IGN && std::signal(number, SIG_IGN) == SIG_ERR)
      return;  // A shell started this in the background.
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const penstock::config::Environment environment = penstock::config::process_environment();
    std::vector<std::string> arguments{argv + (argc > 0 ? 1 : 0), argv + argc};
    const Asked asked = parse_command_line(std::move(arguments), environment, penstock::config::process_variables());
    if (!std::holds_alternative<ServeOptions>(asked)) exit_on_signals();
    const Exit status = std::visit(Run{environment, {std::cout, std::cerr}}, asked);
    std::cout.flush();
    if (!std::cout && status == Exit::done)
      return static_cast<int>(Exit::failed);  // A full disk behind stdout is not success.
    return static_cast<int>(status);
  } catch (const std::exception& error) {
    std::cerr << "penstock: " << error.what() << '\n';
    return static_cast<int>(Exit::failed);
  }
}
