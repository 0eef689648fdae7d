#include "delivery/match_cache.hpp"

#include "engine/delivery/lives.hpp"
#include "engine/event/blocks.hpp"
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace penstock::delivery {
namespace {

using Indexes = std::vector<std::uint32_t>;

class CacheTest : public testing::Test {
 protected:
  CacheTest() : table_{{live("github"), live("github.push"), live("gitlab.>")}, 1} {}

  std::shared_ptr<Live> live(const std::string& pattern) { return test::live(refusing_, {pattern}); }

  Indexes find(const SubscriberTable& table, const std::string& topic, std::size_t base_bytes) {
    event::Block* block = blocks_.block(topic, {}, base_bytes);
    if (hash_ != 0) block->topic_hash = hash_;
    Indexes found = cache_.find(table, *block);
    blocks_.pool.give(block);
    return found;
  }

  test::Blocks blocks_;
  RefusingCount refusing_{0};
  SubscriberTable table_;
  MatchCache cache_;
  std::uint64_t hash_ = 0;  // Not 0: every topic gets this one.
};

TEST_F(CacheTest, AnswersAsTheTableDoesAlsoTheSecondTime) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(find(table_, "github.push", 6), (Indexes{0, 1}));
    EXPECT_EQ(find(table_, "github.star", 6), (Indexes{0}));
    EXPECT_EQ(find(table_, "gitlab.push", 6), (Indexes{2}));
    EXPECT_EQ(find(table_, "gitea.push", 5), Indexes{});
  }
}

TEST_F(CacheTest, IsNotMisledByEqualHashes) {
  hash_ = 77;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(find(table_, "github.push", 6), (Indexes{0, 1}));
    EXPECT_EQ(find(table_, "gitlab.push", 6), (Indexes{2}));
  }
}

TEST_F(CacheTest, TellsTheSameTopicOfAnotherBaseTopicApart) {
  hash_ = 77;
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(find(table_, "github.push", 6), (Indexes{0, 1}));
    EXPECT_EQ(find(table_, "github.push", 11), (Indexes{1})) << "its base topic is github.push itself";
  }
}

TEST_F(CacheTest, AsksAgainWhenTheTableIsANewOne) {
  EXPECT_EQ(find(table_, "github.push", 6), (Indexes{0, 1}));
  const SubscriberTable next{{live("github.push")}, 2};
  EXPECT_EQ(find(next, "github.push", 6), (Indexes{0}));
  EXPECT_EQ(find(SubscriberTable{{}, 3}, "github.push", 6), Indexes{});
}

TEST_F(CacheTest, AnswersRightForMoreTopicsThanItRemembers) {
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 2'000; ++i) {
      const std::string topic = (i % 2 == 0 ? "github.t" : "gitlab.t") + std::to_string(i);
      ASSERT_EQ(find(table_, topic, 6), i % 2 == 0 ? Indexes{0} : Indexes{2}) << topic;
    }
  }
}

TEST_F(CacheTest, HasRoomForTheLongestTopic) {
  const std::string longest = "github." + std::string(kTopicBytesMax - 7, 'a');
  EXPECT_EQ(find(table_, longest, 6), (Indexes{0}));
  EXPECT_EQ(find(table_, longest, 6), (Indexes{0}));
}

}  // namespace
}  // namespace penstock::delivery
