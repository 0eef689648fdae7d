// Park and wake without a lost wake-up (engine/os/parking.hpp), with the claim of engine/dispatch/shard_claim.hpp.
//
// Publishers queue and call work_came, at once or once for several events (Publisher::wake_later); workers run the loop
// of Workers::run. What must hold: every event is taken. A wake-up that is lost leaves all workers asleep and an event
// in its queue, which relacy reports as a deadlock, since the workers end only when all has been taken.
//
// The queues are counters, ordered as moodycamel's are assumed to be (shard_claim_model.cpp).
//
// Planted: the fences of work_came, of park and of found left out. That of found is missed only where handlers block: a
// worker that goes on looks again by itself; so the model Blocking has a handler that waits for the other shard's
// event. For the same reason the fence of claim_again is tried in shard_claim_model.cpp and not here. Not needed, and
// shown so: release and acquire of the searchers' count. The fences on both sides order flag and count.

#include "dispatch/shard_claim.hpp"
#include "models/relacy_atomics.hpp"
#include "os/parking.hpp"

#include <algorithm>
#include <iterator>

namespace penstock::models {
namespace {

struct Queue {
  dispatch::ShardClaim<RelacyAtomics> claim;
  RelacyAtomic<std::uint32_t> queued{0};

  [[nodiscard]] bool empty() const { return queued.load(std::memory_order_relaxed) == 0; }
  [[nodiscard]] bool unclaimed_work() const { return !claim.claimed() && !empty(); }
};

enum class How : std::uint8_t { at_once, later, blocking };

/// `kShards` shards, a publisher of `kEvents` events for each, and `kWorkers` workers. `later`: one wake-up for all of
/// a publisher's events. `blocking`: the handler of the first shard's event waits until another shard's was taken.
template <unsigned kShards, unsigned kWorkers, unsigned kEvents, How kHow>
struct ParkingModel : rl::test_suite<ParkingModel<kShards, kWorkers, kEvents, kHow>, kShards + kWorkers> {
  os::BasicParking<RelacyAtomics> parking{kWorkers};
  Queue shards[kShards];
  RelacyAtomic<std::uint32_t> taken{0};
  RelacyAtomic<bool> stopping{false};

  [[nodiscard]] bool unclaimed_work() const {
    return std::any_of(std::begin(shards), std::end(shards), [](const Queue& one) { return one.unclaimed_work(); });
  }

  Queue* claim_some() {
    for (Queue& shard : shards) {
      if (!shard.empty() && shard.claim.try_claim()) return &shard;
    }
    return nullptr;
  }

  void publish(unsigned home) {
    for (unsigned i = 0; i < kEvents; ++i) {
      shards[home].queued.fetch_add(1, std::memory_order_release);
      if (kHow != How::later) parking.work_came(home, [&] { return !shards[home].claim.claimed(); });
    }
    if (kHow == How::later) parking.work_came(home, [&] { return !shards[home].claim.claimed(); });
  }

  // The last event taken ends the model, as Workers::stop does: by a flag, then a wake-up for all.
  void count() {
    if (taken.fetch_add(1, std::memory_order_relaxed) + 1 != kShards * kEvents) return;
    stopping.store(true, std::memory_order_seq_cst);
    parking.wake_all();
  }

  void drain(Queue& shard) {
    do {
      while (!shard.empty()) {
        shard.queued.fetch_sub(1, std::memory_order_acquire);
        if (kHow == How::blocking && &shard == &shards[0]) {
          while (taken.load(std::memory_order_acquire) == 0) RelacyAtomics::pause();
        }
        count();
      }
      shard.claim.release();
    } while (shard.claim.claim_again([&] { return shard.empty(); }));
  }

  void work(unsigned me) {
    bool searching = false;
    while (!stopping.load(std::memory_order_relaxed)) {
      if (!searching) parking.search();
      searching = false;
      if (Queue* shard = claim_some()) {
        parking.found(me, [this] { return unclaimed_work(); });
        drain(*shard);
      } else {
        parking.park(me, [this] { return stopping.load(std::memory_order_relaxed) || unclaimed_work(); });
      }
    }
  }

  void thread(unsigned index) {
    if (index < kShards) {
      publish(index);
    } else {
      work(index - kShards);
    }
  }

  void after() { RL_ASSERT(taken.load(std::memory_order_relaxed) == kShards * kEvents); }
};

using OneWorker = ParkingModel<1, 1, 2, How::at_once>;
using OneWorkerWokenLater = ParkingModel<1, 1, 2, How::later>;
using TwoWorkers = ParkingModel<2, 2, 1, How::at_once>;
using Blocking = ParkingModel<2, 2, 1, How::blocking>;

TEST(ParkingModel, LosesNoWakeUpOfOneWorker) { EXPECT_TRUE(holds<OneWorker>()); }
TEST(ParkingModel, LosesNoWakeUpThatIsGivenLater) { EXPECT_TRUE(holds<OneWorkerWokenLater>()); }
TEST(ParkingModel, LosesNoWakeUpWhenWorkersSearchForEachOther) { EXPECT_TRUE(holds<TwoWorkers>()); }
TEST(ParkingModel, LosesNoWakeUpWhenAHandlerBlocks) { EXPECT_TRUE(holds<Blocking>()); }

TEST(ParkingModel, NeedsEachOfItsFences) {
  EXPECT_TRUE(fails_with<OneWorker>({"work_came", "fence"}));
  EXPECT_TRUE(fails_with<OneWorkerWokenLater>({"work_came", "fence"}));
  EXPECT_TRUE(fails_with<TwoWorkers>({"work_came", "fence"}));
  EXPECT_TRUE(fails_with<OneWorker>({"park", "fence"}));
  EXPECT_TRUE(fails_with<TwoWorkers>({"park", "fence"}));
  EXPECT_TRUE(fails_with<Blocking>({"found", "fence"}));
}

TEST(ParkingModel, NeedsNoOtherOrderOfFlagAndCount) {
  for (const Planted& weakened : {Planted{"park", "fetch_sub"}, {"found", "fetch_sub"}, {"work_came", "load"}}) {
    EXPECT_TRUE(holds_without<OneWorker>(weakened));
    EXPECT_TRUE(holds_without<Blocking>(weakened));
  }
}

}  // namespace
}  // namespace penstock::models
