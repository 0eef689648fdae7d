#include "broker/tally.hpp"

#include <gtest/gtest.h>

#include <cstddef>

namespace penstock {
namespace {

topic::SourceEntry entry(std::size_t index) { return {"s", nullptr, index}; }

TEST(TallyTest, HasRowsForEverySourceOnceTheyAreMade) {
  Tallies tallies;
  EXPECT_EQ(tallies.find(entry(0)), nullptr);
  tallies.make_rows(1);
  EXPECT_NE(tallies.find(entry(0)), nullptr);
  EXPECT_EQ(tallies.find(entry(64)), nullptr);
  tallies.make_rows(65);
  EXPECT_NE(tallies.find(entry(64)), nullptr);
  tallies.make_rows(topic::kSourcesMax + 1);
  tallies.of(entry(topic::kSourcesMax)).received.add(1);
  EXPECT_EQ(tallies.find(entry(topic::kSourcesMax))->received.read(), 1U);
}

TEST(TallyTest, KeepsWhatWasCountedWhenRowsAreAdded) {
  Tallies tallies;
  tallies.make_rows(2);
  tallies.of(entry(1)).accepted.add(5);
  tallies.make_rows(1'000);
  EXPECT_EQ(tallies.of(entry(1)).accepted.read(), 5U);
  EXPECT_EQ(tallies.of(entry(0)).accepted.read(), 0U) << "a row for each";
}

TEST(TallyTest, SumsEveryCounter) {
  SourceTally a;
  a.received.add(100);
  a.accepted.add(10);
  a.duplicate.add(20);
  a.unrouted.add(3);
  a.handshakes.add(4);
  a.without_delivery_id.add(5);
  for (std::size_t i = 0; i < kRefusals; ++i) a.refused.at(i).add(i + 1);
  SourceTally b;
  b.add(a);
  b.add(a);
  SourceStats stats{.name = "s"};
  a.add_to(stats);
  b.add_to(stats);
  EXPECT_EQ(stats.received, 300U);
  EXPECT_EQ(stats.accepted, 30U);
  EXPECT_EQ(stats.duplicate, 60U);
  EXPECT_EQ(stats.unrouted, 9U);
  EXPECT_EQ(stats.handshakes, 12U);
  EXPECT_EQ(stats.without_delivery_id, 15U);
  ASSERT_EQ(stats.refused.size(), kRefusals);
  for (std::size_t i = 0; i < kRefusals; ++i) EXPECT_EQ(stats.refused[i], 3 * (i + 1));
  EXPECT_EQ(stats.refused_total(), 3 * kRefusals * (kRefusals + 1) / 2);
}

}  // namespace
}  // namespace penstock
