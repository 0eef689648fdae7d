// The keeper thread: what a journal needs done beside appends. It sets the next segment aside before it is needed and
// removes what is past retention.
//
//     Keeper keeper{journal}; keeper.start();   …   keeper.stop();
//
// Looks every kPeriod: a segment of 64 MiB takes at least as long to fill on any disk this is likely to meet, and where
// it does not, append sets the next one aside by itself.
// Threads: start and stop by one. Blocking: stop waits for the round in progress, on the disk.

#pragma once

#include "journal/journal.hpp"
#include "os/atomics.hpp"

#include <chrono>
#include <memory>
#include <thread>

namespace penstock {

class Keeper {
 public:
  static constexpr std::chrono::milliseconds kPeriod{100};

  explicit Keeper(std::shared_ptr<journal::Journal> journal) noexcept : journal_{std::move(journal)} {}
  ~Keeper() { stop(); }
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;

  void start();
  void stop() noexcept;

 private:
  void run() noexcept;

  const std::shared_ptr<journal::Journal> journal_;
  os::Mutex mutex_;
  os::Condition stop_asked_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace penstock
