// Reads the configuration again and has the daemon switch to it, or tells why the old one stays.
//
//     Reloader reloader{[&] { return load(options, environment); }, daemon, log};
//     reloader.reload();                            // on SIGHUP
//
// All or nothing: a file that is bad, or that changes what a running process cannot change, changes nothing; each
// reason is an error in the log, as file:line:column where there is a place. What is new is in use when reload()
// returns. Threads: the one that made the daemon. Reads files: blocks. Never throws.

#pragma once

#include "config/load.hpp"
#include "serving/daemon.hpp"
#include "serving/log.hpp"

#include <functional>

namespace penstock::serving {

class Reloader {
 public:
  using Load = std::function<config::Loaded()>;

  Reloader(Load load, Daemon& daemon, Log& log);

  void reload() noexcept;

 private:
  void switch_to(config::Loaded loaded);
  void refuse(const config::Problems& problems);
  void refuse(const char* why) noexcept;

  Load load_;
  Daemon& daemon_;
  Log& log_;
};

}  // namespace penstock::serving
