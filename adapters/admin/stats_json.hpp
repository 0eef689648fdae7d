// What /v1/stats, /v1/sources and /v1/topics answer. docs/reference/admin_api.md has the shapes.
//
// Pure; allocates. O(sources + subscriptions + topics). Times are seconds, sizes bytes, as the names say.

#pragma once

#include "admin/admin.hpp"
#include <penstock/stats.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::admin {

struct StatsInput {
  BrokerStats broker;
  std::vector<ListenerStats> listeners = {};
  std::optional<ConfigurationStats> configuration = {};
  std::string_view version;
  std::string_view revision;
};

[[nodiscard]] std::string stats_json(const StatsInput& input);
/// The configured sources with their counters, then those that only the broker knows (`admin`, embedded ones).
[[nodiscard]] std::string sources_json(const BrokerStats& stats, const std::vector<SourceInfo>& configured);
[[nodiscard]] std::string topics_json(const BrokerStats& stats);

}  // namespace penstock::admin
