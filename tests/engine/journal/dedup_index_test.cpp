#include "journal/dedup_index.hpp"

#include "event/id_maker.hpp"
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <random>
#include <string>
#include <utility>

namespace penstock::journal {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kNow = 1'790'000'000 * kSecond;
constexpr std::int64_t kHour = 3'600 * kSecond;
constexpr SipKey kSecret{1, 2};

class DedupIndexTest : public testing::Test {
 protected:
  DedupEntry entry(const std::string& id, std::int64_t time_ns, std::uint64_t offset = 0) {
    return {dedup_key(kSecret, "github", id), ids_.make(time_ns), offset};
  }

  event::IdMaker ids_;
};

TEST_F(DedupIndexTest, LeadsASecondCopyToTheFirst) {
  DedupIndex index{1U << 20U};
  const DedupEntry first = entry("a", kNow, 7);
  EXPECT_EQ(index.find_or_insert(first, kNow, kHour), nullptr);
  const DedupEntry* found = index.find_or_insert(entry("a", kNow + 1, 8), kNow + 1, kHour);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->id, first.id);
  EXPECT_EQ(found->offset, 7U);
  EXPECT_EQ(index.find_or_insert(entry("b", kNow, 8), kNow, kHour), nullptr);
  EXPECT_EQ(index.size(), 2U);
}

TEST_F(DedupIndexTest, TakesAnIdAgainWhenItsWindowHasPassed) {
  DedupIndex index{1U << 20U};
  EXPECT_EQ(index.find_or_insert(entry("a", kNow, 1), kNow, kHour), nullptr);
  EXPECT_NE(index.find_or_insert(entry("a", kNow, 2), kNow + kHour, kHour), nullptr) << "the last moment of it";
  const std::int64_t later = kNow + kHour + kSecond;
  EXPECT_EQ(index.find_or_insert(entry("a", later, 3), later, kHour), nullptr);
  const DedupEntry* found = index.find(entry("a", later).key, later, kHour);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->offset, 3U) << "the window begins anew";
}

TEST_F(DedupIndexTest, TellsEachCallersWindowApart) {
  DedupIndex index{1U << 20U};
  const DedupEntry first = entry("a", kNow);
  EXPECT_EQ(index.find_or_insert(first, kNow, kHour), nullptr);
  EXPECT_EQ(index.find(first.key, kNow + 2 * kSecond, kSecond), nullptr);
  EXPECT_NE(index.find(first.key, kNow + 2 * kSecond, 3 * kSecond), nullptr);
}

TEST_F(DedupIndexTest, KeepsKnowingWhenTheClockStepsBack) {
  DedupIndex index{1U << 20U};
  EXPECT_EQ(index.find_or_insert(entry("a", kNow), kNow, kSecond), nullptr);
  EXPECT_NE(index.find(entry("a", kNow).key, kNow - kHour, kSecond), nullptr);
}

TEST_F(DedupIndexTest, NeverMixesSourceAndId) {
  EXPECT_NE(dedup_key(kSecret, "a", "bc"), dedup_key(kSecret, "ab", "c"));
  EXPECT_NE(dedup_key(kSecret, "a", "b"), dedup_key({1, 3}, "a", "b"));
  EXPECT_EQ(dedup_key(kSecret, "a", "b"), dedup_key(kSecret, "a", "b"));
}

TEST_F(DedupIndexTest, EntersNothingForAnEventThatIsNotDeduplicated) {
  DedupIndex index{1U << 20U};
  EXPECT_EQ(index.find_or_insert({{}, ids_.make(kNow), 1}, kNow, kHour), nullptr);
  EXPECT_EQ(index.find_or_insert({{}, ids_.make(kNow), 2}, kNow, kHour), nullptr);
  EXPECT_EQ(index.size(), 0U);
}

