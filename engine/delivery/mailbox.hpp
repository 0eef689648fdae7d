// A subscription's own queue: batches, and of each the events it wants. Bounded by bytes.
//
//     claim holder:  batch->refs was raised;  if (mailbox.put(batch, mask)) wake_subscriber();
//     subscriber:    next = mailbox.begin(entry, gap);
//                    while (next == Mailbox::Next::entry) { …; next = mailbox.finish_and_begin(settled, entry, gap,
//                    done); }
//
// A lock, not a lock-free queue: it is taken once per batch and subscription (0.3 to 1 ns an event at 32 a batch), and
// dropping the oldest from the putting side, byte accounts and the barrier need one view of the whole. Nothing is
// called, freed or waited for under it. (docs/adr/0006)
//
// Protocol. `scheduled_` says that a subscriber is on its way: put() sets it and asks for a wake-up only where it was
// not set; begin() clears it only where it finds nothing, under the same lock, and after that the subscriber must not
// touch the mailbox until it is woken anew. So one subscriber at a time runs, and none sleeps while an entry waits.
// `running_` keeps a begun entry in place until its finish; close(true) waits for that.
// Model: tests/models/mailbox_model.cpp.
//
// Threads: put() by any claim holder; begin/finish by one subscriber at a time; the rest by any.

#pragma once

#include "delivery/ring.hpp"
#include "event/batch.hpp"
#include "os/atomics.hpp"
#include <penstock/stats.hpp>
#include <penstock/subscription.hpp>

#include <cstddef>
#include <cstdint>

namespace penstock::delivery {

/// Full subscriptions whose publishers are to be refused. 0 as a rule; publishers look at it and at nothing else.
template <class Atomics>
using BasicRefusingCount = typename Atomics::template Atomic<std::uint32_t>;
using RefusingCount = BasicRefusingCount<os::StdAtomics>;

/// `Batch` has `bytes` and `blocks`, and there is a release(Batch*).
template <class Batch, class Atomics>
class BasicMailbox {
 public:
  struct Entry {
    Batch* batch = nullptr;
    std::uint64_t mask = 0;  ///< Bit i: the batch's event i is wanted and not settled.
  };
  /// What the subscriber did with some events of the entry it had begun.
  struct Settled {
    std::uint64_t mask = 0;
    std::uint64_t ok = 0;
    std::uint64_t dead = 0;
  };
  enum class Next : std::uint8_t { entry, gap_only, nothing };

  BasicMailbox(std::size_t bytes_max, Overflow overflow, BasicRefusingCount<Atomics>& refusing_count) noexcept
      : bytes_max_{bytes_max}, overflow_{overflow}, refusing_count_{refusing_count} {}
  ~BasicMailbox() { close(false); }
  BasicMailbox(const BasicMailbox&) = delete;
  BasicMailbox& operator=(const BasicMailbox&) = delete;

  /// Takes over one reference on `batch`, whatever comes of it. True: the subscriber slept and is to be woken.
  [[nodiscard]] bool put(Batch* batch, std::uint64_t mask) noexcept;

  /// The oldest entry, which stays in place until finish(); `gap` gets how many events were dropped since last told.
  /// `gap_only`: tell it and begin again; until then it counts as running. `nothing`: the next put() asks for a wake-up
  /// again.
  [[nodiscard]] Next begin(Entry& entry, std::uint64_t& gap) noexcept;
  /// Ends what begin() began. What is done with is the caller's: the batch whose last wanted event was settled, if any.
  [[nodiscard]] Batch* finish(const Settled& settled) noexcept;
  /// finish() into `done`, then begin(), under one lock: one who is behind pays for one lock an entry.
  [[nodiscard]] Next finish_and_begin(const Settled& settled, Entry& entry, std::uint64_t& gap, Batch*& done) noexcept;

  /// Takes nothing more and forgets what is queued (dropped); an entry that was begun is left to its finish().
  /// `wait`: until that finish(), or until a gap has been told. True: nothing of it is running now.
  bool close(bool wait) noexcept;

  [[nodiscard]] bool ended() const noexcept;     ///< Closed, or disconnected by overflow.
  [[nodiscard]] bool idle() const noexcept;      ///< Nothing queued, nothing begun.
  [[nodiscard]] bool owes_gap() const noexcept;  ///< Dropped events that the subscriber has not been told of.
  [[nodiscard]] bool refusing() const noexcept;
  [[nodiscard]] const BasicRefusingCount<Atomics>& refusing_count() const noexcept { return refusing_count_; }
  void add_to(SubscriptionStats& stats) const;

 private:
  template <class T>
  using Plain = typename Atomics::template Plain<T>;
  using Guard = typename Atomics::Guard;
  using Lock = typename Atomics::Lock;

  [[nodiscard]] Batch* settle(const Settled& settled) noexcept;  // These: under the lock.
  [[nodiscard]] Next begin_next(Entry& entry, std::uint64_t& gap) noexcept;
  void drop_oldest_for(std::size_t bytes) noexcept;
  void drop_all() noexcept;
  void drop_front() noexcept;
  void end_refusing() noexcept;
  void release_dropped(Lock& lock) noexcept;  // Opens the lock, if it released any.

  const std::size_t bytes_max_;
  const Overflow overflow_;
  BasicRefusingCount<Atomics>& refusing_count_;
  mutable typename Atomics::Mutex mutex_;
  typename Atomics::Condition finished_;
  Ring<Entry> entries_;
  Ring<Batch*> dropped_batches_;  // To be released when the lock is open.
  Plain<std::size_t> bytes_ = 0;
  Plain<std::uint64_t> matched_ = 0, ok_ = 0, dead_ = 0, dropped_ = 0, untold_gap_ = 0;
  Plain<bool> running_ = false, telling_ = false, scheduled_ = false, ended_ = false, refusing_ = false;
};

using Mailbox = BasicMailbox<event::Batch, os::StdAtomics>;
extern template class BasicMailbox<event::Batch, os::StdAtomics>;

}  // namespace penstock::delivery
