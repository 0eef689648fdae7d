// The writing end: what came already, offsets, one gathered write, one sync, then the end is moved.
//
//     Appender appender{list, next, recovered, index};
//     appender.append(blocks, stored);           // the commit thread
//     if (const DiskFailed* why = appender.failure()) …   // any thread
//
// A batch goes to the segment's end and on into the next one: what lies in the old one is synced before the new one
// begins, so only the last segment can be torn. Readers see nothing of a batch before all of it is synced.
// Threads: append by one; failure(), nearly_used_up(), last_sync_ns() and known_since_ms() by any.
// Blocking: on the disk. Allocation: when a segment begins. Errors: the first one is final.

#pragma once

#include "journal/dedup_index.hpp"
#include "journal/journal.hpp"
#include "journal/next_segment.hpp"
#include "journal/recovery.hpp"
#include "journal/segment_list.hpp"
#include "os/atomics.hpp"
#include "os/file.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace penstock::journal {

class Appender {
 public:
  Appender(SegmentList& list, NextSegment& next, Recovered& recovered, DedupIndex& index);

  void append(std::span<event::Block* const> blocks, std::span<Stored> stored) noexcept;

  [[nodiscard]] const DiskFailed* failure() const noexcept { return failed_.load(std::memory_order_acquire); }
  [[nodiscard]] bool nearly_used_up() const noexcept { return nearly_used_up_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::int64_t last_sync_ns() const noexcept { return last_sync_ns_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::int64_t known_since_ms() const noexcept { return known_since_ms_.load(std::memory_order_relaxed); }

 private:
  [[nodiscard]] Stored take(event::Block& block);
  [[nodiscard]] Outcome make_room(std::size_t bytes);
  [[nodiscard]] bool begin_segment();
  [[nodiscard]] bool write();
  [[nodiscard]] bool sync();
  void commit();
  void fail(const char* doing, const std::string& path, int error);

  SegmentList& list_;
  NextSegment& next_;
  DedupIndex& index_;
  std::unique_ptr<os::File> file_;
  std::string path_;
  std::uint64_t position_;  // Of the next record.
  std::uint64_t capacity_;  // Of the file.
  std::uint64_t written_;   // Up to here it was handed to the system.
  std::uint64_t next_offset_;
  std::uint64_t batch_first_ = 0;
  std::int64_t time_ns_;
  const std::uint32_t epoch_;
  const std::uint32_t crc_seed_;
  std::uint32_t segment_crc_seed_;
  std::array<os::Piece, os::kPiecesMax> pieces_{};
  std::size_t piece_count_ = 0;
  bool full_ = false;  // In this batch a segment could not be set aside.
  std::vector<SegmentList::Rolled> rolled_;
  std::optional<DiskFailed> failure_;
  os::Atomic<const DiskFailed*> failed_{nullptr};
  os::Atomic<bool> nearly_used_up_{false};
  os::Atomic<std::int64_t> last_sync_ns_{0};
  os::Atomic<std::int64_t> known_since_ms_{0};
};

}  // namespace penstock::journal
