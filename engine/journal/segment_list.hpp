// The segments that readers may read, and how far. What append, keeper and readers share.
//
//     list.commit(rolled, end_bytes, next_offset);      // append: after the sync
//     if (auto segment = list.segment_of(offset)) …     // a reader
//     list.drop_first();                                // the keeper: after unlinking it
//
// Threads: any; one lock, held for a few words and, when a segment begins, for a push. commit() is the only way for an
// offset to be seen, so nothing is ever read that was not synced.

#pragma once

#include "journal/journal.hpp"
#include "os/atomics.hpp"

#include <atomic>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace penstock::journal {

class SegmentList {
 public:
  /// What opening found: at least one segment.
  void start(std::vector<SegmentInfo> segments, std::uint64_t next_offset);

  /// Segments that began since the last commit, in order, each with the end of the one before it in
  /// `previous_end_bytes`; then the end of the last one.
  struct Rolled {
    std::uint64_t previous_end_bytes = 0;
    SegmentInfo segment = {};
  };
  void commit(std::vector<Rolled>& rolled, std::uint64_t end_bytes, std::uint64_t next_offset);

  [[nodiscard]] std::optional<SegmentInfo> segment_of(std::uint64_t offset) const;
  /// The last one that began before that time, or the first.
  [[nodiscard]] SegmentInfo segment_at(std::int64_t time_ns) const;
  [[nodiscard]] std::vector<SegmentInfo> sealed() const;  ///< All but the last.
  void drop_first();

  [[nodiscard]] std::uint64_t first_offset() const;
  [[nodiscard]] std::uint64_t next_offset() const noexcept { return next_offset_.load(std::memory_order_acquire); }
  [[nodiscard]] std::uint64_t bytes() const;

 private:
  [[nodiscard]] SegmentInfo at(std::size_t index) const;

  mutable os::Mutex mutex_;
  std::deque<SegmentInfo> segments_;
  os::Atomic<std::uint64_t> next_offset_{1};
};

}  // namespace penstock::journal
