#include "event/memory.hpp"

#include "event/block_pool.hpp"
#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace penstock::event {
namespace {

struct Unref {
  void operator()(Memory* memory) const { memory->unref(); }
};
using Owned = std::unique_ptr<Memory, Unref>;

Owned make(std::size_t bytes_max) { return Owned{Memory::make(bytes_max)}; }

TEST(MemoryTest, GivesSlabsUntilTheBudgetIsSpent) {
  const Owned memory = make(3 * kSlabBytes + 1'000);
  std::vector<char*> slabs;
  while (char* slab = memory->take_slab()) {
    slab[0] = slab[kSlabBytes - 1] = 'x';
    slabs.push_back(slab);
    ASSERT_LE(slabs.size(), 3U);
  }
  EXPECT_EQ(slabs.size(), 3U);
  EXPECT_EQ(memory->used(), 3 * kSlabBytes);
  EXPECT_TRUE(memory->charge(1'000)) << "the rest is for charges";
  EXPECT_FALSE(memory->charge(1));
  memory->uncharge(1'000);
  for (char* slab : slabs) memory->give_slab(slab);
  EXPECT_EQ(memory->used(), 0U);
  EXPECT_EQ(memory->budget(), 3 * kSlabBytes + 1'000);
}

TEST(MemoryTest, KeepsASlabForTheNextTaker) {
  const Owned memory = make(2 * kSlabBytes);
  char* slab = memory->take_slab();
  memory->give_slab(slab);
  EXPECT_EQ(memory->used(), 0U) << "kept, not used";
  EXPECT_EQ(memory->take_slab(), slab);
  memory->give_slab(slab);
}

TEST(MemoryTest, GivesKeptSlabsUpForACharge) {
  const Owned memory = make(4 * kSlabBytes);
  std::vector<char*> slabs;
  slabs.reserve(4);
  for (int i = 0; i < 4; ++i) slabs.push_back(memory->take_slab());
  EXPECT_FALSE(memory->charge(1));
  for (char* slab : slabs) memory->give_slab(slab);
  EXPECT_TRUE(memory->charge(4 * kSlabBytes)) << "kept slabs are in nobody's way";
  EXPECT_EQ(memory->used(), 4 * kSlabBytes);
  EXPECT_EQ(memory->take_slab(), nullptr);
  memory->uncharge(4 * kSlabBytes);
}

TEST(MemoryTest, KeepsNoMoreThanSixteenSlabs) {
  const Owned memory = make(20 * kSlabBytes);
  std::vector<char*> slabs;
  slabs.reserve(20);
  for (int i = 0; i < 20; ++i) slabs.push_back(memory->take_slab());
  for (char* slab : slabs) memory->give_slab(slab);
  EXPECT_EQ(memory->used(), 0U);
  EXPECT_TRUE(memory->charge(20 * kSlabBytes));
  memory->uncharge(20 * kSlabBytes);
}

TEST(MemoryTest, NeverPassesItsBudgetHoweverManyTakeAtOnce) {
  constexpr std::size_t budget = 5 * kSlabBytes;
  const Owned memory = make(budget);
  std::atomic<std::size_t> over{0};
  std::atomic<std::size_t> taken{0};
  std::vector<std::thread> threads;
  threads.reserve(3);
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 3'000; ++round) {
        if ((round + i) % 2 == 0) {
          if (char* slab = memory->take_slab()) {
            ++taken;
            memory->give_slab(slab);
          }
        } else if (memory->charge(2 * kSlabBytes)) {
          ++taken;
          memory->uncharge(2 * kSlabBytes);
        }
        if (memory->used() > budget) ++over;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(over, 0U);
  EXPECT_GT(taken, 3'000U);
  EXPECT_EQ(memory->used(), 0U);
}

TEST(MemoryTest, LivesUntilItsLastReferenceGoes) {
  Memory* memory = Memory::make(2 * kSlabBytes);
  memory->ref();
  memory->unref();
  char* slab = memory->take_slab();  // Freed too early, the sanitizer would say so here.
  ASSERT_NE(slab, nullptr);
  memory->give_slab(slab);
  memory->unref();
}

TEST(MemoryTest, HandsOnAPoolThatAPublisherLeft) {
  const Owned memory = make(16 * kSlabBytes);
  BlockPool& first = memory->adopt_pool();
  BlockPool& second = memory->adopt_pool();
  EXPECT_NE(&first, &second);
  first.give(first.take(600, 0));
  EXPECT_EQ(memory->used(), kSlabBytes);
  memory->leave_pool(first);
  EXPECT_EQ(memory->used(), 0U) << "what lay in its magazines has come back";
  EXPECT_EQ(&memory->adopt_pool(), &first);
}

TEST(MemoryTest, KeepsNamesWhereTheyAre) {
  const Owned memory = make(kSlabBytes);
  std::string name = "github";
  const std::string_view kept = memory->keep_name(name);
  name = "xxxxxx";
  for (int i = 0; i < 1'000; ++i) (void)memory->keep_name("another" + std::to_string(i));
  EXPECT_EQ(kept, "github");
}

}  // namespace
}  // namespace penstock::event
