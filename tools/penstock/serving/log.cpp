#include "serving/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace penstock::serving {
namespace {

using config::LogLevel;

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return spdlog::level::debug;
    case LogLevel::info: return spdlog::level::info;
    case LogLevel::warn: return spdlog::level::warn;
    case LogLevel::error: return spdlog::level::err;
  }
  return spdlog::level::info;
}

}  // namespace

Log::Log(const config::Log& settings)
    : format_{settings.format},
      logger_{std::make_unique<spdlog::logger>("penstock", std::make_shared<spdlog::sinks::stderr_sink_mt>())} {
  logger_->set_pattern("%v");  // The whole line is ours: spdlog escapes nothing.
  logger_->set_level(level_of(settings.level));
  logger_->set_error_handler(
      [](const std::string&) {});  // A closed stderr is no reason to stop, nor a place to tell it.
}

Log::~Log() = default;

void Log::use(const config::Log& settings) {
  format_ = settings.format;
  logger_->set_level(level_of(settings.level));
}

void Log::write(LogLevel level, std::string_view message, std::initializer_list<Fact> facts) const {
  if (!logger_->should_log(level_of(level))) return;
  const std::string line = log_line(format_, std::chrono::system_clock::now(), level, message, facts);
  logger_->log(level_of(level), spdlog::string_view_t{line.data(), line.size()});
}

void Log::debug(std::string_view message, std::initializer_list<Fact> facts) const {
  write(LogLevel::debug, message, facts);
}
void Log::info(std::string_view message, std::initializer_list<Fact> facts) const {
  write(LogLevel::info, message, facts);
}
void Log::warn(std::string_view message, std::initializer_list<Fact> facts) const {
  write(LogLevel::warn, message, facts);
}
void Log::error(std::string_view message, std::initializer_list<Fact> facts) const {
  write(LogLevel::error, message, facts);
}

}  // namespace penstock::serving
