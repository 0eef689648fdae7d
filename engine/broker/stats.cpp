#include "broker/broker_core.hpp"
#include "broker/publisher_core.hpp"
#include "os/clock.hpp"
#include <penstock/stats.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace penstock {

std::uint64_t HistogramStats::count() const noexcept {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

double HistogramStats::percentile(double p) const noexcept {
  const std::uint64_t all = count();
  if (all == 0 || upper_seconds.empty()) return 0;
  const auto wanted = static_cast<std::uint64_t>(std::ceil(p * static_cast<double>(all)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < upper_seconds.size(); ++i) {
    seen += counts[i];
    if (seen >= wanted && seen != 0) return upper_seconds[i];
  }
  return upper_seconds.back();  // It lies beyond all bounds.
}

BrokerStats BrokerCore::stats() {
  BrokerStats stats;
  const std::lock_guard lock{mutex_};
  fold_ended();
  add_source_stats(stats);
  add_topic_stats(stats);
  for (const std::shared_ptr<delivery::Live>& live : tables_.lives()) {
    stats.subscriptions.push_back(live->stats());
  }
  for (const std::shared_ptr<delivery::Live>& live : ended_) stats.subscriptions.push_back(live->stats());
  stats.subscriptions.insert(stats.subscriptions.end(), past_subscriptions_.begin(), past_subscriptions_.end());
  for (SubscriptionStats& subscription : stats.subscriptions) {
    if (!subscription.name.empty()) continue;
    subscription.name = "handler";
  }
  past_receipts_.add_to(stats.receipt);
  for (const PublisherCore* publisher : publishers_) publisher->receipts().add_to(stats.receipt);
  if (durability_) durability_->add_to(stats);
  workers_.add_to(stats.dispatch);
  stats.dedup_known_seconds = seen_.known_seconds(os::wall_ns());
  stats.memory_used_bytes = memory_->used();
  stats.memory_budget_bytes = memory_->budget();
  stats.publishers = publishers_.size();
  stats.shards = workers_.lanes();
  stats.workers = workers_.workers();
  stats.handler_threads = pool_.threads();
  return stats;
}

void BrokerCore::add_source_stats(BrokerStats& stats) {
  for (const auto& source : sources_.all()) {
    SourceStats row{.name = std::string(source->name)};
    if (source->topic != nullptr) row.topic = source->topic->name;
    past_.of(*source).add_to(row);
    for (PublisherCore* publisher : publishers_) {
      if (const SourceTally* tally = publisher->tallies().find(*source)) tally->add_to(row);
    }
    if (durability_) {
      if (const SourceTally* tally = durability_->receipts().tallies().find(*source)) tally->add_to(row);
    }
    row.unmatched = source->unmatched.load(std::memory_order_relaxed);
    if (source->topic == nullptr && row.received == 0) continue;  // `other`, if nobody published so.
    stats.sources.push_back(std::move(row));
  }
  std::sort(stats.sources.begin(), stats.sources.end(),
            [](const SourceStats& a, const SourceStats& b) { return a.name < b.name; });
}

void BrokerCore::add_topic_stats(BrokerStats& stats) {
  const std::vector<std::shared_ptr<delivery::Live>> lives = tables_.lives();
  for (const topic::TopicEntry* entry : topics_.all()) {
    TopicStats row{.name = std::string(entry->name)};
    if (const routing::Router* router = entry->router.load(std::memory_order_acquire)) row.route = router->text();
    row.subscriptions = static_cast<std::uint64_t>(std::count_if(
        lives.begin(), lives.end(), [entry](const auto& live) { return live->wants(entry->name, entry->name); }));
    stats.topics.push_back(std::move(row));
  }
}

}  // namespace penstock
