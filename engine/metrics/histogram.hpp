// Durations in log-linear buckets, four to a doubling, from 64 ns to 34 s: a reading is at most 25 % too high.
//
//     histogram.record(ns);                       // the one thread that owns it
//     histogram.add_to(snapshot);                 // anybody: sums several into one
//
// One writer, as metrics/counter.hpp. 119 counters of 8 bytes. Recording: two loads, two stores.

#pragma once

#include "metrics/counter.hpp"
#include <penstock/stats.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace penstock::metrics {

class Histogram {
 public:
  static constexpr unsigned kFirstBit = 6;  ///< 64 ns: all below is one bucket.
  static constexpr unsigned kLastBit = 35;  ///< 2^35 ns = 34 s: all above is +Inf.
  static constexpr unsigned kStepBits = 2;  ///< Four steps to a doubling.
  static constexpr std::size_t kBuckets = ((kLastBit - kFirstBit) << kStepBits) + 2;

  void record(std::int64_t ns) noexcept;
  void add(const Histogram& other) noexcept;
  void add_to(HistogramStats& sum) const;

  [[nodiscard]] static std::size_t bucket_of(std::uint64_t ns) noexcept;
  [[nodiscard]] static double upper_seconds(std::size_t bucket) noexcept;  ///< Not for the last, which is +Inf.

 private:
  std::array<Counter, kBuckets> counts_{};
  Counter sum_ns_;
};

}  // namespace penstock::metrics
