// The commit thread: takes what Publishers queued, has the journal store it, tells what became of it, hands it on.
//
//     Commit commit{journal, workers, listener};
//     Intake& intake = commit.intake_for_publisher();            // set-up
//     intake.shard.enqueue(token, block); commit.work_came();    // the Publisher's thread
//
// One append at a time takes up to 1,024 events or 8 MiB of all shards, round robin; while it syncs, the next ones
// gather. So batches grow with the load by themselves, and a lone event waits for nobody: group commit without a timer.
//
//     Publishers ─▶ shards ─▶ gather ─▶ append ─▶ CommitListener (receipts) ─▶ committed list ─▶ one worker at a time
//
// The committed list is the one lane of Workers: a queue with the commit thread as its only Publisher, so events leave
// it in the order of their offsets, and everything behind it is as without a journal. An event counts against its
// Publisher's 65,536 until a worker takes it, which bounds both queues.
//
// Protocol. Sleeping: os/parking.hpp, with one worker, whose claim on the shards is never given up. idle(): the thread
// sets `busy`, fences, then dequeues; who looks sees empty shards, fences, then reads `busy`: having seen the dequeue
// it sees the flag, which falls only when all of the batch is on the committed list.
//
// Threads: one of its own. intake_for_publisher under the set-up lock; work_came, idle, appending_since_ns by any; stop
// by one. Blocking: only its own thread, on the disk. Allocation: none once warm. Errors: see journal/journal.hpp.

#pragma once

#include "dispatch/intake.hpp"
#include "dispatch/workers.hpp"
#include "journal/journal.hpp"
#include "os/atomics.hpp"
#include "os/parking.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <thread>

namespace penstock::dispatch {

/// Told by the commit thread, before anybody else sees the events.
class CommitListener {
 public:
  virtual ~CommitListener() = default;
  /// What became of each event. Blocks that were not stored go back to their pools behind this call.
  virtual void on_append(std::span<event::Block* const> blocks, std::span<const journal::Stored> stored) noexcept = 0;
};

class Commit {
 public:
  static constexpr std::size_t kBytesMax = 8U << 20U;  ///< Of one append, or one larger event.

  Commit(journal::Journal& journal, Workers& workers, CommitListener& listener);
  ~Commit();  ///< After stop().
  Commit(const Commit&) = delete;
  Commit& operator=(const Commit&) = delete;

  void start(std::shared_ptr<void> owner);  ///< The thread holds `owner` until it ends.

  /// The one with the fewest Publishers; a new one when all have 16. Throws SetupError when kClaimsMax are full.
  [[nodiscard]] Intake& intake_for_publisher();

  void work_came() noexcept {
    parking_.work_came(0, [] { return true; });
  }

  /// Everything queued before has its answer from the journal and, if stored, lies on the committed list.
  [[nodiscard]] bool idle() const noexcept;
  /// When the append in progress began, by the steady clock; 0: none is.
  [[nodiscard]] std::int64_t appending_since_ns() const noexcept {
    return appending_since_ns_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::size_t intakes() const noexcept { return intake_count_.load(std::memory_order_acquire); }

  /// Appends what is queued, then ends the thread. False: at `deadline` the disk had not answered; the thread is left
  /// alone with its owner.
  [[nodiscard]] bool stop(std::chrono::steady_clock::time_point deadline) noexcept;

 private:
  void run() noexcept;
  void gather() noexcept;
  [[nodiscard]] bool all_empty() const noexcept;
  void commit_gathered() noexcept;
  void commit(std::span<event::Block* const> blocks) noexcept;
  void hand_on(std::span<event::Block* const> blocks) noexcept;
  static void take_back(event::Block* block) noexcept;
  Intake& add_intake();

  // One more turn of a shard may come on top of a batch that is not full yet.
  static constexpr std::size_t kGatherMax = journal::Journal::kBatchEventsMax + event::kBatchEventsMax;

  journal::Journal& journal_;
  Workers& workers_;
  CommitListener& listener_;
  Lane& committed_;
  Shard::Token token_;
  os::Parking parking_{1};
  std::array<std::unique_ptr<Intake>, delivery::kClaimsMax> intakes_;
  os::Atomic<std::size_t> intake_count_{0};
  std::size_t next_intake_ = 0;  // So that each shard comes first in turn.
  std::array<event::Block*, kGatherMax> gathered_{};
  std::size_t gathered_count_ = 0;
  std::array<journal::Stored, journal::Journal::kBatchEventsMax> stored_{};
  os::Atomic<bool> busy_{false};
  os::Atomic<std::int64_t> appending_since_ns_{0};
  os::Atomic<bool> stopping_{false};
  std::thread thread_;
  os::Mutex ended_mutex_;
  os::Condition ended_cv_;
  bool ended_ = true;
};

}  // namespace penstock::dispatch
