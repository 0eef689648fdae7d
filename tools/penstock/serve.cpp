#include "serve.hpp"

#include "config/load.hpp"
#include "config/units.hpp"
#include "http/server.hpp"
#include "serving/daemon.hpp"
#include "serving/log.hpp"
#include "serving/refusal_summary.hpp"
#include "serving/signals.hpp"
#include "version.hpp"
#include <penstock/error.hpp>

#include <chrono>
#include <optional>

namespace penstock::command {
namespace {

using Clock = std::chrono::steady_clock;

config::Loaded load(const ServeOptions& options, const config::Environment& environment) {
  const config::LoadOptions load{.environment = environment, .overrides = options.common.overrides};
  return options.source ? config::load_quick(*options.source, load) : config::load_file(options.common.config, load);
}

config::Log log_settings(const Common& common, config::Log settings) {
  if (common.quiet) settings.level = config::LogLevel::error;
  if (common.verbose) settings.level = config::LogLevel::debug;
  return settings;
}

void tell_problems(const config::Problems& problems, const serving::Log& log) {
  for (const config::Problem& problem : problems.list()) log.warn(problems.line(problem));
}

void tell_ready(const serving::Daemon& daemon, Clock::duration took, std::size_t sources, const serving::Log& log) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
  const BrokerStats stats = daemon.stats();
  log.info("ready", {{"ingress", "http://" + daemon.ingress().text()},
                     {"admin", "http://" + daemon.admin().text()},
                     {"journal", "off (memory only)"},
                     {"sources", std::to_string(sources)},
                     {"workers", std::to_string(stats.workers)},
                     {"memory", config::size_text(stats.memory_budget_bytes)},
                     {"took_ms", std::to_string(ms)},
                     {"version", std::string{version()}}});
}

void run(config::Config config, const serving::Log& log, Clock::time_point begin) {
  serving::Signals signals{log};
  const std::size_t sources = config.sources.size();
  const std::string limit = config::duration_text(config.drain);
  serving::Daemon daemon{std::move(config), log};
  daemon.start();
  tell_ready(daemon, Clock::now() - begin, sources, log);
  std::optional<serving::RefusalSummary> summary{std::in_place, log, [&] { return daemon.stats(); }};
  const std::string_view signal = signals.wait();
  log.info("draining", {{"signal", std::string{signal}}, {"limit", limit}});
  const bool all = daemon.drain();
  summary.reset();
  if (all) {
    log.info("stopped: everything accepted was delivered");
  } else {
    log.warn("stopped: some of what was accepted had to be dropped; see /metrics next time");
  }
}

}  // namespace

Exit run_serve(const ServeOptions& options, const config::Environment& environment, const Output& output) {
  const Clock::time_point begin = Clock::now();
  config::Loaded loaded = load(options, environment);
  if (!loaded.config) {
    print_problems(loaded.problems, options.common.quiet, output.err);
    return Exit::bad_configuration;
  }
  const serving::Log log{log_settings(options.common, loaded.config->log)};
  tell_problems(loaded.problems, log);
  try {
    run(std::move(*loaded.config), log, begin);
    return Exit::done;
  } catch (const http::ListenError& error) {
    log.error(error.what());
    return Exit::failed;
  } catch (const SetupError& error) {
    log.error(error.what());
    return Exit::bad_configuration;
  }
}

}  // namespace penstock::command
