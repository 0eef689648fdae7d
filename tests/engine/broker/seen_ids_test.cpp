#include "broker/seen_ids.hpp"

#include "event/id_maker.hpp"
#include "event/memory.hpp"
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <string>

namespace penstock {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kStart = 1'700'000'000 * kSecond;
constexpr std::int64_t kWindow = 60 * kSecond;
constexpr double kEver = std::numeric_limits<double>::infinity();

/// Seen ids beside a clock of the test's own.
class SeenIdsTest : public testing::Test {
 protected:
  struct Answer {
    Verdict verdict;
    EventId id;  ///< The first one's, when it is a duplicate.
  };
  static Answer publish(SeenIds& seen, std::string_view id, EventId event_id, std::int64_t now_ns,
                        Verdict queued = Verdict::accepted) {
    EventId first{};
    const journal::DedupEntry entry{.key = seen.key_of("s", id), .id = event_id};
    const Verdict verdict = seen.publish_once(entry, now_ns, kWindow, first, [queued] { return queued; });
    return {verdict, first};
  }
  Answer publish(std::string_view id, std::int64_t now_ns) { return publish(seen_, id, ids_.make(now_ns), now_ns); }

  struct Unref {
    void operator()(event::Memory* memory) const noexcept { memory->unref(); }
  };
  const std::unique_ptr<event::Memory, Unref> owned_{event::Memory::make(16U << 20U)};  // First: it outlives the ids.
  event::Memory& memory_ = *owned_;
  event::IdMaker ids_;
  SeenIds seen_{memory_, 1U << 20U};
};

TEST_F(SeenIdsTest, TakesAnIdOnceAndTellsWhoWasFirst) {
  const EventId first = ids_.make(kStart);
  EXPECT_EQ(publish(seen_, "a", first, kStart).verdict, Verdict::accepted);
  const Answer again = publish("a", kStart + kSecond);
  EXPECT_EQ(again.verdict, Verdict::duplicate);
  EXPECT_EQ(again.id, first);
  EXPECT_EQ(publish("b", kStart).verdict, Verdict::accepted);
}

TEST_F(SeenIdsTest, TakesAnIdAgainWhenItsWindowIsOver) {
  EXPECT_EQ(publish("a", kStart).verdict, Verdict::accepted);
  EXPECT_EQ(publish("a", kStart + kWindow - kSecond).verdict, Verdict::duplicate);
  EXPECT_EQ(publish("a", kStart + kWindow + kSecond).verdict, Verdict::accepted);
  EXPECT_EQ(publish("a", kStart + kWindow + 2 * kSecond).verdict, Verdict::duplicate) << "a window of its own";
}

TEST_F(SeenIdsTest, KnowsAnIdWhenTheClockSteppedBack) {
  EXPECT_EQ(publish("a", kStart).verdict, Verdict::accepted);
  EXPECT_EQ(publish("a", kStart - 100 * kWindow).verdict, Verdict::duplicate);
}

TEST_F(SeenIdsTest, KeepsNothingOfWhatCouldNotBeQueued) {
  const EventId refused = ids_.make(kStart);
  EXPECT_EQ(publish(seen_, "a", refused, kStart, Verdict::full).verdict, Verdict::full);
  EXPECT_EQ(publish("a", kStart).verdict, Verdict::accepted);
}

TEST_F(SeenIdsTest, IsShortenedByNothingThatCouldNotBeQueued) {
  EXPECT_EQ(publish("a", kStart).verdict, Verdict::accepted);
  for (int i = 0; i < 100'000; ++i) {
    (void)publish(seen_, std::to_string(i), ids_.make(kStart), kStart, Verdict::full);
  }
  EXPECT_EQ(publish("a", kStart).verdict, Verdict::duplicate);
  EXPECT_EQ(seen_.known_seconds(kStart), kEver);
}

TEST_F(SeenIdsTest, ForgetsTheOldestWhenItIsFullAndTellsWhatWindowIsLeft) {
  constexpr int many = 100'000;  // 1 MiB holds about 23,000.
  constexpr std::int64_t step = kWindow / 2 / many;
  std::int64_t now = kStart;
  for (int i = 0; i < many; ++i, now += step) ASSERT_EQ(publish(std::to_string(i), now).verdict, Verdict::accepted);
  const double known = seen_.known_seconds(now) * kSecond;
  EXPECT_LT(known, 30'000.0 * step);
  EXPECT_GT(known, 15'000.0 * step);
  EXPECT_EQ(publish("0", now).verdict, Verdict::accepted) << "the oldest is gone";
  // Each id that is younger than what was told is known. (The ids that this enters shorten it: by a hundred.)
  const auto oldest_known = many - static_cast<int>(known / step) + 200;
  for (int i = oldest_known; i < many; i += 97) {
    ASSERT_EQ(publish(std::to_string(i), now).verdict, Verdict::duplicate) << i;
  }
}

TEST_F(SeenIdsTest, KnowsMoreAgainAsTimeGoesBy) {
  for (int i = 0; i < 100'000; ++i) ASSERT_EQ(publish(std::to_string(i), kStart).verdict, Verdict::accepted);
  EXPECT_EQ(seen_.known_seconds(kStart), 0.0);
  EXPECT_EQ(seen_.known_seconds(kStart + 30 * kSecond), 30.0);
  EXPECT_EQ(seen_.known_seconds(kStart + 90 * kSecond), 90.0);
}

TEST_F(SeenIdsTest, ChargesTheBudgetWhenTheFirstIdsCome) {
  EXPECT_EQ(memory_.used(), 0U);
  EXPECT_EQ(seen_.known_seconds(kStart), kEver);
  EXPECT_EQ(memory_.used(), 0U);
  {
    SeenIds seen{memory_, 4U << 20U};
    for (int i = 0; i < 1'000; ++i) (void)publish(seen, std::to_string(i), ids_.make(kStart), kStart);
    EXPECT_GT(memory_.used(), 3U << 20U);
    EXPECT_LE(memory_.used(), 4U << 20U);
  }
  EXPECT_EQ(memory_.used(), 0U) << "given back";
}

TEST_F(SeenIdsTest, RefusesRatherThanTakeTwiceWhenTheBudgetIsSpent) {
  ASSERT_TRUE(memory_.charge(memory_.budget()));
  EXPECT_EQ(publish("a", kStart).verdict, Verdict::full);
  memory_.uncharge(memory_.budget());
  EXPECT_EQ(publish("a", kStart).verdict, Verdict::accepted);
  EXPECT_EQ(publish("a", kStart).verdict, Verdict::duplicate);
}

TEST_F(SeenIdsTest, TellsSourcesApart) {
  EXPECT_FALSE(seen_.key_of("a", "1") == seen_.key_of("b", "1"));
  EXPECT_FALSE(seen_.key_of("a", "b1") == seen_.key_of("ab", "1"));
  EXPECT_EQ(seen_.key_of("a", "1"), seen_.key_of("a", "1"));
}

TEST_F(SeenIdsTest, HashesUnderASecretOfItsOwn) {
  const SeenIds other{memory_, 1U << 20U};
  EXPECT_FALSE(other.key_of("a", "1") == seen_.key_of("a", "1"));
}

}  // namespace
}  // namespace penstock
