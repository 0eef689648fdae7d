// Reads one segment from end to end and judges it: what is whole, what is torn, what is damaged.
//
//     const Walked walked = walk(*file, {.name = name, .first_offset = 1, .next_first = 0, …}, each);
//
// The rule. A segment before the last was synced whole, so whatever is missing in it is damage. In the last one a
// record that is not whole may be the end of a batch that was being written when the power went: then nothing behind
// it proves otherwise. It is damage all the same if
//   - a whole header lies behind whose batch began after it: that batch was written after a sync of this record;
//   - the journal's state says that all up to there was synced.
// A batch torn in its middle may leave whole records behind the torn one: they go with it, no receipt was given.
//
// A running broker may write while this reads: what is missing is read once more before it counts as damage.
//
// Threads: one. Blocking: reads every byte that was written. Errors: throws DiskFailed; damage is told, not thrown.

#pragma once

#include "journal/scan.hpp"
#include "journal/trouble.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace penstock::journal {

struct WalkFrom {
  std::string path = {};
  std::string name = {};
  std::uint64_t first_offset = 1;
  std::uint64_t next_first = 0;   ///< Of the segment behind it; 0: it is the last.
  std::uint64_t synced_next = 1;  ///< All below it was synced.
  std::uint32_t epoch = 0;
  std::uint32_t crc_seed = 0;
};

struct Walked {
  std::uint64_t events = 0;
  std::uint64_t next_offset = 0;   ///< One past the last that is whole.
  std::uint64_t end_position = 0;  ///< Behind the last whole record.
  std::uint32_t epoch = 0;
  std::int64_t first_time_ns = 0;
  std::int64_t last_time_ns = 0;
  bool torn = false;  ///< Bytes of a batch that was never synced lie behind end_position.
  std::vector<Damage> damaged = {};
};

using EachRecord = std::function<bool(const RecordView&)>;  ///< False: enough.

[[nodiscard]] Walked walk(const os::File& file, const WalkFrom& from, const EachRecord& each = {});

}  // namespace penstock::journal
