#include "admin/metrics.hpp"

#include "admin/exposition.hpp"
#include <penstock/publisher.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <utility>

namespace penstock::admin {

namespace {

constexpr std::string_view kOther = "other";

/// A counter or gauge that is one field of some statistics.
template <typename Stats>
struct Field {
  std::string_view name;
  std::string_view type;
  std::string_view help;
  std::uint64_t Stats::*value;
};

constexpr std::array kSourceFields{
    Field<SourceStats>{"penstock_events_received_total", "counter",
                       "Events that reached a source, whatever became of them.", &SourceStats::received},
    Field<SourceStats>{"penstock_events_accepted_total", "counter", "Events with a receipt.", &SourceStats::accepted},
    Field<SourceStats>{"penstock_events_duplicate_total", "counter",
                       "Events whose id was taken before, within the source's window.", &SourceStats::duplicate},
    Field<SourceStats>{"penstock_events_unrouted_total", "counter",
                       "Events accepted on their base topic although the topic has a route.", &SourceStats::unrouted},
    Field<SourceStats>{"penstock_events_unmatched_total", "counter", "Events accepted that nobody asked for.",
                       &SourceStats::unmatched},
    Field<SourceStats>{"penstock_events_without_delivery_id_total", "counter",
                       "Events accepted and not deduplicated, since the source's delivery id was not found in them.",
                       &SourceStats::without_delivery_id},
    Field<SourceStats>{"penstock_handshakes_total", "counter", "Senders' handshakes answered; not events.",
                       &SourceStats::handshakes},
};

constexpr std::array kSubscriptionFields{
    Field<SubscriptionStats>{"penstock_events_matched_total", "counter",
                             "Events owed to a subscription; live ones without a name are `stream` and `handler`.",
                             &SubscriptionStats::matched},
    Field<SubscriptionStats>{"penstock_subscription_lag_events", "gauge", "Events matched and not settled yet.",
                             &SubscriptionStats::lag},
};

void add(SourceStats& sum, const SourceStats& one) {
  for (const auto& field : kSourceFields) sum.*field.value += one.*field.value;
  sum.refused.resize(std::max(sum.refused.size(), one.refused.size()));
  for (std::size_t i = 0; i < one.refused.size(); ++i) sum.refused[i] += one.refused[i];
}

void add(SubscriptionStats& sum, const SubscriptionStats& one) {
  sum.matched += one.matched;
  sum.ok += one.ok;
  sum.dead += one.dead;
  sum.dropped += one.dropped;
  sum.lag += one.lag;
  sum.attempts_ok += one.attempts_ok;
  sum.attempts_failed += one.attempts_failed;
  sum.oldest_unsettled_seconds = std::max(sum.oldest_unsettled_seconds, one.oldest_unsettled_seconds);
}

struct DedupWindow {
  std::string name;
  double seconds = std::numeric_limits<double>::infinity();
};

void add(DedupWindow& sum, const DedupWindow& one) { sum.seconds = std::min(sum.seconds, one.seconds); }

/// One entry a name, sorted; beyond kLabelValuesMax names the rest in one entry, kOther.
template <typename Stats>
std::vector<Stats> by_name(const std::vector<Stats>& all) {
  std::map<std::string_view, Stats> sums;
  for (const Stats& one : all) {
    // kOther has its place from the start: a scrape must not move a name that was shown before.
    const std::size_t named = sums.size() - sums.count(kOther);
    const bool fits = named < kLabelValuesMax - 1 || one.name == kOther || sums.count(one.name) > 0;
    Stats& sum = sums[fits ? std::string_view{one.name} : kOther];
    sum.name = fits ? one.name : std::string{kOther};
    add(sum, one);
  }
  std::vector<Stats> folded;
  folded.reserve(sums.size());
  std::transform(sums.begin(), sums.end(), std::back_inserter(folded),
                 [](auto& entry) { return std::move(entry.second); });
  return folded;
}

void write_sources(Exposition& text, const std::vector<SourceStats>& sources) {
  for (const auto& field : kSourceFields) {
    text.family(field.name, field.type, field.help);
    for (const SourceStats& source : sources) text.sample(field.name, {{"source", source.name}}, source.*field.value);
  }
  constexpr std::string_view refused = "penstock_events_refused_total";
  text.family(refused, "counter", "Events turned away, by reason.");
  for (const SourceStats& source : sources) {
    for (std::size_t i = 0; i < std::min(kRefusals, source.refused.size()); ++i) {
      const std::string_view reason = to_string(static_cast<Refusal>(i));
      text.sample(refused, {{"source", source.name}, {"reason", reason}}, source.refused[i]);
    }
  }
}

void write_dedup_windows(Exposition& text, const std::vector<SourceInfo>& configured, double known_seconds) {
  constexpr std::string_view name = "penstock_dedup_window_seconds";
  text.family(name, "gauge", "For how long back delivery ids are known; less than configured when they are too many.");
  std::vector<DedupWindow> windows;
  for (const SourceInfo& source : configured) {
    if (source.dedup.empty()) continue;
    windows.push_back({source.name, std::min(source.dedup_window_seconds, known_seconds)});
  }
  for (const DedupWindow& one : by_name(windows)) text.sample(name, {{"source", one.name}}, one.seconds);
}

/// A family of subscriptions with a second label: one field for each of its values.
struct Outcome {
  std::string_view name;
  std::uint64_t SubscriptionStats::*value;
};

void write_outcomes(Exposition& text, std::string_view name, std::string_view help,
                    const std::vector<SubscriptionStats>& subscriptions, std::initializer_list<Outcome> outcomes) {
  text.family(name, "counter", help);
  for (const SubscriptionStats& one : subscriptions) {
    for (const Outcome& outcome : outcomes) {
      text.sample(name, {{"subscription", one.name}, {"outcome", outcome.name}}, one.*outcome.value);
    }
  }
}

void write_subscriptions(Exposition& text, const std::vector<SubscriptionStats>& subscriptions) {
  for (const auto& field : kSubscriptionFields) {
    text.family(field.name, field.type, field.help);
    for (const auto& one : subscriptions) text.sample(field.name, {{"subscription", one.name}}, one.*field.value);
  }
  write_outcomes(
      text, "penstock_deliveries_total", "Deliveries settled, by what became of them.", subscriptions,
      {{"ok", &SubscriptionStats::ok}, {"dead", &SubscriptionStats::dead}, {"dropped", &SubscriptionStats::dropped}});
  write_outcomes(text, "penstock_delivery_attempts_total", "Tries to deliver, repeated ones included.", subscriptions,
                 {{"ok", &SubscriptionStats::attempts_ok}, {"failed", &SubscriptionStats::attempts_failed}});
  constexpr std::string_view oldest = "penstock_subscription_oldest_unsettled_seconds";
  text.family(oldest, "gauge", "Age of the oldest event not settled yet; 0 if there is none.");
  for (const auto& one : subscriptions) {
    text.sample(oldest, {{"subscription", one.name}}, one.oldest_unsettled_seconds);
  }
}

void write_broker(Exposition& text, const BrokerStats& stats) {
  text.family("penstock_receipt_duration_seconds", "histogram", "From the head of a request to its event's receipt.");
  text.histogram("penstock_receipt_duration_seconds", {{"level", stats.journal.on ? "durable" : "memory"}},
                 stats.receipt);
  text.family("penstock_dispatch_duration_seconds", "histogram",
              "From acceptance to the hand-over, one sample a batch.");
  text.histogram("penstock_dispatch_duration_seconds", {}, stats.dispatch);
  text.family("penstock_memory_used_bytes", "gauge", "Memory taken from the budget.");
  text.sample("penstock_memory_used_bytes", {}, std::uint64_t{stats.memory_used_bytes});
  text.family("penstock_memory_budget_bytes", "gauge", "The most that may be taken.");
  text.sample("penstock_memory_budget_bytes", {}, std::uint64_t{stats.memory_budget_bytes});
}

// Batches of at most 1, 2, 4 … 1,024 events, as a histogram of events.
HistogramStats batch_events(const JournalStats& journal) {
  HistogramStats histogram;
  for (std::size_t i = 0; i < kBatchSizes; ++i) {
    histogram.upper_seconds.push_back(static_cast<double>(std::uint64_t{1} << i));
    histogram.counts.push_back(journal.batch_sizes[i]);
  }
  histogram.counts.push_back(0);
  histogram.sum_seconds = static_cast<double>(journal.batch_events);
  return histogram;
}

void write_journal(Exposition& text, const JournalStats& journal) {
  if (!journal.on) return;
  const auto gauge = [&text](std::string_view name, std::string_view help, std::uint64_t value) {
    text.family(name, "gauge", help);
    text.sample(name, {}, value);
  };
  gauge("penstock_journal_bytes", "Bytes of all segments.", journal.bytes);
  gauge("penstock_journal_first_offset", "Offset of the oldest event that is kept.", journal.first_offset);
  gauge("penstock_journal_next_offset", "One past the last event on the disk.", journal.next_offset);
  gauge("penstock_journal_failed", "1 after a write or a sync failed: nothing is taken until a restart.",
        journal.failure.empty() ? 0 : 1);
  gauge("penstock_journal_skipped_damages", "Holes of a damaged journal that --skip-damaged passed over.",
        journal.skipped_damages);
  text.family("penstock_journal_sync_duration_seconds", "histogram", "How long each sync took.");
  text.histogram("penstock_journal_sync_duration_seconds", {}, journal.sync);
  text.family("penstock_journal_batch_events", "histogram", "Events that one sync made durable.");
  text.histogram("penstock_journal_batch_events", {}, batch_events(journal));
}

void write_listeners(Exposition& text, const std::vector<ListenerStats>& listeners) {
  text.family("penstock_http_connections", "gauge", "Open connections.");
  for (const ListenerStats& listener : listeners) {
    text.sample("penstock_http_connections", {{"listener", listener.name}}, std::uint64_t{listener.stats.connections});
  }
  text.family("penstock_http_requests_total", "counter", "Requests answered, by status code.");
  for (const ListenerStats& listener : listeners) {
    for (const auto& [status, answers] : listener.stats.answers_by_status) {
      const std::string code = std::to_string(status);
      text.sample("penstock_http_requests_total", {{"listener", listener.name}, {"code", code}}, answers);
    }
  }
}

// Prometheus names those of its own configuration so.
void write_configuration(Exposition& text, const ConfigurationStats& stats) {
  constexpr std::string_view successful = "penstock_config_last_reload_successful";
  text.family(successful, "gauge", "1 if the last reading of the configuration was good, 0 if the old one stayed.");
  text.sample(successful, {}, std::uint64_t{stats.last_reload_successful ? 1U : 0U});
  constexpr std::string_view when = "penstock_config_last_reload_success_timestamp_seconds";
  text.family(when, "gauge", "When a configuration was last read and used, Unix time.");
  text.sample(when, {}, stats.last_success_seconds);
}

template <typename Number>
void write_if_known(Exposition& text, std::string_view name, std::string_view type, std::string_view help,
                    const std::optional<Number>& value) {
  if (!value) return;
  text.family(name, type, help);
  text.sample(name, {}, *value);
}

void write_process(Exposition& text, const ProcessStats& process) {
  write_if_known(text, "process_cpu_seconds_total", "counter", "CPU time used, user and system.", process.cpu_seconds);
  write_if_known(text, "process_start_time_seconds", "gauge", "Start of the process, Unix time.",
                 process.start_time_seconds);
  write_if_known(text, "process_resident_memory_bytes", "gauge", "Memory in RAM.", process.resident_bytes);
  write_if_known(text, "process_virtual_memory_bytes", "gauge", "Address space in use.", process.virtual_bytes);
  write_if_known(text, "process_open_fds", "gauge", "Open file descriptors.", process.open_fds);
  write_if_known(text, "process_max_fds", "gauge", "The most file descriptors that may be open.", process.fds_max);
}

}  // namespace

std::string metrics_text(const MetricsInput& input) {
  Exposition text;
  write_sources(text, by_name(input.broker.sources));
  write_dedup_windows(text, input.sources, input.broker.dedup_known_seconds);
  write_subscriptions(text, by_name(input.broker.subscriptions));
  write_broker(text, input.broker);
  write_journal(text, input.broker.journal);
  write_listeners(text, input.listeners);
  if (input.configuration) write_configuration(text, *input.configuration);
  text.family("penstock_build_info", "gauge", "What is running.");
  text.sample("penstock_build_info", {{"version", input.version}, {"revision", input.revision}}, std::uint64_t{1});
  write_process(text, input.process);
  return text.take();
}

}  // namespace penstock::admin
