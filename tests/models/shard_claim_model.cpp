// Claim and hand-over of a shard (engine/dispatch/shard_claim.hpp), with the queue that the claim guards.
//
// Two publishers queue one event each and, as a worker that was woken for it does, drain if they get the claim; so each
// may find the other holding it. What must hold: what belongs to the claim is touched by its holder only, and when all
// is quiet no event is left in the queue.
//
// Assumed of moodycamel, and modelled as a counter: an enqueue is a release, a dequeue acquires it, and its size is a
// relaxed look at what was queued, exact enough after a seq_cst fence on both sides.
//
// Planted: try_claim's CAS acquire -> relaxed; release's store release -> relaxed; the fence of
// try_claim_after_enqueue, and that of claim_again, left out.

#include "dispatch/shard_claim.hpp"
#include "models/relacy_atomics.hpp"

namespace penstock::models {
namespace {

struct ShardClaimModel : rl::test_suite<ShardClaimModel, 3> {
  dispatch::ShardClaim<RelacyAtomics> claim;
  RelacyAtomic<std::uint32_t> queued{0};
  RelacyPlain<std::uint32_t> taken{0};  // Of the claim, as its counters and its consumer token are.

  void drain() {
    do {
      while (queued.load(std::memory_order_relaxed) != 0) {
        queued.fetch_sub(1, std::memory_order_acquire);
        taken += 1;
      }
      claim.release();
    } while (claim.claim_again([this] { return queued.load(std::memory_order_relaxed) == 0; }));
  }

  void thread(unsigned /*index*/) {
    queued.fetch_add(1, std::memory_order_release);
    if (claim.try_claim_after_enqueue()) drain();
  }

  void after() const {
    RL_ASSERT(queued.load(std::memory_order_relaxed) == 0);
    RL_ASSERT(!claim.claimed());
    RL_ASSERT(taken == 3);
  }
};

TEST(ShardClaimModel, LeavesNoEventBehindAndHasOneHolder) { EXPECT_TRUE(holds<ShardClaimModel>()); }

TEST(ShardClaimModel, NeedsEachOfItsOrders) {
  EXPECT_TRUE(fails_with<ShardClaimModel>({"try_claim", "compare_exchange"}));
  EXPECT_TRUE(fails_with<ShardClaimModel>({"release", "store"}));
  EXPECT_TRUE(fails_with<ShardClaimModel>({"try_claim_after_enqueue", "fence"}));
  EXPECT_TRUE(fails_with<ShardClaimModel>({"claim_again", "fence"}));
}

}  // namespace
}  // namespace penstock::models
