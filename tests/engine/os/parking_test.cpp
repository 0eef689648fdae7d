#include "os/parking.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

namespace penstock::os {
namespace {

/// What a shard is to workers: a count of events, and a claim. Exactly one event waits at a time, so a wake-up that is
/// lost leaves it there for ever: its publisher waits for it.
struct FakeShard {
  std::atomic<int> waiting{0};
  std::atomic<int> claimed{0};

  [[nodiscard]] bool free() const { return claimed.load(std::memory_order_relaxed) == 0; }
  [[nodiscard]] bool has_work() const { return waiting.load(std::memory_order_relaxed) != 0; }
  bool try_claim() {
    int expected = 0;
    return free() && claimed.compare_exchange_strong(expected, 1, std::memory_order_acquire);
  }
};

class FakeWorkers {
 public:
  FakeWorkers(std::size_t workers, std::size_t shards) : parking_{workers}, shards_(shards) {
    for (std::size_t me = 0; me < workers; ++me) threads_.emplace_back([this, me] { run(me); });
  }
  ~FakeWorkers() {
    stopping_ = true;
    // One call is enough only for those that already sleep: one may be about to.
    while (running_ != 0) parking_.wake_all();
    for (std::thread& thread : threads_) thread.join();
  }
  FakeWorkers(const FakeWorkers&) = delete;
  FakeWorkers& operator=(const FakeWorkers&) = delete;

  /// Publishes one event and waits until it was taken.
  void publish_and_await(std::size_t shard_number) {
    FakeShard& shard = shards_[shard_number];
    shard.waiting.store(1, std::memory_order_release);
    parking_.work_came(shard_number, [&] { return shard.free(); });
    while (shard.has_work()) std::this_thread::yield();
  }

 private:
  bool unclaimed_work() {
    return std::any_of(shards_.begin(), shards_.end(),
                       [](const FakeShard& shard) { return shard.free() && shard.has_work(); });
  }

  FakeShard* claim_some() {
    for (FakeShard& shard : shards_) {
      if (shard.has_work() && shard.try_claim()) return &shard;
    }
    return nullptr;
  }

  static void drain(FakeShard& shard) {
    do {
      while (shard.waiting.exchange(0, std::memory_order_acq_rel) != 0) {
      }
      shard.claimed.store(0, std::memory_order_release);
      Parking::fence();
    } while (shard.has_work() && shard.try_claim());
  }

  void run(std::size_t me) {
    ++running_;
    while (!stopping_) {
      parking_.search();
      if (FakeShard* shard = claim_some()) {
        parking_.found(me, [this] { return unclaimed_work(); });
        drain(*shard);
      } else {
        parking_.park(me, [this] { return stopping_ || unclaimed_work(); });
      }
    }
    --running_;
  }

  Parking parking_;
  std::vector<FakeShard> shards_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> running_{0};
  std::vector<std::thread> threads_;
};

void publish_rounds(std::size_t workers, std::size_t publishers, int rounds) {
  FakeWorkers fake{workers, publishers};
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < publishers; ++i) {
    threads.emplace_back([&fake, i, rounds] {
      for (int round = 0; round < rounds; ++round) fake.publish_and_await(i);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// Each of these would hang (and run into the time limit of the test) at the first wake-up that is lost.
TEST(Parking, LosesNoWakeUpOfOneWorker) { publish_rounds(1, 1, 30'000); }
TEST(Parking, LosesNoWakeUpWhenPublishersOutnumberWorkers) { publish_rounds(1, 3, 10'000); }
TEST(Parking, LosesNoWakeUpWhenWorkersSearchForEachOther) { publish_rounds(3, 2, 10'000); }

TEST(Parking, DoesNotSleepWhenThereIsWork) {
  Parking parking{1};
  parking.search();
  int looks = 0;
  parking.park(0, [&looks] { return ++looks == 1; });
  EXPECT_EQ(looks, 1);
}

TEST(Parking, LooksForAnotherWorkerOnlyWhenTheLastSearcherFoundWork) {
  Parking parking{2};
  parking.search();
  parking.search();
  int looks = 0;
  parking.found(0, [&looks] { return ++looks < 0; });
  EXPECT_EQ(looks, 0) << "the other searcher looks again itself";
  parking.found(1, [&looks] { return ++looks < 0; });
  EXPECT_EQ(looks, 1);
}

TEST(Parking, LeavesAWakeUpToASearcher) {
  Parking parking{1};
  int asked = 0;
  parking.search();
  parking.work_came(0, [&asked] { return ++asked < 0; });
  EXPECT_EQ(asked, 0);
  parking.found(0, [] { return false; });
  parking.work_came(0, [&asked] { return ++asked < 0; });
  EXPECT_EQ(asked, 1);
}

TEST(Parking, WakesAllThatSleep) {
  constexpr std::size_t workers = 3;
  Parking parking{workers};
  std::atomic<bool> stopping{false};
  std::atomic<std::size_t> asleep{0};
  std::atomic<std::size_t> awake{0};
  std::vector<std::thread> threads;
  for (std::size_t me = 0; me < workers; ++me) {
    threads.emplace_back([&, me] {
      parking.search();
      parking.park(me, [&] {
        ++asleep;
        return stopping.load();
      });
      ++awake;
    });
  }
  while (asleep != workers) std::this_thread::yield();
  EXPECT_EQ(awake, 0U);
  stopping = true;
  parking.wake_all();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(awake, workers);
}

}  // namespace
}  // namespace penstock::os
