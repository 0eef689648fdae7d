#include "event/id_maker.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace penstock::event {
namespace {

constexpr std::int64_t kTimeNs = 1'700'000'000'123'456'789;

TEST(IdMaker, WritesTheMillisecondsFirst) {
  IdMaker ids;
  const EventId id = ids.make(kTimeNs);
  std::uint64_t ms = 0;
  for (std::size_t i = 0; i < 6; ++i) ms = ms << 8U | id.bytes[i];
  EXPECT_EQ(ms, 1'700'000'000'123U);
}

TEST(IdMaker, SetsVersionSevenAndTheVariantOfRfc9562) {
  IdMaker ids;
  for (int i = 0; i < 1'000; ++i) {
    const EventId id = ids.make(kTimeNs + i);
    ASSERT_EQ(id.bytes[6] >> 4U, 7U);
    ASSERT_EQ(id.bytes[8] >> 6U, 2U);
  }
}

TEST(IdMaker, LeavesEveryOtherBitToChance) {
  IdMaker ids;
  std::vector<std::uint8_t> ever_set(16, 0);
  std::vector<std::uint8_t> ever_clear(16, 0);
  for (int i = 0; i < 1'000; ++i) {
    const EventId id = ids.make(kTimeNs);
    for (std::size_t byte = 0; byte < 16; ++byte) {
      ever_set[byte] |= id.bytes[byte];
      ever_clear[byte] |= static_cast<std::uint8_t>(~id.bytes[byte]);
    }
  }
  EXPECT_EQ(ever_set[6] & ever_clear[6], 0x0F);
  EXPECT_EQ(ever_set[7] & ever_clear[7], 0xFF);
  EXPECT_EQ(ever_set[8] & ever_clear[8], 0x3F);
  for (std::size_t byte = 9; byte < 16; ++byte) EXPECT_EQ(ever_set[byte] & ever_clear[byte], 0xFF) << byte;
}

TEST(IdMaker, NeverMakesOneTwiceAlsoAgainstAnotherMaker) {
  IdMaker a;
  IdMaker b;
  std::set<std::string> seen;
  for (int i = 0; i < 5'000; ++i) {
    seen.insert(a.make(kTimeNs).text());
    seen.insert(b.make(kTimeNs).text());
  }
  EXPECT_EQ(seen.size(), 10'000U);
}

TEST(IdMaker, SortsByTime) {
  IdMaker ids;
  std::string last;
  for (int ms = 0; ms < 1'000; ++ms) {
    const std::string text = ids.make(kTimeNs + ms * std::int64_t{1'000'000}).text();
    ASSERT_LT(last, text);
    last = text;
  }
}

}  // namespace
}  // namespace penstock::event
