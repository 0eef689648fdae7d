// Signals of the daemon: SIGHUP asks for a reload, the first SIGTERM or SIGINT for a drain; a second one ends the
// process at once.
//
//     Signals signals{log};
//     while (signals.wait() == "SIGHUP") reload();     // or kJournalFailed, once it was noted
//     drain();              // a second SIGTERM or SIGINT meanwhile: exit 143 or 130
//
// However many SIGHUPs come during a reload, one more follows; in a drain they are told and ignored. SIGPIPE is
// ignored: a closed pipe is an error of a write. Threads: one of its own. One object a process.

#pragma once

#include "serving/log.hpp"

#include <chrono>
#include <memory>
#include <string_view>

namespace penstock::serving {

class Signals {
 public:
  explicit Signals(const Log& log);
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// Blocks until a SIGHUP that nobody was told of, or the first SIGTERM or SIGINT, which goes before; its name. Or
  /// until note_journal_failure(), told once.
  [[nodiscard]] std::string_view wait();
  static constexpr std::string_view kJournalFailed = "journal failed";
  void note_journal_failure() noexcept;  ///< Any thread.
  /// True: SIGTERM or SIGINT came within `time`, or before.
  [[nodiscard]] bool stop_comes_within(std::chrono::milliseconds time);

 private:
  struct Impl;  // Asio is heavy to include.
  std::unique_ptr<Impl> impl_;
};

}  // namespace penstock::serving
