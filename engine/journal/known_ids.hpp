// The ids of a journal's segments: read when it is opened, written when a segment is sealed.
//
//     enter_ids(index, disk, segments, last_ids, since_ns);     // opening
//     keep_ids(disk, segment);                                  // the keeper: makes the segment's file of ids
//
// Threads: one each. Blocking: on the disk. Errors: throws DiskFailed when a segment cannot be read. What is damaged in
// a segment has no ids here: opening and readers tell of it.

#pragma once

#include "journal/dedup_index.hpp"
#include "journal/journal.hpp"
#include "os/file.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace penstock::journal {

/// Enters the ids of sealed segments (all but the last) that are not older than `since_ns`, the newest that fit, oldest
/// first, then `last_ids`. Where a file of ids is missing or not whole, it is written again.
void enter_ids(DedupIndex& index, os::Disk& disk, std::span<const SegmentInfo> segments,
               std::span<const DedupEntry> last_ids, std::int64_t since_ns);

/// Writes FIRST-OFFSET.ids beside a sealed segment, unless one is there.
void keep_ids(os::Disk& disk, const SegmentInfo& segment);

[[nodiscard]] std::string ids_path(const SegmentInfo& segment);

}  // namespace penstock::journal
