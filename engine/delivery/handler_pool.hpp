// Runs the handlers of queued subscriptions, each subscription on one thread at a time.
//
//     pool.schedule(live);        // its mailbox has its first entry
//
// The pool keeps `threads_min` threads and grows while all of them are stuck in handlers: when work has waited 2 ms and
// no thread took any meanwhile, one more is started, up to one per waiting subscription and kThreadsMax. A thread idle
// for 10 s goes. So a slow handler delays no other subscription by more than those 2 ms.
//
// Threads: schedule() by any; a short lock, once per mailbox that fills, not per event. The threads share their state,
// so that stop() may leave behind one whose handler does not return.

#pragma once

#include "delivery/live.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

namespace penstock::delivery {

class HandlerPool {
 public:
  static constexpr std::size_t kThreadsMax = 256;

  /// `after_run` is called on the pool's thread when a closed subscription's run has ended. A thread left behind by
  /// stop() holds `memory`, and what `after_run` holds.
  HandlerPool(std::size_t threads_min, event::Memory& memory, std::function<void(Live&)> after_run);
  ~HandlerPool();  ///< Stops, and waits for no handler.
  HandlerPool(const HandlerPool&) = delete;
  HandlerPool& operator=(const HandlerPool&) = delete;

  void schedule(std::shared_ptr<Live> live) noexcept;

  /// Runs nothing more. True: all threads have ended; false: at `deadline` some handler was still running.
  bool stop(std::chrono::steady_clock::time_point deadline) noexcept;

  [[nodiscard]] std::size_t threads() const noexcept;

 private:
  struct State;
  static void start_thread(const std::shared_ptr<State>& state);
  static void find_thread(const std::shared_ptr<State>& state);
  static void run(const std::shared_ptr<State>& state);
  static void watch(const std::shared_ptr<State>& state);

  std::shared_ptr<State> state_;
};

}  // namespace penstock::delivery
