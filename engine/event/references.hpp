// How many hold a batch. The last one to let go gives it back.
//
//     references.start();  references.add(mailboxes);  if (references.let_go()) give_back();
//
// Protocol. Who adds holds one already, so adding is relaxed. Letting go is acq_rel: what a holder read and wrote comes
// before what the last one does with the batch. let_go_unshared() is for who may be the only holder: a count of one
// that we hold is final, since nobody can add who holds none, so a look (acquire, against the others' release) saves
// the locked instruction. Model: tests/models/returned_list_model.cpp.
//
// Threads: any that holds one. Cost: one locked instruction; let_go_unshared by the only holder: none.

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

  /// True: it was the last one.
  [[nodiscard]] bool let_go() noexcept { return count_.fetch_sub(1, std::memory_order_acq_rel) == 1; }
  [[nodiscard]] bool let_go_unshared() noexcept { return count_.load(std::memory_order_acquire) == 1 || let_go(); }

  [[nodiscard]] std::uint32_t count() const noexcept { return count_.load(std::memory_order_relaxed); }

 private:
  typename Atomics::template Atomic<std::uint32_t> count_{0};
};

}  // namespace penstock::event
