#include "event/batch.hpp"

#include "engine/event/blocks.hpp"
#include "event/lent.hpp"
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace penstock::event {
namespace {

TEST(BatchTest, CountsWhatHoldingItCosts) {
  test::Blocks blocks;
  Batch* batch = blocks.batches.take();
  EXPECT_EQ(batch->bytes, sizeof(Batch));
  Block* small = blocks.block("t");
  Block* mapped = blocks.block("t", std::string(200'000, 'x'));
  batch->add(small);
  batch->add(mapped);
  EXPECT_EQ(batch->count, 2U);
  EXPECT_EQ(batch->bytes, sizeof(Batch) + small->bytes + mapped->charged_bytes);
  EXPECT_EQ(small->batch, batch);
  release(batch);
}

TEST(BatchTest, GivesBlocksOfSeveralPoolsBackToEach) {
  test::Blocks blocks;
  BlockPool& other = blocks.memory.adopt_pool();
  Batch* batch = blocks.batches.take();
  const std::size_t batches_hold = blocks.memory.used();
  for (int i = 0; i < 6; ++i) {
    Block* block = (i % 2 == 0 ? blocks.pool : other).take(kBlockBytesMax, 0);
    block->lay_out(0);
    batch->add(block);
  }
  release(batch);
  blocks.pool.put_magazines_back();
  other.put_magazines_back();
  EXPECT_EQ(blocks.memory.used(), batches_hold);
}

TEST(BatchTest, IsTakenAgainOnceTheLastHolderLetGo) {
  test::Blocks blocks;
  std::vector<Batch*> all;  // Empties what the slab had at first.
  Batch* watched = blocks.batch();
  watched->refs.add_unshared(2);
  release(watched);
  blocks.batches.release_here(watched);
  EXPECT_EQ(watched->refs.count(), 1U) << "one holder is left";
  release(watched);
  const std::size_t in_a_slab = kSlabBytes / sizeof(Batch);
  bool found = false;
  for (std::size_t i = 0; i < in_a_slab && !found; ++i) {
    all.push_back(blocks.batches.take());
    found = all.back() == watched;
  }
  EXPECT_TRUE(found);
  EXPECT_EQ(all.back()->count, 0U);
  for (Batch* batch : all) release(batch);
}

TEST(BatchTest, IsTheNextToBeTakenWhenItsOwnClaimLetGoLast) {
  test::Blocks blocks;
  Batch* batch = blocks.batch(5);
  blocks.batches.release_here(batch);
  EXPECT_EQ(blocks.batches.take(), batch);
  EXPECT_EQ(batch->count, 0U);
  batch->refs.add_unshared(1);
  blocks.batches.release_here(batch);
  Batch* other = blocks.batches.take();
  EXPECT_NE(other, batch) << "somebody holds it";
  release(batch);
  release(other);
  blocks.pool.put_magazines_back();
  EXPECT_LE(blocks.memory.used(), kSlabBytes) << "its blocks came back too";
}

TEST(BatchTest, OfTheGeneralHeapGoesBackThereFromItsOwnClaimToo) {
  test::Blocks blocks{kSlabBytes};
  Block* block = blocks.block("t");
  Batch* batch = blocks.batches.take();
  ASSERT_EQ(batch->home, nullptr);
  batch->add(block);
  blocks.batches.release_here(batch);  // A leak, or a batch used after its end, would show under the sanitizer.
  blocks.pool.put_magazines_back();
  EXPECT_EQ(blocks.memory.used(), 0U);
}

TEST(BatchTest, ComesFromTheGeneralHeapWhenTheBudgetIsSpent) {
  test::Blocks blocks{kSlabBytes};
  Block* block = blocks.block("t");
  ASSERT_EQ(blocks.memory.used(), kSlabBytes);
  Batch* batch = blocks.batches.take();
  ASSERT_NE(batch, nullptr);
  EXPECT_EQ(batch->home, nullptr);
  batch->add(block);
  release(batch);  // Freed: a leak would show under the sanitizer.
  blocks.pool.put_magazines_back();
  EXPECT_EQ(blocks.memory.used(), 0U);
  Batch* next = blocks.batches.take();
  EXPECT_NE(next->home, nullptr) << "the pool again, now that there is room";
  release(next);
}

TEST(BatchTest, IsHeldByAnEventThatACallerKeeps) {
  test::Blocks blocks;
  Batch* batch = blocks.batch(3, "github.push", "payload");
  std::optional<Event> kept = Lent{batch->blocks[1]}.event();
  EXPECT_EQ(batch->refs.count(), 2U);
  release(batch);
  EXPECT_EQ(kept->topic(), "github.push");
  EXPECT_EQ(kept->payload(), "payload");
  EXPECT_EQ(batch->refs.count(), 1U);
  const std::size_t before = blocks.memory.used();
  kept.reset();
  blocks.pool.put_magazines_back();
  EXPECT_LT(blocks.memory.used(), before) << "the blocks came back when the last event went";
}

TEST(ReleasesTest, HoldBackFourBatchesAtMostAndGiveAllBackAtTheEnd) {
  test::Blocks blocks;
  const std::string payload(40'000, 'x');  // 48 KiB a block.
  {
    Releases releases;
    releases.add(nullptr);
    for (int i = 0; i < 3; ++i) releases.add(blocks.batch(1, "t", payload));
    blocks.pool.put_magazines_back();
    EXPECT_EQ(blocks.memory.used(), 2 * kSlabBytes) << "three are held back";
    releases.add(blocks.batch(1, "t", payload));
    blocks.pool.put_magazines_back();
    EXPECT_EQ(blocks.memory.used(), kSlabBytes) << "only the slab that batches are cut from";
    releases.add(blocks.batch(1, "t", payload));
  }
  blocks.pool.put_magazines_back();
  EXPECT_EQ(blocks.memory.used(), kSlabBytes);
}

TEST(ReleasesTest, HoldBackNoMoreThanAQuarterOfAMebibyte) {
  test::Blocks blocks;
  Releases releases;
  releases.add(blocks.batch(3, "t", std::string(90'000, 'x')));  // 96 KiB a block.
  blocks.pool.put_magazines_back();
  EXPECT_EQ(blocks.memory.used(), kSlabBytes);
}

TEST(ReleasesTest, LeaveToOthersWhatTheyHold) {
  test::Blocks blocks;
  Batch* held = blocks.batch();
  held->refs.add_unshared(1);
  {
    Releases releases;
    releases.add(held);
  }
  EXPECT_EQ(held->refs.count(), 1U);
  release(held);
}

TEST(ReleasesTest, GiveBlocksOfSeveralPoolsEachToItsOwn) {
  test::Blocks blocks;
  BlockPool& other = blocks.memory.adopt_pool();
  {
    Releases releases;
    for (int i = 0; i < 3; ++i) {
      Batch* batch = blocks.batches.take();
      for (int k = 0; k < 4; ++k) {
        Block* block = (k < 2 ? blocks.pool : other).take(1'000, 0);
        block->lay_out(0);
        batch->add(block);
      }
      releases.add(batch);
    }
  }
  blocks.pool.put_magazines_back();
  other.put_magazines_back();
  EXPECT_EQ(blocks.memory.used(), kSlabBytes);
}

TEST(BatchTest, GoesBackOnceWhenManyThreadsLetGoAtTheSameTime) {
  test::Blocks blocks;
  for (int round = 0; round < 300; ++round) {
    Batch* batch = blocks.batch(2);
    batch->refs.add(3);
    std::vector<std::thread> holders;
    holders.reserve(3);
    for (int i = 0; i < 3; ++i) holders.emplace_back([batch] { release(batch); });
    blocks.batches.release_here(batch);
    for (std::thread& holder : holders) holder.join();
  }
  blocks.pool.put_magazines_back();
  EXPECT_LE(blocks.memory.used(), kSlabBytes) << "only the slab that batches are cut from";
}

}  // namespace
}  // namespace penstock::event
