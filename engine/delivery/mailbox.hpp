// A subscription's own queue: batches, and of each the events it wants. Bounded by bytes.
//
//     claim holder:  batch->refs was raised;  if (mailbox.put(batch, mask)) wake_subscriber();
//     subscriber:    while (mailbox.begin(entry, gap) == Mailbox::Next::entry) { …; mailbox.finish(settled); }
//
// A lock, not a lock-free queue: it is taken once per batch and subscription (0.3 to 1 ns an event at 32 a batch), and
// dropping the oldest from the putting side, byte accounts and the barrier need one view of the whole. Nothing is
// called, freed or waited for under it. (docs/adr/0006)
//
// Threads: put() by any claim holder; begin/finish by one subscriber at a time; the rest by any.

#pragma once

#include "delivery/ring.hpp"
#include "event/batch.hpp"
#include <penstock/stats.hpp>
#include <penstock/subscription.hpp>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace penstock::delivery {

/// Full subscriptions whose publishers are to be refused. 0 as a rule; publishers look at it and at nothing else.
using RefusingCount = std::atomic<std::uint32_t>;

class Mailbox {
 public:
  struct Entry {
    event::Batch* batch = nullptr;
    std::uint64_t mask = 0;  ///< Bit i: the batch's event i is wanted and not settled.
  };
  /// What the subscriber did with some events of the entry it had begun.
  struct Settled {
    std::uint64_t mask = 0;
    std::uint64_t ok = 0;
    std::uint64_t dead = 0;
  };
  enum class Next : std::uint8_t { entry, gap_only, nothing };

  Mailbox(std::size_t bytes_max, Overflow overflow, RefusingCount& refusing_count) noexcept
      : bytes_max_{bytes_max}, overflow_{overflow}, refusing_count_{refusing_count} {}
  ~Mailbox();
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  /// Takes over one reference on `batch`, whatever comes of it. True: the subscriber slept and is to be woken.
  [[nodiscard]] bool put(event::Batch* batch, std::uint64_t mask) noexcept;

  /// The oldest entry, which stays in place until finish(); `gap` gets how many events were dropped since last told.
  /// `gap_only`: tell it and begin again; until then it counts as running. `nothing`: the next put() asks for a wake-up
  /// again.
  [[nodiscard]] Next begin(Entry& entry, std::uint64_t& gap) noexcept;
  /// Ends what begin() began.
  void finish(const Settled& settled) noexcept;

  /// Takes nothing more and forgets what is queued (dropped); an entry that was begun is left to its finish().
  /// `wait`: until that finish(), or until a gap has been told. True: nothing of it is running now.
  bool close(bool wait) noexcept;

  [[nodiscard]] bool ended() const noexcept;     ///< Closed, or disconnected by overflow.
  [[nodiscard]] bool idle() const noexcept;      ///< Nothing queued, nothing begun.
  [[nodiscard]] bool owes_gap() const noexcept;  ///< Dropped events that the subscriber has not been told of.
  [[nodiscard]] bool refusing() const noexcept;
  [[nodiscard]] const RefusingCount& refusing_count() const noexcept { return refusing_count_; }
  void add_to(SubscriptionStats& stats) const;

 private:
  void drop_oldest_for(std::size_t bytes) noexcept;  // These: under the lock.
  void drop_all() noexcept;
  void drop_front() noexcept;
  void end_refusing() noexcept;
  void release_dropped(std::unique_lock<std::mutex>& lock) noexcept;

  const std::size_t bytes_max_;
  const Overflow overflow_;
  RefusingCount& refusing_count_;
  mutable std::mutex mutex_;
  std::condition_variable finished_;
  Ring<Entry> entries_;
  Ring<event::Batch*> dropped_batches_;  // To be released when the lock is open.
  std::size_t bytes_ = 0;
  std::uint64_t matched_ = 0, ok_ = 0, dead_ = 0, dropped_ = 0, untold_gap_ = 0;
  bool running_ = false, telling_ = false, scheduled_ = false, ended_ = false, refusing_ = false;
};

}  // namespace penstock::delivery
