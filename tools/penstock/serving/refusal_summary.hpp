// Refused events in the log: at most one line a second, however many there are.
//
//     RefusalSummary summary{log, [&] { return broker.stats(); }};   // until destroyed
//     // level=warn msg="refused 4211 in 1 s" reason=unauthorized source=github others=3
//
// Reads counters, so a flood of refusals costs the daemon no more than a quiet hour does. The line names the commonest
// reason of the second; the others are in /metrics. Threads: one of its own.

#pragma once

#include "serving/log.hpp"
#include <penstock/stats.hpp>

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

namespace penstock::serving {

/// The refusals between two looks at the counters. A pure part, for tests.
class RefusalCounts {
 public:
  struct Line {
    std::uint64_t total = 0;  ///< 0: nothing to tell.
    std::string source = {};  ///< Of the commonest.
    std::string reason = {};
    std::uint64_t others = 0;  ///< Refused for another reason, or of another source.
  };
  [[nodiscard]] Line since_last(const BrokerStats& stats);

 private:
  std::map<std::pair<std::string, std::size_t>, std::uint64_t> last_;
};

class RefusalSummary {
 public:
  RefusalSummary(const Log& log, std::function<BrokerStats()> stats);
  ~RefusalSummary();  ///< Tells the rest.
  RefusalSummary(const RefusalSummary&) = delete;
  RefusalSummary& operator=(const RefusalSummary&) = delete;

 private:
  void run();
  void tell();

  const Log& log_;
  std::function<BrokerStats()> stats_;
  RefusalCounts counts_;
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace penstock::serving
