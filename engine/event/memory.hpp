// The memory budget, and what everything with bytes in it is cut from.
//
//     char* slab = memory.take_slab();              // 1 MiB, or nullptr: the budget is spent
//     if (!memory.charge(kChargeStep)) …            // for a mapping of its own
//
// Counted are slabs that somebody holds and what is charged; slabs given back are kept (up to 16) for the next taker,
// inside the budget, and let go when a charge needs their room. So used() <= budget(), always.
// Lifetime: counted references. The broker holds one, and each event that a caller keeps: an event may outlive the
// broker. Threads: any. take_slab and give_slab take a lock for some nanoseconds, once per MiB; charge() is one atomic
// add.

#pragma once

#include "os/atomics.hpp"

#include <atomic>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::event {

class BatchPool;
class BlockPool;

inline constexpr std::size_t kSlabBytes = 1U << 20U;
inline constexpr std::size_t kChargeStep = 64U << 10U;

class Memory {
 public:
  /// Born with one reference, the caller's.
  [[nodiscard]] static Memory* make(std::size_t bytes_max);
  void ref() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
  void unref() noexcept;  ///< The last one frees everything.

  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  [[nodiscard]] char* take_slab() noexcept;
  void give_slab(char* slab) noexcept;
  [[nodiscard]] bool charge(std::size_t bytes) noexcept;
  void uncharge(std::size_t bytes) noexcept;

  /// Has every pool give back the slabs that are empty. For who found the budget spent. O(pools).
  void reclaim() noexcept;

  /// A pool for a new Publisher, one that an earlier Publisher left if there is any. May throw std::bad_alloc.
  [[nodiscard]] BlockPool& adopt_pool();
  void leave_pool(BlockPool& pool) noexcept;
  /// For a new claim. May throw std::bad_alloc.
  [[nodiscard]] BatchPool& add_batch_pool();

  /// A copy of a topic's or a source's name that events point to, and that lives as long as they.
  [[nodiscard]] std::string_view keep_name(std::string_view name);

  [[nodiscard]] std::size_t used() const noexcept;
  [[nodiscard]] std::size_t budget() const noexcept { return bytes_max_; }

 private:
  explicit Memory(std::size_t bytes_max);
  ~Memory();
  [[nodiscard]] bool drop_kept_slab() noexcept;

  const std::size_t bytes_max_;
  os::Atomic<std::size_t> references_{1};
  os::Atomic<std::size_t> charged_{0};  // Slabs, kept ones too, and charges.
  os::Atomic<std::size_t> kept_count_{0};
  os::Mutex slabs_mutex_;  // Never held while another lock is taken.
  std::vector<char*> kept_;
  os::Mutex pools_mutex_;  // Before a pool's own lock.
  std::vector<std::unique_ptr<BlockPool>> pools_;
  std::vector<BlockPool*> left_;
  std::vector<std::unique_ptr<BatchPool>> batch_pools_;
  std::deque<std::string> names_;
};

}  // namespace penstock::event
