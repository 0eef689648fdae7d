// What a Publisher counts, per source: written by its thread alone, summed when somebody asks.
//
//     tallies.of(source).accepted.add(1);
//
// Rows are made at set-up, in chunks, for every source there is; so of() neither allocates nor locks.

#pragma once

#include "metrics/counter.hpp"
#include "os/atomics.hpp"
#include "topic/source_table.hpp"
#include <penstock/publisher.hpp>
#include <penstock/stats.hpp>

#include <array>
#include <cstddef>
#include <memory>

namespace penstock {

struct SourceTally {
  metrics::Counter received, accepted, duplicate, unrouted, handshakes, without_delivery_id;
  std::array<metrics::Counter, kRefusals> refused;

  void add(const SourceTally& other) noexcept;
  void add_to(SourceStats& stats) const;
};

class Tallies {
 public:
  Tallies() = default;
  ~Tallies();
  Tallies(const Tallies&) = delete;
  Tallies& operator=(const Tallies&) = delete;

  /// Makes rows for sources 0 to `sources` - 1. Under the set-up lock; may throw std::bad_alloc.
  void make_rows(std::size_t sources);
  [[nodiscard]] SourceTally& of(const topic::SourceEntry& source) noexcept;
  /// nullptr: no rows yet. Any thread.
  [[nodiscard]] const SourceTally* find(const topic::SourceEntry& source) const noexcept;

 private:
  static constexpr std::size_t kChunk = 64;
  using Chunk = std::array<SourceTally, kChunk>;
  std::array<os::Atomic<Chunk*>, topic::kSourcesMax / kChunk + 1> chunks_{};
};

}  // namespace penstock
