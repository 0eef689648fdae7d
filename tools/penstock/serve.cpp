#include "serve.hpp"

#include "config/load.hpp"
#include "config/units.hpp"
#include "http/server.hpp"
#include "serving/daemon.hpp"
#include "serving/descriptors.hpp"
#include "serving/log.hpp"
#include "serving/refusal_summary.hpp"
#include "serving/reloader.hpp"
#include "serving/signals.hpp"
#include "version.hpp"
#include <penstock/journal.hpp>

#include <chrono>
#include <csignal>
#include <optional>

namespace penstock::command {
namespace {

using Clock = std::chrono::steady_clock;

config::Loaded load(const ServeOptions& options, const config::Environment& environment) {
  const config::LoadOptions load{.environment = environment, .overrides = options.common.overrides};
  config::Loaded loaded =
      options.source ? config::load_quick(*options.source, load) : config::load_file(options.common.config, load);
  if (loaded.config && options.common.quiet) loaded.config->log.level = config::LogLevel::error;
  if (loaded.config && loaded.config->journal) loaded.config->journal->skip_damaged = options.skip_damaged;
  if (loaded.config && options.common.verbose) loaded.config->log.level = config::LogLevel::debug;
  return loaded;
}

void tell_problems(const config::Problems& problems, const serving::Log& log) {
  for (const config::Problem& problem : problems.list()) log.warn(problems.line(problem));
}

void tell_ready(const serving::Daemon& daemon, Clock::duration took, std::size_t sources, const serving::Log& log) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
  const BrokerStats stats = daemon.stats();
  log.info("ready", {{"ingress", "http://" + daemon.ingress().text()},
                     {"admin", "http://" + daemon.admin().text()},
                     {"journal", daemon.journal_text()},
                     {"sources", std::to_string(sources)},
                     {"workers", std::to_string(stats.workers)},
                     {"memory", config::size_text(stats.memory_budget_bytes)},
                     {"took_ms", std::to_string(ms)},
                     {"version", std::string{version()}}});
}

/// Reloads at each SIGHUP. What asks for the end: the name of a signal, or that the journal failed.
std::string_view serve_until_signal(serving::Signals& signals, serving::Daemon& daemon, const ServeOptions& options,
                                    const config::Environment& environment, serving::Log& log) {
  serving::Reloader reloader{[&] { return load(options, environment); }, daemon, log};
  for (;;) {
    const std::string_view signal = signals.wait();
    if (signal != "SIGHUP") return signal;
    if (options.source) {
      log.warn("SIGHUP: started with --source, so there is no file to read again; nothing has changed");
    } else {
      reloader.reload();
    }
  }
}

void tell_journal(const BrokerStats& stats, const serving::Log& log) {
  if (stats.journal.skipped_damages == 0) return;
  log.warn("events of a damaged journal were passed over: penstock journal verify names them",
           {{"holes", std::to_string(stats.journal.skipped_damages)}});
}

Exit run(config::Config config, const ServeOptions& options, const config::Environment& environment, serving::Log& log,
         Clock::time_point begin) {
  serving::Signals signals{log};
  const std::size_t sources = config.sources.size();
  serving::Daemon daemon{std::move(config), log, [&](std::string_view what) {
                           log.error("the journal failed, and nothing more is taken: " + std::string{what});
                           signals.note_journal_failure();
                         }};
  daemon.start();
  tell_journal(daemon.stats(), log);
  tell_ready(daemon, Clock::now() - begin, sources, log);
  std::optional<serving::RefusalSummary> summary{std::in_place, log, [&] { return daemon.stats(); }};
  const std::string_view signal = serve_until_signal(signals, daemon, options, environment, log);
  const bool failed = signal == serving::Signals::kJournalFailed;
  // Senders are told 503 and repeat; what was stored is still delivered. Then a restart recovers from the disk.
  if (failed) static_cast<void>(signals.stop_comes_within(daemon.drain_limit()));
  log.info("draining", {{"signal", std::string{signal}}, {"limit", config::duration_text(daemon.drain_limit())}});
  const bool all = daemon.drain();
  summary.reset();
  if (all) {
    log.info("stopped: everything accepted was delivered");
  } else {
    log.warn("stopped: some of what was accepted had to be dropped; see /metrics next time");
  }
  return failed || !daemon.stats().journal.failure.empty() ? Exit::disk_failed : Exit::done;
}

}  // namespace

Exit run_serve(const ServeOptions& options, const config::Environment& environment, const Output& output) {
  const Clock::time_point begin = Clock::now();
  // Until there is something to reload a SIGHUP, such as of a service manager, must not end the process.
  static_cast<void>(std::signal(SIGHUP, SIG_IGN));
  serving::raise_descriptor_limit();
  config::Loaded loaded = load(options, environment);
  if (!loaded.config) {
    print_problems(loaded.problems, options.common.quiet, output.err);
    return Exit::bad_configuration;
  }
  serving::Log log{loaded.config->log};
  tell_problems(loaded.problems, log);
  try {
    return run(std::move(*loaded.config), options, environment, log, begin);
  } catch (const http::ListenError& error) {
    log.error(error.what());
    return Exit::failed;
  } catch (const JournalInUse& error) {
    log.error(error.what());
    return Exit::failed;
  } catch (const JournalError& error) {
    log.error(error.what());
    return Exit::disk_failed;
  } catch (const SetupError& error) {
    log.error(error.what());
    return Exit::bad_configuration;
  }
}

}  // namespace penstock::command
