#include "admin/stats_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <penstock/publisher.hpp>

#include <algorithm>
#include <cstddef>

namespace penstock::admin {

namespace json = boost::json;

namespace {

/// Null for what is not there. In parentheses: in braces Boost.JSON would make an array of it.
json::value text_or_null(const std::string& text) { return text.empty() ? json::value(nullptr) : json::value(text); }

json::array texts(const std::vector<std::string>& all) {
  json::array array;
  for (const std::string& text : all) array.emplace_back(text);
  return array;
}

void add_counters(json::object& out, const SourceStats& stats) {
  out["topic"] = stats.topic;
  out["received"] = stats.received;
  out["accepted"] = stats.accepted;
  out["duplicate"] = stats.duplicate;
  json::object refused;
  for (std::size_t i = 0; i < std::min(kRefusals, stats.refused.size()); ++i) {
    refused[to_string(static_cast<Refusal>(i))] = stats.refused[i];
  }
  out["refused"] = std::move(refused);
  out["refused_total"] = stats.refused_total();
  out["unrouted"] = stats.unrouted;
  out["unmatched"] = stats.unmatched;
  out["handshakes"] = stats.handshakes;
  out["without_delivery_id"] = stats.without_delivery_id;
}

json::object subscription(const SubscriptionStats& stats) {
  return {{"name", stats.name},
          {"patterns", texts(stats.patterns)},
          {"matched", stats.matched},
          {"ok", stats.ok},
          {"dead", stats.dead},
          {"dropped", stats.dropped},
          {"lag", stats.lag},
          {"attempts_ok", stats.attempts_ok},
          {"attempts_failed", stats.attempts_failed},
          {"oldest_unsettled_seconds", stats.oldest_unsettled_seconds}};
}

json::object percentiles(const HistogramStats& stats) {
  return {{"count", stats.count()},       {"sum", stats.sum_seconds},      {"p50", stats.percentile(0.5)},
          {"p90", stats.percentile(0.9)}, {"p99", stats.percentile(0.99)}, {"p999", stats.percentile(0.999)}};
}

json::array listeners_array(const std::vector<ListenerStats>& listeners) {
  json::array array;
  for (const ListenerStats& listener : listeners) {
    json::object codes;
    for (const auto& [status, answers] : listener.stats.answers_by_status) codes[std::to_string(status)] = answers;
    array.push_back(json::object{
        {"name", listener.name}, {"connections", listener.stats.connections}, {"answers_by_status", std::move(codes)}});
  }
  return array;
}

}  // namespace

std::string stats_json(const StatsInput& input) {
  const BrokerStats& stats = input.broker;
  json::array sources;
  for (const SourceStats& source : stats.sources) {
    json::object one{{"name", source.name}};
    add_counters(one, source);
    sources.push_back(std::move(one));
  }
  json::array subscriptions;
  for (const SubscriptionStats& one : stats.subscriptions) subscriptions.push_back(subscription(one));
  json::object all{
      {"version", input.version},
      {"revision", input.revision},
      {"sources", std::move(sources)},
      {"subscriptions", std::move(subscriptions)},
      {"latency_seconds", {{"receipt", percentiles(stats.receipt)}, {"dispatch", percentiles(stats.dispatch)}}},
      {"memory", {{"used_bytes", stats.memory_used_bytes}, {"budget_bytes", stats.memory_budget_bytes}}},
      {"publishers", stats.publishers},
      {"shards", stats.shards},
      {"workers", stats.workers},
      {"handler_threads", stats.handler_threads},
      {"listeners", listeners_array(input.listeners)}};
  if (stats.journal.on) {
    all["journal"] = {{"failure", text_or_null(stats.journal.failure)},
                      {"full", stats.journal.full},
                      {"first_offset", stats.journal.first_offset},
                      {"next_offset", stats.journal.next_offset},
                      {"bytes", stats.journal.bytes},
                      {"skipped_damages", stats.journal.skipped_damages},
                      {"sync_seconds", percentiles(stats.journal.sync)}};
  }
  if (input.configuration) {
    all["configuration"] = {{"last_reload_successful", input.configuration->last_reload_successful},
                            {"last_reload_success_timestamp_seconds", input.configuration->last_success_seconds}};
  }
  return json::serialize(all);
}

std::string sources_json(const BrokerStats& stats, const std::vector<SourceInfo>& configured) {
  json::array sources;
  const auto add = [&](const SourceStats& counters, const SourceInfo* info) {
    json::object one{{"name", counters.name}, {"configured", info != nullptr}};
    if (info != nullptr) {
      one["preset"] = text_or_null(info->preset);
      one["verify"] = info->verify;
      one["event"] = texts(info->event);
      one["dedup"] = text_or_null(info->dedup);
      one["dedup_window_seconds"] = info->dedup.empty()
                                        ? json::value(nullptr)
                                        : json::value(std::min(info->dedup_window_seconds, stats.dedup_known_seconds));
    }
    add_counters(one, counters);
    sources.push_back(std::move(one));
  };
  for (const SourceInfo& info : configured) {
    const auto same = [&](const SourceStats& source) { return source.name == info.name; };
    const auto found = std::find_if(stats.sources.begin(), stats.sources.end(), same);
    SourceStats unused;
    unused.name = info.name;
    add(found != stats.sources.end() ? *found : unused, &info);
  }
  for (const SourceStats& source : stats.sources) {
    const auto same = [&](const SourceInfo& info) { return info.name == source.name; };
    if (std::none_of(configured.begin(), configured.end(), same)) add(source, nullptr);
  }
  return json::serialize(json::object{{"sources", std::move(sources)}});
}

std::string topics_json(const BrokerStats& stats) {
  json::array topics;
  for (const TopicStats& topic : stats.topics) {
    topics.push_back(json::object{
        {"name", topic.name}, {"route", text_or_null(topic.route)}, {"subscriptions", topic.subscriptions}});
  }
  return json::serialize(json::object{{"topics", std::move(topics)}});
}

}  // namespace penstock::admin
