// The way back of blocks and batches (engine/event/returned_list.hpp), and who is the last to let go of a batch
// (engine/event/references.hpp).
//
// Two holders let go of a batch that a third thread made; the last gives it back; the maker takes what came back and
// uses it anew. What must hold: one of them is the last; all that holders did comes before the reuse; nothing is lost
// and nothing is taken twice.
//
// Planted: let_go's fetch_sub acq_rel -> relaxed; its look acquire -> relaxed; push's CAS release -> relaxed;
// take_all's exchange acquire -> relaxed. Not planted: add_unshared's store is relaxed as it is (the mailbox's lock
// orders it).

#include "event/references.hpp"
#include "event/returned_list.hpp"
#include "models/relacy_atomics.hpp"

namespace penstock::models {
namespace {

struct Node {
  RelacyPlain<Node*> next = nullptr;
  event::References<RelacyAtomics> refs;
  RelacyPlain<int> content[2];  // What a holder writes stands for what it read: the next user must not come before it.
};

/// A node with three references: its maker's, and one for each mailbox that got it.
struct ReferencesModel : rl::test_suite<ReferencesModel, 3> {
  event::ReturnedList<Node, RelacyAtomics> returned;
  Node node;

  void before() {
    node.refs.start();
    node.refs.add_unshared(2);
  }

  void thread(unsigned index) {
    if (index != 2) node.content[index] = 1;  // The maker reads no more.
    if (!node.refs.let_go()) return;
    RL_ASSERT(node.content[0] == 1 && node.content[1] == 1);
    returned.push(&node, &node);
  }

  void after() {
    RL_ASSERT(returned.take_all() == &node);
    RL_ASSERT(node.next == nullptr);
  }
};

/// Two givers of a chain of two and of one node twice, and a taker that gives it work again: the same node comes round.
struct ReturnedListModel : rl::test_suite<ReturnedListModel, 3> {
  static constexpr int kRounds = 2;
  event::ReturnedList<Node, RelacyAtomics> returned;
  RelacyAtomic<Node*> handed{nullptr};
  Node chain[2];
  Node round;
  RelacyPlain<int> taken{0};

  void take() {
    for (Node* node = returned.take_all(); node != nullptr;) {
      Node* next = node->next;
      RL_ASSERT(node->content[0] == 1);
      node->content[0] = 0;
      taken += 1;
      if (node == &round && taken < 3) handed.store(node, std::memory_order_release);
      node = next;
    }
  }

  void before() { handed.store(&round, std::memory_order_release); }

  void thread(unsigned index) {
    if (index == 0) {
      for (Node& node : chain) node.content[0] = 1;
      chain[0].next = &chain[1];
      returned.push(&chain[0], &chain[1]);
    } else if (index == 1) {
      for (int i = 0; i < kRounds; ++i) {
        Node* node = handed.exchange(nullptr, std::memory_order_acquire);
        if (node == nullptr) continue;
        node->content[0] = 1;
        returned.push(node, node);
      }
    } else {
      take();
      take();
    }
  }

  void after() {
    take();
    Node* waiting = handed.load(std::memory_order_relaxed);
    RL_ASSERT(taken == 3 || taken == 4);
    RL_ASSERT(waiting == nullptr || waiting == &round);
  }
};

TEST(ReferencesModel, HasOneLastHolderWhoSeesWhatAllDid) { EXPECT_TRUE(holds<ReferencesModel>()); }

TEST(ReferencesModel, NeedsEachOfItsOrders) {
  EXPECT_TRUE(fails_with<ReferencesModel>({"let_go", "fetch_sub"}));
  EXPECT_TRUE(fails_with<ReferencesModel>({"let_go", "load"}));
}

TEST(ReturnedListModel, LosesNoNodeAndTakesNoneTwice) { EXPECT_TRUE(holds<ReturnedListModel>()); }

TEST(ReturnedListModel, NeedsEachOfItsOrders) {
  EXPECT_TRUE(fails_with<ReturnedListModel>({"push", "compare_exchange"}));
  EXPECT_TRUE(fails_with<ReturnedListModel>({"take_all", "exchange"}));
}

}  // namespace
}  // namespace penstock::models
