// The threads that drain shards, and the shards.
//
//     Workers workers{{.workers = 2}, memory, tables, pool};
//     Lane& lane = workers.lane_for_publisher();           // set-up: a shard with room for one more
//     lane.shard.enqueue(token, block); workers.work_came(lane);
//
// An idle worker takes over a whole shard, never single events: that keeps order. It leaves a shard after 4 batches
// when another waits. How workers sleep and wake: os/parking.hpp.
//
// Where callers dispatch (Dispatch::caller) a publisher tries its shard's claim after its enqueue, and drains. If the
// claim is held, the holder's release looks again, as it does for workers: enqueue | fence | claim free? against
// claim := free | fence | queue empty?. A thread that drains already only queues: its outermost drain goes on until no
// shard has unclaimed work, so what handlers publish is handed over by the same thread, without recursion.
//
// Threads: lane_for_publisher under the broker's set-up lock; work_came by any; stop by one.

#pragma once

#include "dispatch/claim.hpp"
#include "dispatch/intake.hpp"
#include "os/atomics.hpp"
#include "os/parking.hpp"
#include <penstock/broker.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

namespace penstock::dispatch {

/// A shard that workers drain, and its claim.
struct Lane : Intake {
  Lane(std::size_t number, event::BatchPool& batches, delivery::SubscriberTables& tables, delivery::HandlerPool& pool)
      : Intake{number}, claim{shard, batches, tables, pool} {}

  Claim claim;
};

class Workers {
 public:
  struct Options {
    std::size_t workers = 0;
    Wait wait = Wait::park;
    Dispatch dispatch = Dispatch::workers;
    std::vector<int> pin = {};
  };

  Workers(Options options, event::Memory& memory, delivery::SubscriberTables& tables, delivery::HandlerPool& pool);
  ~Workers();  ///< After stop().
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// Starts the threads; each holds `owner` until it ends.
  void start(const std::shared_ptr<void>& owner);

  /// The lane with the fewest Publishers; a new one when all have 16. Throws SetupError when kClaimsMax are full.
  [[nodiscard]] Lane& lane_for_publisher();
  /// Tells that events were queued there: wakes a worker, or drains here where callers do.
  void work_came(Lane& lane) noexcept {
    if (options_.dispatch == Dispatch::workers) {
      if (options_.wait == Wait::spin) return;
      parking_.work_came(lane.shard.number(), [&lane] { return !lane.shard.claimed(); });
    } else if (options_.dispatch == Dispatch::caller) {
      drain_here(lane);
    }
  }

  /// Drains up to so many events on this thread; see Broker::poll.
  std::size_t poll(std::size_t events_max) noexcept;

  /// For who ends the broker: a Publisher may not have called for its last events yet.
  void wake_all() noexcept { parking_.wake_all(); }

  /// Every shard is empty and nobody holds a claim: what was queued has been handed over.
  [[nodiscard]] bool idle() const noexcept;
  /// True: all threads have ended; false: at `deadline` one was still in a handler.
  [[nodiscard]] bool stop(std::chrono::steady_clock::time_point deadline) noexcept;

  /// After stop(): counts what is still queued as dropped. A lane whose worker does not return is left alone.
  void drop_rest() noexcept;

  void add_to(HistogramStats& dispatch_duration) const;
  [[nodiscard]] std::size_t lanes() const noexcept { return lane_count_.load(std::memory_order_acquire); }
  [[nodiscard]] std::size_t workers() const noexcept { return options_.workers; }

 private:
  class DrainsHere;

  void run(std::size_t me) noexcept;
  void drain_here(Lane& lane) noexcept;
  [[nodiscard]] std::size_t drain_some(Lane& lane, std::size_t events_max) noexcept;
  [[nodiscard]] Lane* claim_some(std::size_t me) noexcept;
  [[nodiscard]] bool unclaimed_work(const Lane* but = nullptr) const noexcept;
  void drain(Lane& lane) noexcept;
  static void leave(Lane& lane) noexcept;
  Lane& add_lane();

  const Options options_;
  event::Memory& memory_;
  delivery::SubscriberTables& tables_;
  delivery::HandlerPool& pool_;
  os::Parking parking_;
  std::array<std::unique_ptr<Lane>, delivery::kClaimsMax> lanes_;
  os::Atomic<std::size_t> lane_count_{0};
  os::Atomic<bool> stopping_{false};
  os::Atomic<std::size_t> next_to_poll_{0};  // So that poll() comes to every lane.
  std::vector<std::thread> threads_;
  os::Mutex ended_mutex_;
  os::Condition ended_;
  std::size_t running_ = 0;
};

}  // namespace penstock::dispatch
