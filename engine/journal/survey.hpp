// Looks a journal's directory over without changing a byte: for `penstock journal stat|verify|export`.
//
//     const Survey found = survey(os::disk(), dir, [](const RecordView& record) { print(record); });
//     for (const Damage& damage : found.damaged) std::cout << damage.text() << '\n';
//
// Takes no lock: the journal of a running broker may be looked at, and its last segment then ends where it did when it
// was read. Reads every byte, 256 KiB at a time.
// Threads: any. Blocking: on the disk. Errors: throws DiskFailed, SetupError (no journal there).

#pragma once

#include "journal/scan.hpp"
#include "journal/trouble.hpp"
#include "os/file.hpp"

#include <cstdint>
#include <functional>
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
  std::uint64_t torn_bytes = 0;  ///< At the end: what an opening would cut. No damage.
  std::uint64_t next_offset = 1;
};

/// `each`, if given, sees every whole record in order.
[[nodiscard]] Survey survey(os::Disk& disk, const std::string& dir,
                            const std::function<void(const RecordView&)>& each = {});

}  // namespace penstock::journal
