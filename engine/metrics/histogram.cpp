#include "metrics/histogram.hpp"

#include <bit>

namespace penstock::metrics {

std::size_t Histogram::bucket_of(std::uint64_t ns) noexcept {
  if (ns < (std::uint64_t{1} << kFirstBit)) return 0;
  const auto top_bit = static_cast<unsigned>(std::bit_width(ns)) - 1;
  if (top_bit >= kLastBit) return kBuckets - 1;
  const std::uint64_t step = (ns >> (top_bit - kStepBits)) & ((1U << kStepBits) - 1);
  return 1 + ((top_bit - kFirstBit) << kStepBits) + step;
}

double Histogram::upper_seconds(std::size_t bucket) noexcept {
  if (bucket == 0) return static_cast<double>(std::uint64_t{1} << kFirstBit) / 1e9;
  const std::size_t octave = (bucket - 1) >> kStepBits;
  const std::size_t step = (bucket - 1) & ((1U << kStepBits) - 1);
  const auto low = static_cast<double>(std::uint64_t{1} << (kFirstBit + octave));
  return low * (1.0 + static_cast<double>(step + 1) / (1U << kStepBits)) / 1e9;
}

void Histogram::record(std::int64_t ns) noexcept {
  const auto value = static_cast<std::uint64_t>(ns < 0 ? 0 : ns);  // The wall clock may have stepped back.
  counts_[bucket_of(value)].add(1);
  sum_ns_.add(value);
}

void Histogram::add(const Histogram& other) noexcept {
  for (std::size_t i = 0; i < kBuckets; ++i) counts_[i].add(other.counts_[i].read());
  sum_ns_.add(other.sum_ns_.read());
}

void Histogram::add_to(HistogramStats& sum) const {
  if (sum.counts.empty()) {
    sum.counts.resize(kBuckets);
    for (std::size_t i = 0; i + 1 < kBuckets; ++i) sum.upper_seconds.push_back(upper_seconds(i));
  }
  for (std::size_t i = 0; i < kBuckets; ++i) sum.counts[i] += counts_[i].read();
  sum.sum_seconds += static_cast<double>(sum_ns_.read()) / 1e9;
}

}  // namespace penstock::metrics
