// Where a Publisher's blocks come from and go back to.
//
//     Block* block = pool.take(Block::size_for(area, payload));   // the Publisher's thread; nullptr: budget spent
//     pool.give(block);                                           // the same thread, an event that was never queued
//     pool.give_back(first, last);                                // any thread: a chain of delivered ones, one CAS
//
// Blocks up to kBlockBytesMax come in size classes (two to a doubling, so at most a third is air), cut from slabs of
// 1 MiB. The Publisher pops from a magazine a class without any atomic; an empty magazine is refilled under the pool's
// lock, about once per slab. Larger ones are mappings of their own, charged per 64 KiB.
//
// The way back: event/returned_list.hpp; whoever takes the list holds the pool's lock. Free lists of slabs are touched
// only under it, by the owner's refill or by trim(), which any thread may call when the budget is spent.

#pragma once

#include "event/block.hpp"
#include "event/memory.hpp"
#include "event/returned_list.hpp"
#include "os/atomics.hpp"

#include <array>
#include <cstddef>

namespace penstock::event {

inline constexpr std::array<std::size_t, 17> kBlockClasses = {
    512,        768,        1U << 10U,  1536,       2U << 10U,  3U << 10U,  4U << 10U,  6U << 10U,  8U << 10U,
    12U << 10U, 16U << 10U, 24U << 10U, 32U << 10U, 48U << 10U, 64U << 10U, 96U << 10U, 128U << 10U};
inline constexpr std::size_t kBlockBytesMax = kBlockClasses.back();

class BlockPool;

/// The head of a slab that is cut into blocks of one class.
struct Slab {
  /// Stays when an empty slab goes back to Memory: it may return, cut as it is. Whoever else uses a slab writes to its
  /// first word, and a fresh one is zero.
  BlockPool* cut_by = nullptr;
  Slab* next = nullptr;
  Slab* previous = nullptr;
  Block* free = nullptr;
  std::size_t free_count = 0;
  std::size_t block_count = 0;
  std::size_t size_class = 0;
};

class BlockPool {
 public:
  explicit BlockPool(Memory& memory) noexcept : memory_{memory} {}
  ~BlockPool();  ///< All blocks are back.
  BlockPool(const BlockPool&) = delete;
  BlockPool& operator=(const BlockPool&) = delete;

  /// At least `bytes`, not laid out. Owner only. Above kBlockBytesMax: mapped, and charged for `charge_now` bytes.
  [[nodiscard]] Block* take(std::size_t bytes, std::size_t charge_now) noexcept;
  void give(Block* block) noexcept;                    ///< Owner only.
  void give_back(Block* first, Block* last) noexcept;  ///< Any thread; linked by `next`.
  void trim() noexcept;                                ///< Any thread.
  void put_magazines_back() noexcept;                  ///< Owner only, or when it has gone.

  /// Charges a mapped block up to `bytes` of its beginning. False: the budget is spent. Owner only.
  [[nodiscard]] bool charge_up_to(Block* block, std::size_t bytes) noexcept;

  [[nodiscard]] Memory& memory() const noexcept { return memory_; }

  /// Events of this pool queued by its owner so far, and taken from shards so far (by holders of claims).
  std::uint64_t queued = 0;
  alignas(64) os::Atomic<std::uint64_t> drained{0};

 private:
  struct SizeClass {
    Block* magazine = nullptr;  // The owner's.
    Slab* partial = nullptr;    // Slabs with free blocks, under the lock.
  };

  [[nodiscard]] Block* take_mapped(std::size_t bytes, std::size_t charge_now) noexcept;
  [[nodiscard]] bool refill(std::size_t size_class) noexcept;
  [[nodiscard]] static bool refill_from_slabs(SizeClass& pool_class) noexcept;
  [[nodiscard]] bool add_slab(std::size_t size_class) noexcept;
  void sort_in_returned() noexcept;  // The next four: under the lock.
  void sort_in(Block* block) noexcept;
  static void link(SizeClass& pool_class, Slab* slab) noexcept;
  static void unlink(SizeClass& pool_class, Slab* slab) noexcept;
  void unmap(Block* block) noexcept;

  Memory& memory_;
  os::Mutex mutex_;
  std::array<SizeClass, kBlockClasses.size()> classes_{};
  alignas(64) ReturnedList<Block> returned_;
};

}  // namespace penstock::event
