// Events that travel together: at most 64, and 1 MiB or one larger event. The unit of reference counting.
//
//     batch->refs.add_unshared(mailboxes);    // once, however many events
//     event::release(batch);                  // the last one gives blocks back to their pools, one exchange a pool
//
// Threads: filled by the holder of a claim, then read only. How references are counted: event/references.hpp.

#pragma once

#include "event/memory.hpp"
#include "event/references.hpp"
#include "event/returned_list.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace penstock::event {

struct Block;
class BatchPool;

inline constexpr std::size_t kBatchEventsMax = 64;  // The bits of a mailbox entry's mask.
inline constexpr std::size_t kBatchBytesMax = 1U << 20U;

struct Batch {
  References<> refs = {};
  std::uint32_t count = 0;
  std::size_t bytes = 0;  ///< What holding it costs: its blocks and itself.
  Batch* next = nullptr;
  BatchPool* home = nullptr;  ///< Null: of the general heap, made when the budget was spent.
  std::array<Block*, kBatchEventsMax> blocks = {};

  void add(Block* block) noexcept;  ///< At most kBatchEventsMax times.
};

/// Lets go of one reference. Any thread.
void release(Batch* batch) noexcept;

/// Lets go of batches one after the other, and gives back those that nobody else holds a few at a time: one exchange a
/// pool for all of their blocks, one for themselves. Holds back at most 4, or 256 KiB, until more come or it ends.
///
///     event::Releases releases; while (…) releases.add(mailbox.finish(settled));
class Releases {
 public:
  Releases() = default;
  ~Releases() { give_back(); }
  Releases(const Releases&) = delete;
  Releases& operator=(const Releases&) = delete;

  void add(Batch* batch) noexcept;  ///< Takes over one reference. nullptr: of nothing.

 private:
  void give_back() noexcept;

  static constexpr std::uint32_t kCountMax = 4;
  static constexpr std::size_t kBytesMax = 256U << 10U;
  Batch* chain_ = nullptr;
  std::uint32_t count_ = 0;
  std::size_t bytes_ = 0;
};

/// Batches of one claim, cut from slabs that it keeps. Lives in Memory, since a kept event holds its batch.
class BatchPool {
 public:
  explicit BatchPool(Memory& memory) noexcept : memory_{memory} {}
  ~BatchPool();
  BatchPool(const BatchPool&) = delete;
  BatchPool& operator=(const BatchPool&) = delete;

  /// One with refs 1 and no events. By the claim's holder. When the budget is spent it comes from the general heap: an
  /// accepted event must not wait for memory. nullptr: not even there.
  [[nodiscard]] Batch* take() noexcept;
  void give(Batch* first, Batch* last) noexcept;  ///< Any thread; linked by `next`.
  /// event::release() by the claim's holder, of a batch taken here: it comes back without a locked instruction.
  void release_here(Batch* batch) noexcept;

 private:
  [[nodiscard]] bool refill() noexcept;

  Memory& memory_;
  Batch* mine_ = nullptr;
  char* slabs_ = nullptr;  // Chained by their first word.
  ReturnedList<Batch> returned_;
};

}  // namespace penstock::event
