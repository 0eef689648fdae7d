// The head of a segment's file, the names of the files, and what of them lies in a directory.
//
//     for (const SegmentFile& segment : list_segments(disk, dir)) …     // in the order of their offsets
//     write_segment_head(*file, {.first_offset = 12, .time_ns = now, .epoch = 3, .crc_seed = seed});
//
// Threads: any. Blocking: on the disk. Errors: errno values, but list_segments, which throws DiskFailed.

#pragma once

#include "os/file.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::journal {

inline constexpr std::uint64_t kSegmentHeadBytes = 64;  ///< Records begin behind it.
inline constexpr std::string_view kNextName = "next.seg";

struct SegmentHead {
  std::uint64_t magic = 0;
  std::uint32_t crc = 0;  ///< Of all that follows.
  std::uint32_t version = 0;
  std::uint64_t first_offset = 0;
  std::int64_t time_ns = 0;    ///< The journal's when it began: no event in it is older.
  std::uint32_t epoch = 0;     ///< Of the run that began it.
  std::uint32_t crc_seed = 0;  ///< Where the sums over its headers begin (record.hpp).
  std::uint64_t reserved[3] = {};
};
static_assert(sizeof(SegmentHead) == kSegmentHeadBytes);

/// Fills in magic, sum and version, and writes.
[[nodiscard]] int write_segment_head(os::File& file, SegmentHead head) noexcept;
/// nullptr: `head` is whole. Else what is wrong with it; `error` when the disk refused to read.
[[nodiscard]] const char* read_segment_head(const os::File& file, SegmentHead& head, int& error) noexcept;

struct SegmentFile {
  std::uint64_t first_offset = 0;
  std::string name = {};
};

[[nodiscard]] std::string segment_name(std::uint64_t first_offset);  ///< 20 digits and ".seg"
[[nodiscard]] std::string ids_name(std::uint64_t first_offset);
[[nodiscard]] std::vector<SegmentFile> list_segments(os::Disk& disk, const std::string& dir);

}  // namespace penstock::journal
