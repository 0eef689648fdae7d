// Caller-runs (`dispatch: caller`; engine/dispatch/shard_claim.hpp and Workers::drain_here): publishers drain by
// themselves.
//
// Each publisher queues in its shard, tries the claim, and drains; handlers publish too. A publish from inside a drain
// only queues: whoever drains goes on until no shard has unclaimed work. What must hold: one holder of a claim at a
// time, and when all publishers have returned no event is left, also none that a handler published.
//
// The claim is the engine's; the loop around it (drain_here, drain, claim_some) is short and written here anew. Queues
// are counters, as in shard_claim_model.cpp.
//
// Planted: the fence behind the release of a shard that is left for another; the fence of try_claim_after_enqueue, and
// that of claim_again, left out; release's store release -> relaxed; try_claim's CAS acquire -> relaxed; and, as a
// fault of the loop, no look at other shards after the own one.

#include "dispatch/shard_claim.hpp"
#include "models/relacy_atomics.hpp"

namespace penstock::models {
namespace {

struct Shard {
  dispatch::ShardClaim<RelacyAtomics> claim;
  RelacyAtomic<std::uint32_t> queued{0};
  RelacyPlain<int> taken;  // Belongs to the claim.

  [[nodiscard]] bool empty() const { return queued.load(std::memory_order_relaxed) == 0; }
};

/// Two publishers of two events each, on one shard or on one each; the handler of a shard's second
/// event publishes another, on the same shard (kShards 1), or on the other (2). As Workers::drain does, a drain leaves
/// its shard for another that waits.
template <unsigned kShards, bool kLooksAtOthers = true>
struct CallerRunsModel : rl::test_suite<CallerRunsModel<kShards, kLooksAtOthers>, 2> {
  static constexpr unsigned kPublishers = 2;
  static constexpr unsigned kEvents = 2;
  Shard shards[kShards];

  Shard& other_than(const Shard& shard) { return shards[(static_cast<unsigned>(&shard - &shards[0]) + 1) % kShards]; }

  void handle(Shard& shard) {
    shard.taken += 1;
    // One event of each shard is answered by one more, from inside the drain: queued, no more.
    if (shard.taken == kEvents) other_than(shard).queued.fetch_add(1, std::memory_order_release);
  }

  void drain(Shard& shard) {
    const Shard& other = other_than(shard);
    do {
      while (!shard.empty()) {
        shard.queued.fetch_sub(1, std::memory_order_acquire);
        handle(shard);
        if (!kLooksAtOthers || other.claim.claimed() || other.empty()) continue;
        shard.claim.release();
        return RelacyAtomics::fence();
      }
      shard.claim.release();
    } while (shard.claim.claim_again([&] { return shard.empty(); }));
  }

  Shard* claim_some() {
    for (Shard& shard : shards) {
      if (!shard.empty() && shard.claim.try_claim()) return &shard;
    }
    return nullptr;
  }

  void publish(Shard& own) {
    own.queued.fetch_add(1, std::memory_order_release);
    if (!own.claim.try_claim_after_enqueue()) return;
    drain(own);
    if (!kLooksAtOthers || kShards == 1) return;
    while (Shard* other = claim_some()) drain(*other);
  }

  void thread(unsigned index) {
    for (unsigned i = 0; i < kEvents; ++i) publish(shards[index % kShards]);
  }

  void after() {
    int taken = 0;
    for (Shard& shard : shards) {
      RL_ASSERT(shard.empty() && !shard.claim.claimed());
      taken += shard.taken;
    }
    RL_ASSERT(taken == kPublishers * kEvents + kShards);
  }
};

using OneShard = CallerRunsModel<1>;
using ShardEach = CallerRunsModel<2>;

TEST(CallerRunsModel, LeavesNoEventBehindOnASharedShard) { EXPECT_TRUE(holds<OneShard>()); }
TEST(CallerRunsModel, LeavesNoEventBehindOnTheShardOfAnother) { EXPECT_TRUE(holds<ShardEach>()); }

TEST(CallerRunsModel, NeedsEachOfItsOrders) {
  EXPECT_TRUE(fails_with<OneShard>({"try_claim_after_enqueue", "fence"}));
  EXPECT_TRUE(fails_with<OneShard>({"claim_again", "fence"}));
  EXPECT_TRUE(fails_with<OneShard>({"release", "store"}));
  EXPECT_TRUE(fails_with<OneShard>({"try_claim", "compare_exchange"}));
}

TEST(CallerRunsModel, NeedsTheFenceWhereAShardIsLeftForAnother) {
  EXPECT_TRUE(fails_with<ShardEach>({"drain", "fence"}));
}

TEST(CallerRunsModel, NeedsTheLookAtOtherShards) { EXPECT_FALSE((holds<CallerRunsModel<2, false>>())); }

}  // namespace
}  // namespace penstock::models
