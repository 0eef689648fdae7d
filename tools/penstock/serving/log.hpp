// The daemon's log, on stderr.
//
//     Log log{{.format = LogFormat::logfmt, .level = LogLevel::info}};
//     log.info("ready", {{"ingress", "127.0.0.1:8080"}});
//     log.use({.format = LogFormat::json, .level = LogLevel::debug});      // while others write
//
// Threads: any; a line is written whole. Blocks as stderr does: nothing on the hot path may call it.

#pragma once

#include "config/config.hpp"
#include "serving/log_line.hpp"

#include <atomic>
#include <initializer_list>
#include <memory>
#include <string_view>

namespace spdlog {
class logger;
}

namespace penstock::serving {

class Log {
 public:
  explicit Log(const config::Log& settings);
  ~Log();
  /// Another level and form from the next line on.
  void use(const config::Log& settings);
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void debug(std::string_view message, std::initializer_list<Fact> facts = {}) const;
  void info(std::string_view message, std::initializer_list<Fact> facts = {}) const;
  void warn(std::string_view message, std::initializer_list<Fact> facts = {}) const;
  void error(std::string_view message, std::initializer_list<Fact> facts = {}) const;

 private:
  void write(config::LogLevel level, std::string_view message, std::initializer_list<Fact> facts) const;

  std::atomic<config::LogFormat> format_;
  std::unique_ptr<spdlog::logger> logger_;
};

}  // namespace penstock::serving
