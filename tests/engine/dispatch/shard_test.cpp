#include "dispatch/shard.hpp"

#include "engine/event/blocks.hpp"
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <thread>
#include <vector>

namespace penstock::dispatch {
namespace {

TEST(ShardTest, GivesEventsInTheOrderOfTheirPublisher) {
  test::Blocks blocks;
  Shard shard{7};
  EXPECT_EQ(shard.number(), 7U);
  EXPECT_TRUE(shard.empty());
  Shard::Token token{shard};
  std::vector<event::Block*> queued;
  for (int i = 0; i < 100; ++i) {
    queued.push_back(blocks.block("t"));
    ASSERT_TRUE(shard.enqueue(token, queued.back()));
  }
  EXPECT_FALSE(shard.empty());
  std::vector<event::Block*> taken;
  std::array<event::Block*, 64> room{};
  while (const std::size_t count = shard.take(room.data(), room.size())) {
    ASSERT_LE(count, room.size());
    taken.insert(taken.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(count));
  }
  EXPECT_EQ(taken, queued);
  EXPECT_TRUE(shard.empty());
  for (event::Block* block : taken) blocks.pool.give(block);
}

TEST(ShardTest, HasOneClaim) {
  Shard shard{0};
  EXPECT_FALSE(shard.claimed());
  EXPECT_TRUE(shard.try_claim());
  EXPECT_TRUE(shard.claimed());
  EXPECT_FALSE(shard.try_claim());
  shard.release_claim();
  EXPECT_TRUE(shard.try_claim());
}

TEST(ShardTest, KeepsWhatAPublisherQueuedWhenThePublisherIsGone) {
  test::Blocks blocks;
  Shard shard{0};
  event::Block* block = blocks.block("t");
  {
    Shard::Token token{shard};
    ASSERT_TRUE(shard.enqueue(token, block));
  }
  Shard::Token next{shard};
  std::array<event::Block*, 4> room{};
  ASSERT_EQ(shard.take(room.data(), room.size()), 1U);
  EXPECT_EQ(room[0], block);
  blocks.pool.give(block);
}

constexpr std::size_t kPublishers = 3;
constexpr std::uint64_t kEvents = 8'000;  // Of each publisher.

/// Queues all events of one publisher: its number stands in their time, their place in its order in their offset.
void enqueue_all(Shard& shard, std::deque<event::Block>& events, std::size_t publisher) {
  Shard::Token token{shard};
  for (std::uint64_t i = 0; i < events.size(); ++i) {
    events[i].time_ns = static_cast<std::int64_t>(publisher);
    events[i].offset = i;
    while (!shard.enqueue(token, &events[i])) std::this_thread::yield();
  }
}

struct Drained {
  std::array<std::uint64_t, kPublishers> next{};  // Belongs to the claim: a claim that two hold would be a race here.
  std::atomic<std::uint64_t> taken{0};
  std::atomic<int> out_of_order{0};
};

/// Takes a few under the claim, whenever it is free, until all events were taken.
void drain(Shard& shard, Drained& drained) {
  std::array<event::Block*, 8> room{};
  while (drained.taken < kPublishers * kEvents) {
    if (!shard.try_claim()) continue;
    const std::size_t count = shard.take(room.data(), room.size());
    std::this_thread::yield();  // Whoever else would not wait for the claim overtakes here.
    for (std::size_t i = 0; i < count; ++i) {
      if (room[i]->offset != drained.next.at(static_cast<std::size_t>(room[i]->time_ns))++) ++drained.out_of_order;
    }
    drained.taken += count;
    shard.release_claim();
  }
}

TEST(ShardTest, KeepsEachPublishersOrderWhileTheClaimChangesHands) {
  Shard shard{0};
  std::vector<std::deque<event::Block>> events;
  events.reserve(kPublishers);
  for (std::size_t p = 0; p < kPublishers; ++p) events.emplace_back(kEvents);
  Drained drained;
  std::vector<std::thread> threads;
  threads.reserve(2 + kPublishers);
  for (int drainer = 0; drainer < 2; ++drainer) threads.emplace_back([&] { drain(shard, drained); });
  for (std::size_t p = 0; p < kPublishers; ++p) threads.emplace_back([&, p] { enqueue_all(shard, events[p], p); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(drained.out_of_order, 0);
  EXPECT_EQ(drained.taken, kPublishers * kEvents);
}

}  // namespace
}  // namespace penstock::dispatch
