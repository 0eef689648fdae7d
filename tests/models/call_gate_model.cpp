// What unsubscribe closes (engine/delivery/call_gate.hpp), with the `current` of claims (table_retirement.hpp).
//
// Claims call a handler while another thread unsubscribes, waits and destroys it. What must hold: the handler is not
// called once it is destroyed, what a call did comes before the destruction, and it is destroyed once. The second model
// defers: unsubscribe may not wait, as inside the handler itself, and whoever leaves last destroys.
//
// Both kinds of os/barrier.hpp are tried: fences on both sides, and membarrier(2), which is nothing on the light side.
//
// Planted: call's light barrier left out; await_calls' heavy barrier left out; may_destroy's left out where it is a
// membarrier (with fences, the two light barriers behind the calls do what it does); in_call's load of `current`
// acquire
// -> relaxed; call's stores of `current` release -> relaxed.
// mark_closed and defer_destruction are seq_cst for readers of the code: the barriers do not need it, and
// take_destruction needs to be one read-modify-write, of whatever order.

#include "delivery/call_gate.hpp"
#include "delivery/table_retirement.hpp"
#include "models/relacy_atomics.hpp"

namespace penstock::models {
namespace {

/// A subscription: its gate, and the handler, which is plain data that calls and the destruction touch.
struct ModelLive {
  delivery::CallGate<RelacyAtomics> gate;
  RelacyPlain<int> calls[2];
  RelacyPlain<bool> destroyed = false;

  [[nodiscard]] bool closed() const { return gate.closed(); }

  void call(unsigned claim) {
    RL_ASSERT(!destroyed);
    calls[claim] += 1;
  }
  void destroy() {
    if (!gate.take_destruction()) return;
    RL_ASSERT(!destroyed);
    destroyed = true;
    for (auto& count : calls) count = -1;
  }
};

struct ModelTable {};

template <unsigned kClaims>
struct Claims {
  delivery::TableRetirement<ModelTable, ModelLive, kClaims, RelacyAtomics> tables{std::make_unique<const ModelTable>()};
  typename decltype(tables)::Reader* readers[kClaims] = {};
  ModelLive live;

  Claims() {
    for (auto*& reader : readers) reader = &tables.add_reader();
  }

  [[nodiscard]] bool in_call() const { return tables.in_call(live); }
  void destroy_if_left() {
    if (live.gate.may_destroy([this] { return in_call(); })) live.destroy();
  }
  template <class Then>
  void deliver(unsigned claim, Then then) {
    const auto deliver = [&](bool closed) {
      if (closed) return;
      live.call(claim);
      then();
    };
    delivery::CallGate<RelacyAtomics>::call(readers[claim]->current, live, deliver, [this] { destroy_if_left(); });
  }
};

/// Claims 0 and 1 deliver; thread 2 unsubscribes and waits.
struct WaitingModel : rl::test_suite<WaitingModel, 3> {
  Claims<2> claims;

  void thread(unsigned index) {
    if (index < 2) {
      claims.deliver(index, [] {});
      claims.deliver(index, [] {});
    } else if (claims.live.gate.mark_closed()) {
      claims.live.gate.await_calls([this] { return claims.in_call(); });
      claims.live.destroy();
    }
  }
  void after() { RL_ASSERT(claims.live.destroyed); }
};

/// Claims 0 and 1 deliver; the first call of claim 0 unsubscribes from inside and cannot wait; if claim 0 was not
/// called in time nobody unsubscribes.
struct DeferringModel : rl::test_suite<DeferringModel, 2> {
  Claims<2> claims;

  void thread(unsigned index) {
    const auto unsubscribe = [this, index] {
      if (index != 0 || !claims.live.gate.mark_closed()) return;
      claims.live.gate.defer_destruction();
      claims.destroy_if_left();
    };
    claims.deliver(index, unsubscribe);
    if (index == 1) claims.deliver(index, unsubscribe);
  }
  void after() { RL_ASSERT(claims.live.destroyed); }
};

TEST(CallGateModel, LetsNobodyCallWhatIsDestroyed) {
  EXPECT_TRUE(holds<WaitingModel>());
  EXPECT_TRUE(holds<WaitingModel>(Barrier::membarrier));
}
TEST(CallGateModel, DestroysOnceAndAfterTheLastCallWhereItCannotWait) {
  EXPECT_TRUE(holds<DeferringModel>());
  EXPECT_TRUE(holds<DeferringModel>(Barrier::membarrier));
}

TEST(CallGateModel, NeedsEachOfItsOrders) {
  EXPECT_TRUE(fails_with<WaitingModel>({"call", "light_barrier"}));
  EXPECT_TRUE(fails_with<WaitingModel>({"await_calls", "heavy_barrier"}));
  EXPECT_TRUE(fails_with<WaitingModel>({"await_calls", "heavy_barrier"}, Barrier::membarrier));
  EXPECT_TRUE(fails_with<WaitingModel>({"in_call", "load"}));
  EXPECT_TRUE(fails_with<WaitingModel>({"call", "store"}));
}

TEST(CallGateModel, NeedsEachOfItsOrdersWhereItCannotWait) {
  EXPECT_TRUE(fails_with<DeferringModel>({"call", "light_barrier"}));
  EXPECT_TRUE(fails_with<DeferringModel>({"may_destroy", "heavy_barrier"}, Barrier::membarrier));
  EXPECT_TRUE(fails_with<DeferringModel>({"in_call", "load"}));
  EXPECT_TRUE(fails_with<DeferringModel>({"call", "store"}));
}

}  // namespace
}  // namespace penstock::models
