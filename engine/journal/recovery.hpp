// Opens a journal's directory: who holds it, what is whole in it, where the next event goes.
//
//     Recovered found = recover(disk, options);     // throws; the directory is locked from here on
//     enter_ids(index, disk, found.segments, …);    // the ids of the window (journal/known_ids.hpp)
//
// In this order, so that nothing is written before it is known to be ours, and no event is given out before the end is
// certain: lock; state; heads of the segments; the last one from end to end; the cut of a torn end, and a sync, since
// what a killed process wrote may still be on its way; the state with the new epoch.
// Threads: one. Blocking: on the disk; reads the last segment, and verify_bytes_max of those before. Errors: throws
// SetupError (held by another process, wrong options), Damaged, DiskFailed.

#pragma once

#include "journal/journal.hpp"
#include "journal/next_segment.hpp"
#include "journal/state.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace penstock::journal {

struct Recovered {
  std::unique_ptr<os::File> lock = {};
  State state = {};
  std::vector<SegmentInfo> segments = {};
  std::vector<DedupEntry> last_ids = {};  ///< Of the last segment.
  std::unique_ptr<os::File> last = {};    ///< Where appending goes on.
  std::uint64_t position = 0;             ///< In it.
  std::uint64_t capacity = 0;             ///< Its bytes.
  std::uint64_t next_offset = 1;
  std::int64_t last_time_ns = 0;
  Opened opened = {};
};

[[nodiscard]] Recovered recover(os::Disk& disk, const JournalOptions& options);

}  // namespace penstock::journal
