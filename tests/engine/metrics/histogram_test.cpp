#include "metrics/histogram.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <limits>

namespace penstock::metrics {
namespace {

double seconds(std::uint64_t ns) { return static_cast<double>(ns) / 1e9; }

TEST(Histogram, PutsEveryValueBelowTheBoundOfItsBucketAndAboveTheOneBefore) {
  for (std::uint64_t base = 1; base < (std::uint64_t{1} << Histogram::kLastBit); base = base * 9 / 8 + 1) {
    for (const std::uint64_t ns : {base - 1, base, base + 1}) {
      if (ns >= (std::uint64_t{1} << Histogram::kLastBit)) continue;
      const std::size_t bucket = Histogram::bucket_of(ns);
      ASSERT_LT(bucket, Histogram::kBuckets - 1) << ns;
      ASSERT_LT(seconds(ns), Histogram::upper_seconds(bucket)) << ns;
      const double lower = bucket == 0 ? 0 : Histogram::upper_seconds(bucket - 1);
      ASSERT_GE(seconds(ns), lower) << ns;
    }
  }
}

TEST(Histogram, ReadsAtMostAQuarterTooHigh) {
  for (std::uint64_t ns = 64; ns < (std::uint64_t{1} << Histogram::kLastBit); ns = ns * 17 / 16 + 1) {
    ASSERT_LE(Histogram::upper_seconds(Histogram::bucket_of(ns)), seconds(ns) * 1.25 + 1e-12) << ns;
  }
}

TEST(Histogram, HasBoundsThatRise) {
  for (std::size_t i = 1; i + 1 < Histogram::kBuckets; ++i) {
    ASSERT_GT(Histogram::upper_seconds(i), Histogram::upper_seconds(i - 1)) << i;
  }
}

TEST(Histogram, KeepsTheSmallestInTheFirstAndTheLargestInTheLast) {
  EXPECT_EQ(Histogram::bucket_of(0), 0U);
  EXPECT_EQ(Histogram::bucket_of(63), 0U);
  EXPECT_EQ(Histogram::bucket_of(64), 1U);
  EXPECT_EQ(Histogram::bucket_of((std::uint64_t{1} << 35U) - 1), Histogram::kBuckets - 2);
  EXPECT_EQ(Histogram::bucket_of(std::uint64_t{1} << 35U), Histogram::kBuckets - 1);
  EXPECT_EQ(Histogram::bucket_of(std::numeric_limits<std::uint64_t>::max()), Histogram::kBuckets - 1);
}

TEST(Histogram, CountsAndSumsWhatItRecorded) {
  Histogram histogram;
  histogram.record(1'000);
  histogram.record(2'000'000);
  histogram.record(60'000'000'000);  // +Inf
  HistogramStats stats;
  histogram.add_to(stats);

  EXPECT_EQ(stats.counts.size(), stats.upper_seconds.size() + 1);
  EXPECT_EQ(stats.count(), 3U);
  EXPECT_EQ(stats.counts[Histogram::bucket_of(1'000)], 1U);
  EXPECT_EQ(stats.counts.back(), 1U);
  EXPECT_DOUBLE_EQ(stats.sum_seconds, 60.002001);
}

TEST(Histogram, TakesADurationBelowZeroAsZero) {
  Histogram histogram;
  histogram.record(-5);
  HistogramStats stats;
  histogram.add_to(stats);
  EXPECT_EQ(stats.counts[0], 1U);
  EXPECT_EQ(stats.sum_seconds, 0);
}

TEST(Histogram, SumsSeveralIntoOne) {
  Histogram a;
  Histogram b;
  a.record(100);
  b.record(100);
  b.record(5'000);
  a.add(b);
  HistogramStats stats;
  a.add_to(stats);
  b.add_to(stats);

  EXPECT_EQ(stats.counts[Histogram::bucket_of(100)], 3U);
  EXPECT_EQ(stats.counts[Histogram::bucket_of(5'000)], 2U);
  EXPECT_DOUBLE_EQ(stats.sum_seconds, 10'300e-9);
}

TEST(Percentile, IsTheBoundThatSoManyLieBelow) {
  Histogram histogram;
  for (int i = 0; i < 90; ++i) histogram.record(1'000);
  for (int i = 0; i < 10; ++i) histogram.record(1'000'000);
  HistogramStats stats;
  histogram.add_to(stats);

  const double low = Histogram::upper_seconds(Histogram::bucket_of(1'000));
  const double high = Histogram::upper_seconds(Histogram::bucket_of(1'000'000));
  EXPECT_EQ(stats.percentile(0), low);
  EXPECT_EQ(stats.percentile(0.5), low);
  EXPECT_EQ(stats.percentile(0.9), low);
  EXPECT_EQ(stats.percentile(0.91), high);
  EXPECT_EQ(stats.percentile(1), high);
}

TEST(Percentile, IsZeroWhenNothingWasRecorded) {
  HistogramStats stats;
  EXPECT_EQ(stats.percentile(0.5), 0);
  Histogram{}.add_to(stats);
  EXPECT_EQ(stats.percentile(0.5), 0);
}

TEST(Percentile, IsTheLastBoundWhenAllLieBeyondIt) {
  Histogram histogram;
  histogram.record(60'000'000'000);
  HistogramStats stats;
  histogram.add_to(stats);
  EXPECT_EQ(stats.percentile(0.5), stats.upper_seconds.back());
}

}  // namespace
}  // namespace penstock::metrics