TEST_F(DedupIndexTest, TakesAnEntryBack) {
  DedupIndex index{1U << 20U};
  const DedupEntry first = entry("a", kNow, 1);
  EXPECT_EQ(index.find_or_insert(first, kNow, kHour), nullptr);
  index.forget(first.key);
  EXPECT_EQ(index.find(first.key, kNow, kHour), nullptr);
  EXPECT_EQ(index.find_or_insert(entry("a", kNow, 2), kNow, kHour), nullptr);
  index.forget(entry("never seen", kNow).key);
  EXPECT_NE(index.find(first.key, kNow, kHour), nullptr);
}

TEST_F(DedupIndexTest, LetsTheOldestGoFirstAndSaysSo) {
  DedupIndex index{8U << 10U};
  const std::size_t capacity = index.capacity();
  for (std::size_t i = 0; i < capacity; ++i) {
    const std::int64_t time = kNow + static_cast<std::int64_t>(i) * kSecond;
    ASSERT_EQ(index.find_or_insert(entry(std::to_string(i), time, i), time, kHour), nullptr);
  }
  const std::int64_t now = kNow + static_cast<std::int64_t>(capacity) * kSecond;
  EXPECT_EQ(index.window_ns(now, kHour), kHour) << "full, but nothing has gone yet";
  ASSERT_EQ(index.find_or_insert(entry("x", now), now, kHour), nullptr);
  ASSERT_EQ(index.find_or_insert(entry("y", now), now, kHour), nullptr);
  EXPECT_EQ(index.find(entry("0", 0).key, now, kHour), nullptr);
  EXPECT_EQ(index.find(entry("1", 0).key, now, kHour), nullptr);
  EXPECT_NE(index.find(entry("2", 0).key, now, kHour), nullptr);
  EXPECT_EQ(index.window_ns(now, kHour), now - (kNow + kSecond));
  EXPECT_EQ(index.window_ns(now, kSecond), kSecond) << "more is known than was asked for";
  EXPECT_EQ(index.size(), capacity);
}

TEST_F(DedupIndexTest, StaysWithinItsBytes) {
  for (const std::size_t bytes : {8U << 10U, 100U << 10U, 1U << 20U, 3U << 20U, 64U << 20U}) {
    const DedupIndex index{bytes};
    EXPECT_LE(index.bytes(), bytes);
    EXPECT_GE(index.capacity() * 57, bytes) << "at most 57 B an entry";
  }
  EXPECT_EQ(DedupIndex{0}.capacity(), 64U) << "the least there is";
}

TEST_F(DedupIndexTest, AgreesWithAPlainMapWhateverIsDone) {
  DedupIndex index{8U << 10U};
  std::mt19937 random{2026};
  std::deque<std::pair<std::string, std::uint64_t>> order;  // What is known, oldest first; an empty name: forgotten.
  std::map<std::string, std::uint64_t> known;
  std::size_t gone = 0;
  std::int64_t now = kNow;
  for (std::uint64_t step = 1; step <= 200'000; ++step) {
    now += 1'000'000;
    const std::string id = std::to_string(random() % 400);
    const auto expected = known.find(id);
    if (random() % 10 == 0) {
      index.forget(entry(id, 0).key);
      if (expected == known.end()) continue;
      for (auto& [name, offset] : order) {
        if (name == id) name.clear();
      }
      known.erase(expected);
      continue;
    }
    const DedupEntry* found = index.find_or_insert(entry(id, now, step), now, kHour);
    ASSERT_EQ(found != nullptr, expected != known.end()) << step;
    if (found != nullptr) {
      ASSERT_EQ(found->offset, expected->second);
      continue;
    }
    if (order.size() == index.capacity()) {
      gone += known.erase(order.front().first);
      order.pop_front();
    }
    order.emplace_back(id, step);
    known.emplace(id, step);
  }
  EXPECT_GT(gone, 1'000U) << "it was full, and the oldest went";
}

}  // namespace
}  // namespace penstock::journal
