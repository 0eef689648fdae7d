// Looks a journal's directory over without changing a byte: for `penstock journal stat|verify|export`.
//
//     const Survey found = survey(os::disk(), dir, {.from_offset = 12}, [](const RecordView& r) { return print(r); });
//     for (const Damage& damage : found.damaged) std::cout << damage.text() << '\n';
//
// Takes no lock: the journal of a running broker may be looked at, and what it is just writing then
// looks torn. Reads every byte, 256 KiB at a time.
// A segment that ends before what is asked for is not opened; behind the record that `each` says is enough nothing is.
// Threads: any. Blocking: on the disk. Errors: throws DiskFailed, SetupError (no journal there).

#pragma once

#include "journal/trouble.hpp"
#include "journal/walk.hpp"
#include "os/file.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace penstock::journal {

struct SegmentSurvey {
  std::string name = {};
  std::uint64_t first_offset = 0;
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;       ///< Of whole records and the file's head.
  std::uint64_t file_bytes = 0;  ///< With what is set aside.
  std::int64_t first_time_ns = 0;
  std::int64_t last_time_ns = 0;
};

struct Survey {
  std::vector<SegmentSurvey> segments = {};
  std::vector<Damage> damaged = {};
  bool torn = false;  ///< At the end lies a batch that was never synced; an opening would cut it. No damage.
  std::uint64_t next_offset = 1;
};

struct SurveyFrom {
  std::uint64_t from_offset = 1;
  std::int64_t from_time_ns = 0;
};

/// `each`, if given, sees every whole record of the segments that are read, in order; the first of them may lie before
/// what is asked for.
[[nodiscard]] Survey survey(os::Disk& disk, const std::string& dir, const SurveyFrom& from = {},
                            const EachRecord& each = {});

}  // namespace penstock::journal
