// How many hold a batch. The last one to let go gives it back.
//
//     references.start();  references.add_unshared(mailboxes);  if (references.let_go()) give_back();
//
// Protocol. Who adds holds one already, so adding is relaxed. Letting go is acq_rel: what a holder read and wrote comes
// before what the last one does with the batch. A count of one that we hold is final, since nobody can add who holds
// none: so the last one needs but a look (acquire, against the others' release), no locked instruction.
// add_unshared() is for the only holder, before it lets others know of the batch (by a mailbox's lock, which orders).
// Model: tests/models/returned_list_model.cpp.
//
// Threads: any that holds one. Cost: one locked instruction; none for the last holder, nor for add_unshared.

#pragma once

#include "os/atomics.hpp"

#include <atomic>
#include <cstdint>

namespace penstock::event {

template <class Atomics = os::StdAtomics>
class References {
 public:
  /// One reference, the caller's. Before anybody else knows of it.
  void start() noexcept { count_.store(1, std::memory_order_relaxed); }
  void add(std::uint32_t more) noexcept { count_.fetch_add(more, std::memory_order_relaxed); }
  void add_unshared(std::uint32_t more) noexcept { count_.store(count() + more, std::memory_order_relaxed); }

  /// True: it was the last one.
  [[nodiscard]] bool let_go() noexcept {
    return count_.load(std::memory_order_acquire) == 1 || count_.fetch_sub(1, std::memory_order_acq_rel) == 1;
  }

  [[nodiscard]] std::uint32_t count() const noexcept { return count_.load(std::memory_order_relaxed); }

 private:
  typename Atomics::template Atomic<std::uint32_t> count_{0};
};

}  // namespace penstock::event
