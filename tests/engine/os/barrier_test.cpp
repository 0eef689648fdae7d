#include "os/barrier.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace penstock::os {
namespace {

/// The two sides of a store-load race, round by round. In each at least one must see the other's store.
struct Race {
  static constexpr int kRounds = 2'000;
  std::atomic<int> frequent{0}, rare{0};
  std::atomic<int> begun{0}, ended{0};

  static void meet(std::atomic<int>& at, int wanted) {
    ++at;
    for (int spins = 0; at.load() < wanted; ++spins) {
      if (spins > 1'000) std::this_thread::yield();  // The other side may wait for this very core.
    }
  }
};

TEST(Barrier, LetsAtLeastOneSideSeeTheOther) {
  Race race;
  int missed = 0;
  std::atomic<bool> frequent_saw{false};
  std::thread frequent{[&] {
    for (int round = 1; round <= Race::kRounds; ++round) {
      Race::meet(race.begun, 2 * round);
      race.frequent.store(round, std::memory_order_relaxed);
      light_barrier();
      frequent_saw.store(race.rare.load(std::memory_order_relaxed) == round);
      Race::meet(race.ended, 2 * round);
    }
  }};
  for (int round = 1; round <= Race::kRounds; ++round) {
    Race::meet(race.begun, 2 * round);
    race.rare.store(round, std::memory_order_relaxed);
    heavy_barrier();
    const bool rare_saw = race.frequent.load(std::memory_order_acquire) == round;
    Race::meet(race.ended, 2 * round);
    missed += rare_saw || frequent_saw.load() ? 0 : 1;
  }
  frequent.join();
  EXPECT_EQ(missed, 0);
}

}  // namespace
}  // namespace penstock::os
