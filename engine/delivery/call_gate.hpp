// What unsubscribe closes: after it nobody calls the handler, and those who were calling it have left.
//
//     CallGate<>::call(reader.current, live, [&](bool closed) { if (!closed) … }, [&] { … });      // a claim's holder
//     if (gate.mark_closed()) { … take it out of the table …; gate.await_calls(in_call); … destroy the handler … }
//
// Protocol. `current` names the subscription that a claim calls, for a run of calls; unsubscribe waits while some claim
// names it. The frequent side pays for no fence: os/barrier.hpp makes the two places below a pair (Dekker).
//   call         current := live (release)    | light barrier | closed?  no: call the handler. current := none
//   (release) unsubscribe  closed := true, new table    | heavy barrier | is it some claim's current (acquire)?  yes:
//   wait
// So a claim either sees `closed` and passes by, or is seen in the call and waited for; and what the call did is before
// the handler's end.
// Where waiting could not end (inside the handler itself, or in a ring of handlers) the end is deferred:
//   call's end   current := none              | light barrier | closed, deferred?  then may_destroy
//   unsubscribe  deferred := true             | heavy barrier | may_destroy
// may_destroy runs a heavy barrier of its own before it looks whether somebody is in a call: of two claims that leave
// at the same time at least one sees that the other has left. One exchange picks who destroys.
// Model: tests/models/call_gate_model.cpp.
//
// Threads: call by the holder of the claim that `current` belongs to; the rest by any. Blocking: await_calls only.

#pragma once

#include "os/atomics.hpp"

#include <atomic>

namespace penstock::delivery {

template <class Atomics = os::StdAtomics>
class CallGate {
 public:
  /// deliver(closed) while `current` names `live`; left(), if it was closed by then.
  template <class Current, class Live, class Deliver, class Left>
  static void call(Current& current, Live& live, Deliver deliver, Left left) noexcept {
    current.store(&live, std::memory_order_release);
    Atomics::light_barrier();
    deliver(live.closed());
    current.store(nullptr, std::memory_order_release);
    Atomics::light_barrier();
    if (live.closed()) left();
  }

  /// False: it was closed before.
  [[nodiscard]] bool mark_closed() noexcept { return !closed_.exchange(true, std::memory_order_seq_cst); }
  [[nodiscard]] bool closed() const noexcept { return closed_.load(std::memory_order_relaxed); }

  /// After mark_closed: waits until no claim is in a call, and none will begin one.
  template <class InCall>
  void await_calls(InCall in_call) const noexcept {
    Atomics::heavy_barrier();
    while (in_call()) Atomics::pause();
  }

  void defer_destruction() noexcept { deferred_.store(true, std::memory_order_seq_cst); }
  [[nodiscard]] bool deferred() const noexcept { return deferred_.load(std::memory_order_acquire); }

  /// Whether the end was deferred and nobody is in a call.
  template <class InCall>
  [[nodiscard]] bool may_destroy(InCall in_call) const noexcept {
    if (!deferred()) return false;
    Atomics::heavy_barrier();
    return !in_call();
  }

  /// True for one caller: it destroys.
  [[nodiscard]] bool take_destruction() noexcept { return !destroyed_.exchange(true, std::memory_order_acq_rel); }

 private:
  typename Atomics::template Atomic<bool> closed_{false};
  typename Atomics::template Atomic<bool> deferred_{false};
  typename Atomics::template Atomic<bool> destroyed_{false};
};

}  // namespace penstock::delivery
