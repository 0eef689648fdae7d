// When a mailbox asks for a thread of the handler pool (engine/delivery/mailbox.hpp), and its end.
//
// Two claim holders put while two threads of a pool run the subscription. What must hold: one thread at a time calls
// the handler; nothing stays queued while nobody is on the way; each putter's batches come in order; every batch is
// released once; matched = ok + dropped. A lost wake-up leaves the pool asleep, which relacy reports as a deadlock.
//
// The mailbox is the engine's. The pool is a model of HandlerPool::schedule and run (a lock, a condition and what is
// ready), its threads do what Live::run_queued does: one entry a turn, or all. What lies in the Ring is not watched for
// races; the flags and counters beside it are, and they are touched wherever it is.
//
// A mailbox has a lock, so there are no orders to weaken. Planted: the lock of put, begin, finish, finish_and_begin and
// close left out.

#include "delivery/mailbox_code.hpp"
#include "models/relacy_atomics.hpp"

namespace penstock::models {
namespace {

struct ModelBlock {
  std::int64_t time_ns = 0;
};

struct ModelBatch {
  std::size_t bytes = 1;
  ModelBlock block;
  std::array<ModelBlock*, 1> blocks = {&block};
  RelacyPlain<int> released;
};

void release(ModelBatch* batch) { batch->released += 1; }

using ModelMailbox = delivery::BasicMailbox<ModelBatch, RelacyAtomics>;

/// What HandlerPool is to one subscription.
class ModelPool {
 public:
  void schedule() {
    const RelacyAtomics::Lock lock{mutex_};
    ready_ += 1;
    work_.notify_one();
  }
  void stop() {
    const RelacyAtomics::Lock lock{mutex_};
    stopping_ = true;
    work_.notify_all();
  }
  /// False: stopped.
  bool take() {
    RelacyAtomics::Lock lock{mutex_};
    work_.wait(lock, [this] { return stopping_ || ready_ != 0; });
    if (stopping_) return false;
    ready_ -= 1;
    return true;
  }

 private:
  RelacyAtomics::Mutex mutex_;
  RelacyAtomics::Condition work_;
  RelacyPlain<int> ready_;
  RelacyPlain<bool> stopping_ = false;
};

/// Two putters of two batches each, two pool threads; `kBytesMax` is the mailbox's room: 4 takes all, 1 drops the
/// oldest.
template <std::size_t kBytesMax>
struct MailboxModel : rl::test_suite<MailboxModel<kBytesMax>, 4> {
  static constexpr unsigned kBatches = 4;
  RelacyAtomic<std::uint32_t> refusing{0};
  ModelBatch batches[kBatches];
  ModelMailbox mailbox{kBytesMax, Overflow::drop_oldest, refusing};
  ModelPool pool;
  RelacyPlain<int> calls;  // The handler's own: no lock guards it but the mailbox's promise.
  RelacyPlain<int> told;
  RelacyPlain<int> last[2] = {-1, -1};

  void handle(const ModelBatch* batch) {
    const auto number = static_cast<int>(batch - &batches[0]);
    RL_ASSERT(batch->released == 0);
    RL_ASSERT(last[number / 2] < number);
    last[number / 2] = number;
    calls += 1;
  }

  void run_queued() {
    ModelMailbox::Entry entry;
    std::uint64_t gap = 0;
    const auto next = mailbox.begin(entry, gap);
    if (gap != 0) told += static_cast<int>(gap);
    if (next == ModelMailbox::Next::entry) {
      handle(entry.batch);
      if (calls + told == kBatches) pool.stop();
      if (ModelBatch* done = mailbox.finish({.mask = entry.mask, .ok = 1})) release(done);
    } else if (next == ModelMailbox::Next::nothing) {
      return;
    }
    pool.schedule();  // There may be more.
  }

  void thread(unsigned index) {
    if (index < 2) {
      for (unsigned i = 0; i < 2; ++i) {
        if (mailbox.put(&batches[index * 2 + i], 1)) pool.schedule();
      }
    } else {
      while (pool.take()) run_queued();
    }
  }

  void after() {
    SubscriptionStats stats;
    mailbox.add_to(stats);
    RL_ASSERT(stats.matched == kBatches && stats.matched == stats.ok + stats.dropped);
    RL_ASSERT(stats.ok == static_cast<std::uint64_t>(calls) && stats.dropped == static_cast<std::uint64_t>(told));
    for (const ModelBatch& batch : batches) RL_ASSERT(batch.released == 1);
  }
};

/// A putter, a pool thread, and one who closes, waits, and destroys the handler.
struct ClosingModel : rl::test_suite<ClosingModel, 3> {
  RelacyAtomic<std::uint32_t> refusing{0};
  ModelBatch batches[2];
  ModelMailbox mailbox{8, Overflow::drop_oldest, refusing};
  ModelPool pool;
  RelacyPlain<int> calls;
  RelacyPlain<bool> destroyed = false;

  void run_queued() {
    ModelMailbox::Entry entry;
    std::uint64_t gap = 0;
    auto next = mailbox.begin(entry, gap);
    while (next != ModelMailbox::Next::nothing) {
      if (next == ModelMailbox::Next::gap_only) {
        next = mailbox.begin(entry, gap);
        continue;
      }
      RL_ASSERT(!destroyed);
      calls += 1;
      ModelBatch* done = nullptr;
      next = mailbox.finish_and_begin({.mask = entry.mask, .ok = 1}, entry, gap, done);
      if (done != nullptr) release(done);
    }
  }

  void thread(unsigned index) {
    if (index == 0) {
      for (ModelBatch& batch : batches) {
        if (mailbox.put(&batch, 1)) pool.schedule();
      }
    } else if (index == 1) {
      while (pool.take()) run_queued();
    } else {
      mailbox.close(true);
      destroyed = true;
      calls = -1;
      pool.stop();
    }
  }

  void after() {
    SubscriptionStats stats;
    mailbox.add_to(stats);
    RL_ASSERT(stats.matched == stats.ok + stats.dropped);
    for (const ModelBatch& batch : batches) RL_ASSERT(batch.released == 1);
  }
};

using Roomy = MailboxModel<4>;
using Overflowing = MailboxModel<1>;

TEST(MailboxModel, RunsOneAtATimeAndForgetsNobody) { EXPECT_TRUE(holds<Roomy>()); }
TEST(MailboxModel, CountsWhatItDrops) { EXPECT_TRUE(holds<Overflowing>()); }
TEST(MailboxModel, CallsNobodyOnceItIsClosed) { EXPECT_TRUE(holds<ClosingModel>()); }

TEST(MailboxModel, NeedsItsLockEverywhere) {
  EXPECT_TRUE(fails_with<Roomy>({"put", "lock"}));
  EXPECT_TRUE(fails_with<Roomy>({"begin", "lock"}));
  EXPECT_TRUE(fails_with<Roomy>({"finish", "lock"}));
  EXPECT_TRUE(fails_with<ClosingModel>({"finish_and_begin", "lock"}));
  EXPECT_TRUE(fails_with<ClosingModel>({"close", "lock"}));
}

}  // namespace
}  // namespace penstock::models
