#include "serving/reloader.hpp"

#include <chrono>
#include <exception>
#include <string>
#include <utility>

namespace penstock::serving {

namespace {

constexpr const char* kNotReloaded = "not reloaded: the old configuration stays as it was";

}  // namespace

Reloader::Reloader(Load load, Daemon& daemon, Log& log) : load_{std::move(load)}, daemon_{daemon}, log_{log} {}

void Reloader::reload() noexcept {
  try {
    switch_to(load_());
  } catch (const std::exception& error) {
    refuse(error.what());
  } catch (...) {
    refuse("an unknown failure");
  }
}

void Reloader::switch_to(config::Loaded loaded) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  if (!loaded.config) return refuse(loaded.problems);
  const std::size_t sources = loaded.config->sources.size();
  const config::Log settings = loaded.config->log;
  if (!daemon_.switch_to(std::move(*loaded.config), loaded.problems)) return refuse(loaded.problems);
  log_.use(settings);
  for (const config::Problem& problem : loaded.problems.list()) log_.warn(loaded.problems.line(problem));
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin).count();
  log_.info("reloaded",
            {{"file", loaded.problems.file()}, {"sources", std::to_string(sources)}, {"took_ms", std::to_string(ms)}});
}

void Reloader::refuse(const config::Problems& problems) {
  daemon_.note_failed_reload();
  for (const config::Problem& problem : problems.list()) {
    if (problem.severity == config::Severity::error) log_.error(problems.line(problem));
  }
  log_.error(kNotReloaded, {{"file", problems.file()}});
}

void Reloader::refuse(const char* why) noexcept {
  daemon_.note_failed_reload();
  try {
    log_.error(kNotReloaded, {{"err", why}});
  } catch (...) {
    return;  // No memory to tell it: the metric does.
  }
}

}  // namespace penstock::serving
