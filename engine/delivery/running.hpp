// Which handlers run on this thread, and who waits for whom: so that unsubscribe from inside a handler, or in a ring of
// handlers that wait for each other, returns instead of waiting for ever.
//
//     const RunningHere here{live};                      // for the time of a run of calls
//     const BarrierWait wait{live};                      // before unsubscribe waits; false: it must not
//     if (wait) …
//
// Threads: RunningHere is thread-local. BarrierWait takes one process-wide lock, at unsubscribe only.

#pragma once

#include "delivery/mailbox.hpp"

namespace penstock::delivery {

class Live;

class RunningHere {
 public:
  explicit RunningHere(const Live& live) noexcept;
  ~RunningHere();
  RunningHere(const RunningHere&) = delete;
  RunningHere& operator=(const RunningHere&) = delete;

  /// Whether a handler of that broker, known by its count, runs on this thread.
  [[nodiscard]] static bool any_of(const RefusingCount& broker) noexcept;
  [[nodiscard]] static bool contains(const Live& live) noexcept;

 private:
  friend class BarrierWait;

  const Live& live_;
  const RunningHere* outer_;
};

class BarrierWait {
 public:
  /// Says that this thread is going to wait for `target`. Converts to false where that would close a ring.
  explicit BarrierWait(const Live& target);
  ~BarrierWait();
  BarrierWait(const BarrierWait&) = delete;
  BarrierWait& operator=(const BarrierWait&) = delete;

  [[nodiscard]] explicit operator bool() const noexcept { return may_wait_; }

 private:
  [[nodiscard]] bool runs_here(const Live* live) const noexcept;
  [[nodiscard]] bool leads_back(const Live* target) const noexcept;

  const Live* target_;
  const RunningHere* frames_;  // Of the waiting thread: it waits, so they stand still.
  BarrierWait* next_ = nullptr;
  bool looked_at_ = false;  // In the search that is being made, under the lock.
  bool may_wait_ = false;

  static BarrierWait* waiting;  // Under the lock in running.cpp.
};

}  // namespace penstock::delivery
