#include "event/block_pool.hpp"

#include "engine/event/blocks.hpp"
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace penstock::event {
namespace {

std::vector<Block*> take_largest(BlockPool& pool, std::size_t count) {
  std::vector<Block*> taken;
  taken.reserve(count);
  for (std::size_t i = 0; i < count; ++i) taken.push_back(pool.take(kBlockBytesMax, 0));
  return taken;
}

TEST(BlockPoolTest, GivesTheSmallestClassThatIsLargeEnough) {
  test::Blocks blocks;
  std::size_t smaller = 0;
  for (const std::size_t class_bytes : kBlockClasses) {
    for (const std::size_t wanted : {smaller + 1, class_bytes}) {
      Block* block = blocks.pool.take(wanted, 0);
      ASSERT_NE(block, nullptr);
      EXPECT_EQ(block->bytes, class_bytes) << wanted;
      EXPECT_NE(block->slab, nullptr);
      EXPECT_EQ(block->pool, &blocks.pool);
      blocks.pool.give(block);
    }
    smaller = class_bytes;
  }
}

TEST(BlockPoolTest, GivesBlocksThatDoNotOverlap) {
  test::Blocks blocks;
  for (const std::size_t bytes : {std::size_t{512}, std::size_t{3'000}, kBlockBytesMax}) {
    std::vector<Block*> taken;
    for (int i = 0; i < 20; ++i) {
      taken.push_back(blocks.pool.take(bytes, 0));
      std::fill_n(reinterpret_cast<char*>(taken.back() + 1), taken.back()->bytes - sizeof(Block),
                  static_cast<char>('a' + i));
    }
    for (int i = 0; i < 20; ++i) {
      const char* at = reinterpret_cast<const char*>(taken[static_cast<std::size_t>(i)] + 1);
      EXPECT_EQ(*at, 'a' + i);
      EXPECT_EQ(at[taken[static_cast<std::size_t>(i)]->bytes - sizeof(Block) - 1], 'a' + i);
    }
    for (Block* block : taken) blocks.pool.give(block);
  }
}

TEST(BlockPoolTest, GivesTheSameBlockAgainToItsOwner) {
  test::Blocks blocks;
  Block* block = blocks.pool.take(1'000, 0);
  blocks.pool.give(block);
  EXPECT_EQ(blocks.pool.take(1'000, 0), block);
  blocks.pool.give(block);
}

TEST(BlockPoolTest, TakesOneSlabForAsManyBlocksAsItHolds) {
  test::Blocks blocks;
  const std::size_t before = blocks.memory.used();
  std::vector<Block*> taken = take_largest(blocks.pool, 7);  // Seven and a head are 1 MiB.
  EXPECT_EQ(blocks.memory.used() - before, kSlabBytes);
  taken.push_back(blocks.pool.take(kBlockBytesMax, 0));
  EXPECT_EQ(blocks.memory.used() - before, 2 * kSlabBytes);
  for (Block* block : taken) blocks.pool.give(block);
}

TEST(BlockPoolTest, GivesEmptySlabsBackWhenAnotherThreadTrims) {
  test::Blocks blocks;
  std::vector<Block*> taken = take_largest(blocks.pool, 14);
  ASSERT_EQ(blocks.memory.used(), 2 * kSlabBytes);

  for (std::size_t i = 1; i < taken.size(); ++i) blocks.pool.give_back(taken[i], taken[i]);
  EXPECT_EQ(blocks.memory.used(), 2 * kSlabBytes) << "returned, not sorted in yet";
  std::thread{[&] { blocks.pool.trim(); }}.join();
  EXPECT_EQ(blocks.memory.used(), kSlabBytes) << "one block is still out";
  blocks.pool.give_back(taken[0], taken[0]);
  std::thread{[&] { blocks.memory.reclaim(); }}.join();
  EXPECT_EQ(blocks.memory.used(), 0U);
}

TEST(BlockPoolTest, TakesWhatWasReturnedBeforeItTakesASlab) {
  test::Blocks blocks;
  std::vector<Block*> taken = take_largest(blocks.pool, 7);
  blocks.pool.give_back(taken[3], taken[3]);
  EXPECT_EQ(blocks.pool.take(kBlockBytesMax, 0), taken[3]);
  EXPECT_EQ(blocks.memory.used(), kSlabBytes);
  for (Block* block : taken) blocks.pool.give(block);
}

TEST(BlockPoolTest, TakesAChainBackAtOnce) {
  test::Blocks blocks;
  std::vector<Block*> taken = take_largest(blocks.pool, 7);
  for (std::size_t i = 0; i + 1 < taken.size(); ++i) taken[i]->next = taken[i + 1];
  blocks.pool.give_back(taken.front(), taken.back());
  blocks.pool.trim();
  EXPECT_EQ(blocks.memory.used(), 0U);
}

TEST(BlockPoolTest, IsNullWhenTheBudgetIsSpentAndGivesAgainAfterwards) {
  test::Blocks blocks{2 * kSlabBytes};
  std::vector<Block*> taken;
  while (Block* block = blocks.pool.take(kBlockBytesMax, 0)) taken.push_back(block);
  EXPECT_EQ(taken.size(), 14U);
  EXPECT_EQ(blocks.pool.take(kBlockBytesMax + 1, kChargeStep), nullptr) << "nor a mapping";
  for (Block* block : taken) blocks.pool.give_back(block, block);
  Block* again = blocks.pool.take(kBlockBytesMax, 0);
  EXPECT_NE(again, nullptr);
  blocks.pool.give(again);
}

TEST(BlockPoolTest, LeavesNoSlabToAClassThatNeedsNoneWhileAnotherStarves) {
  test::Blocks blocks{2 * kSlabBytes};
  for (const std::size_t bytes : kBlockClasses) {
    Block* block = blocks.pool.take(bytes, 0);
    ASSERT_NE(block, nullptr) << bytes << ": free blocks of other sizes hold the budget";
    blocks.pool.give(block);
  }
}

TEST(BlockPoolTest, MayUseForOnePoolWhatAnotherHasBeenGivenBack) {
  test::Blocks blocks{2 * kSlabBytes};
  BlockPool& other = blocks.memory.adopt_pool();
  std::vector<Block*> taken;
  while (Block* block = blocks.pool.take(2'000, 0)) taken.push_back(block);
  ASSERT_EQ(other.take(2'000, 0), nullptr);
  for (Block* block : taken) blocks.pool.give_back(block, block);
  Block* block = other.take(2'000, 0);  // Its owner does nothing: the other has it trimmed.
  ASSERT_NE(block, nullptr);
  other.give(block);
}

TEST(BlockPoolTest, MapsLargeBlocksAndChargesThemStepByStep) {
  test::Blocks blocks;
  Block* block = blocks.pool.take(10'000'000, 1);
  ASSERT_NE(block, nullptr);
  EXPECT_EQ(block->slab, nullptr);
  EXPECT_GE(block->bytes, 10'000'000U);
  EXPECT_EQ(blocks.memory.used(), kChargeStep);
  EXPECT_TRUE(blocks.pool.charge_up_to(block, kChargeStep));
  EXPECT_EQ(blocks.memory.used(), kChargeStep);
  EXPECT_TRUE(blocks.pool.charge_up_to(block, kChargeStep + 1));
  EXPECT_EQ(blocks.memory.used(), 2 * kChargeStep);
  EXPECT_TRUE(blocks.pool.charge_up_to(block, 1));
  EXPECT_EQ(blocks.memory.used(), 2 * kChargeStep) << "never less";
  EXPECT_TRUE(blocks.pool.charge_up_to(block, 100'000'000));
  EXPECT_EQ(blocks.memory.used(), block->bytes) << "never more than there is";
  blocks.pool.give(block);
  EXPECT_EQ(blocks.memory.used(), 0U);
}

TEST(BlockPoolTest, SaysWhenAMappedBlockMayNotGrow) {
  test::Blocks blocks{2 * kSlabBytes};
  Block* block = blocks.pool.take(10'000'000, 1);
  ASSERT_NE(block, nullptr);
  EXPECT_TRUE(blocks.pool.charge_up_to(block, 2 * kSlabBytes));
  EXPECT_FALSE(blocks.pool.charge_up_to(block, 2 * kSlabBytes + 1));
  EXPECT_EQ(block->charged_bytes, 2 * kSlabBytes) << "what it had it keeps";
  blocks.pool.give_back(block, block);
  blocks.pool.trim();
  EXPECT_EQ(blocks.memory.used(), 0U) << "mapped blocks come back by the chain too";
}

TEST(BlockPoolTest, PutsItsMagazinesBackWhenItsOwnerLeaves) {
  test::Blocks blocks;
  for (const std::size_t bytes : kBlockClasses) blocks.pool.give(blocks.pool.take(bytes, 0));
  EXPECT_EQ(blocks.memory.used(), kBlockClasses.size() * kSlabBytes);
  blocks.pool.put_magazines_back();
  EXPECT_EQ(blocks.memory.used(), 0U);
}

/// Blocks on their way from the one that takes to those that give back.
class Handed {
 public:
  void add(Block* block) {
    const std::lock_guard lock{mutex_};
    blocks_.push_back(block);
  }
  [[nodiscard]] std::vector<Block*> all() {
    const std::lock_guard lock{mutex_};
    return std::exchange(blocks_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<Block*> blocks_;
};

/// Gives back until `done`, and what was handed over before it.
void give_back_until(const std::atomic<bool>& done, BlockPool& pool, Handed& handed, bool trims) {
  for (bool last = false; !last;) {
    last = done;
    for (Block* block : handed.all()) {
      block->offset = 0;
      pool.give_back(block, block);
    }
    if (trims) pool.trim();
    std::this_thread::yield();
  }
}

TEST(BlockPoolTest, LosesAndDoublesNoBlockWhenManyGiveBackWhileOneTakes) {
  test::Blocks blocks{4 * kSlabBytes};
  Handed handed;
  std::atomic<bool> done{false};
  std::vector<std::thread> givers;
  for (const bool trims : {true, false})
    givers.emplace_back([&, trims] { give_back_until(done, blocks.pool, handed, trims); });
  int doubled = 0;
  for (int i = 0; i < 10'000; ++i) {
    Block* block = blocks.pool.take(i % 2 == 0 ? 700 : 60'000, 0);
    if (block == nullptr) {
      std::this_thread::yield();
      continue;
    }
    doubled += block->offset == 1 ? 1 : 0;  // Handed out, and not given back.
    block->offset = 1;
    handed.add(block);
  }
  done = true;
  for (std::thread& giver : givers) giver.join();
  for (Block* block : handed.all()) blocks.pool.give_back(block, block);
  EXPECT_EQ(doubled, 0);
  blocks.pool.put_magazines_back();
  EXPECT_EQ(blocks.memory.used(), 0U) << "every block came back";
}

}  // namespace
}  // namespace penstock::event
