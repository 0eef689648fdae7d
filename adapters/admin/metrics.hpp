// Counters as Prometheus text (exposition format 0.0.4), for GET /metrics.
//
//     const std::string text = metrics_text({.broker = broker.stats(), .version = "0.1.0", .revision = "1a2b3c"});
//
// Rules: a HELP and a TYPE line for each family; base units; at most kLabelValuesMax label values a family, what is
// beyond them summed under `other`; topics that came over the wire are never labels. Subscriptions of one name are one.
// Threads: pure function. Allocates the text. O(series).

#pragma once

#include "admin/admin.hpp"
#include "admin/process.hpp"
#include <penstock/stats.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::admin {

inline constexpr std::size_t kLabelValuesMax = 200;

struct MetricsInput {
  BrokerStats broker;
  std::vector<SourceInfo> sources = {};
  std::vector<ListenerStats> listeners;
  ProcessStats process;
  std::optional<ConfigurationStats> configuration = {};
  std::string_view version;
  std::string_view revision;
};

[[nodiscard]] std::string metrics_text(const MetricsInput& input);

}  // namespace penstock::admin
