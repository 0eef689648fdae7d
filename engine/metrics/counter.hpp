// A counter with one writer: adding is a load and a store, never a locked instruction. Read by any thread.
//
//     tally.accepted.add(1);                 // the one thread that owns the tally
//     sum += tally.accepted.read();          // anybody, at any time
//
// The writer may change if the hand-over between writers is itself a release and an acquire (a claim, a Publisher).

#pragma once

#include "os/atomics.hpp"

#include <atomic>
#include <cstdint>

namespace penstock::metrics {

class Counter {
 public:
  void add(std::uint64_t n) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t read() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  os::Atomic<std::uint64_t> value_{0};
};

}  // namespace penstock::metrics
