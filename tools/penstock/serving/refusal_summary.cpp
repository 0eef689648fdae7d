#include "serving/refusal_summary.hpp"

#include <penstock/publisher.hpp>

#include <chrono>

namespace penstock::serving {

RefusalCounts::Line RefusalCounts::since_last(const BrokerStats& stats) {
  Line line;
  std::uint64_t most = 0;
  for (const SourceStats& source : stats.sources) {
    for (std::size_t reason = 0; reason < source.refused.size(); ++reason) {
      if (source.refused[reason] == 0) continue;
      std::uint64_t& last = last_[{source.name, reason}];
      const std::uint64_t fresh = source.refused[reason] - last;
      last = source.refused[reason];
      line.total += fresh;
      if (fresh <= most) continue;
      most = fresh;
      line.source = source.name;
      line.reason = to_string(static_cast<Refusal>(reason));
    }
  }
  line.others = line.total - most;
  return line;
}

RefusalSummary::RefusalSummary(const Log& log, std::function<BrokerStats()> stats)
    : log_{log}, stats_{std::move(stats)}, thread_{[this] { run(); }} {}

RefusalSummary::~RefusalSummary() {
  {
    const std::lock_guard lock{mutex_};
    stop_ = true;
  }
  stopped_.notify_one();
  thread_.join();
}

void RefusalSummary::run() {
  std::unique_lock lock{mutex_};
  while (!stopped_.wait_for(lock, std::chrono::seconds{1}, [this] { return stop_; })) tell();
  tell();
}

void RefusalSummary::tell() {
  const RefusalCounts::Line line = counts_.since_last(stats_());
  if (line.total == 0) return;
  const std::string message = "refused " + std::to_string(line.total) + " in 1 s";
  if (line.others == 0) {
    log_.warn(message, {{"reason", line.reason}, {"source", line.source}});
  } else {
    log_.warn(message, {{"reason", line.reason}, {"source", line.source}, {"others", std::to_string(line.others)}});
  }
}

}  // namespace penstock::serving
