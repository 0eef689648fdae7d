// Signals of the daemon: the first SIGTERM or SIGINT asks for a drain, a second one ends the process at once.
//
//     Signals signals{log};
//     signals.wait();       // until the first
//     drain();              // a second one meanwhile: exit 143 or 130
//
// SIGHUP is told and ignored: reloading is not built yet. SIGPIPE is ignored: a closed pipe is an error of a write.
// Threads: one of its own. One object a process.

#pragma once

#include "serving/log.hpp"

#include <memory>
#include <string_view>

namespace penstock::serving {

class Signals {
 public:
  explicit Signals(const Log& log);
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// Blocks until the first SIGTERM or SIGINT; its name.
  [[nodiscard]] std::string_view wait();

 private:
  struct Impl;  // Asio is heavy to include.
  std::unique_ptr<Impl> impl_;
};

}  // namespace penstock::serving
