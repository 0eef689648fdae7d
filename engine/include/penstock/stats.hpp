// Every counter of a broker, by name: a snapshot.
//
//     for (const penstock::SourceStats& source : broker.stats().sources) log(source.name, source.accepted);
//
// At rest (nothing in flight) the sums are exact: per source received = accepted + duplicate + refused; per
// subscription matched = ok + dead + dropped + lag. Taken while events pass, counters of one source may be a few events
// apart.

#pragma once

#include <penstock/export.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace penstock {

struct PENSTOCK_EXPORT SourceStats {
  std::string name;
  std::string topic = {};
  std::uint64_t received = 0;
  std::uint64_t accepted = 0;
  std::uint64_t duplicate = 0;
  std::vector<std::uint64_t> refused = {};  ///< Indexed by Refusal (publisher.hpp).
  std::uint64_t unrouted = 0;               ///< Accepted on the base topic although a route is set.
  std::uint64_t unmatched = 0;              ///< Accepted, and nobody asked for it.
  std::uint64_t handshakes = 0;             ///< Not events: not in `received`.
  /// Accepted although no delivery id was found where one was looked for: these were not deduplicated. Worth a counter,
  /// since a proxy that drops the header switches deduplication off without any other sign.
  std::uint64_t without_delivery_id = 0;
  [[nodiscard]] std::uint64_t refused_total() const noexcept;
};

struct SubscriptionStats {
  std::string name;
  std::vector<std::string> patterns = {};
  std::uint64_t matched = 0;
  std::uint64_t ok = 0;
  std::uint64_t dead = 0;     ///< The handler threw.
  std::uint64_t dropped = 0;  ///< By overflow, unsubscribe or a close that ran out of time.
  std::uint64_t lag = 0;      ///< Matched and not settled yet.
  std::uint64_t attempts_ok = 0;
  std::uint64_t attempts_failed = 0;
  double oldest_unsettled_seconds = 0;  ///< Age of the oldest event still queued; 0: none.
};

/// A histogram with power-of-two-and-quarters buckets: `upper_seconds[i]` bounds the events in `counts[i]`.
struct PENSTOCK_EXPORT HistogramStats {
  std::vector<double> upper_seconds = {};
  std::vector<std::uint64_t> counts = {};  ///< Not cumulative; one more than `upper_seconds`: the last is +Inf.
  double sum_seconds = 0;
  [[nodiscard]] std::uint64_t count() const noexcept;
  [[nodiscard]] double percentile(
      double p) const noexcept;  ///< p in [0, 1]; its bucket's bound, the last one beyond; 0 if empty.
};

struct TopicStats {
  std::string name;
  std::string route = {};           ///< `header:x-github-event, json:/type`, or empty.
  std::uint64_t subscriptions = 0;  ///< Live ones whose pattern matches this name.
};

inline constexpr std::size_t kBatchSizes = 11;  ///< 1, 2, 4 … 1,024 events.

struct JournalStats {
  bool on = false;
  std::string failure = {};  ///< Which call of the disk failed, and how; empty: none. Final.
  bool full = false;         ///< No place for the next segment.
  std::uint64_t first_offset = 0;
  std::uint64_t next_offset = 0;  ///< One past the last that is on the disk.
  std::uint64_t bytes = 0;
  std::uint64_t skipped_damages = 0;  ///< Holes that JournalOptions::skip_damaged passed over at the start.
  HistogramStats sync = {};           ///< How long a sync took.
  std::array<std::uint64_t, kBatchSizes> batch_sizes = {};  ///< Batches of at most 2^i events; not cumulative.
  std::uint64_t batch_events = 0;                           ///< In all of them.
};

struct BrokerStats {
  std::vector<SourceStats> sources = {};              ///< Sorted by name.
  std::vector<SubscriptionStats> subscriptions = {};  ///< In order of subscribing; ended ones are summed by name.
  std::vector<TopicStats> topics = {};                ///< Names of routes and sources; never from the wire.
  HistogramStats receipt = {};   ///< Begin of the event (head read) to receipt; Source events only.
  HistogramStats dispatch = {};  ///< Accepted to handed over; one sample a batch.
  JournalStats journal = {};
  /// For how long back every delivery id is known; infinite while none had to go for want of room. A source's window is
  /// this, or the one that its events are given if that is shorter.
  double dedup_known_seconds = std::numeric_limits<double>::infinity();
  std::size_t memory_used_bytes = 0;
  std::size_t memory_budget_bytes = 0;
  std::size_t publishers = 0, shards = 0, workers = 0, handler_threads = 0;
};

}  // namespace penstock
