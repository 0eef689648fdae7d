// The dedup keys of one sealed segment, beside it, so that a start reads 40 bytes an event instead of all of it.
//
//     write_ids(disk, path, {first, next}, entries);          // nothing depends on it: not synced
//     if (auto ids = read_ids(disk, path)) …                  // nullopt: not there or not whole; read the segment then
//
// Threads: one. Blocking: on the disk. Errors: write gives an errno; a file that is not whole counts as missing, since
// all it says can be had from the segment.

#pragma once

#include "journal/dedup_index.hpp"
#include "os/file.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace penstock::journal {

struct Ids {
  std::uint64_t first_offset = 0;
  std::uint64_t next_offset = 0;  ///< Where the segment behind it begins.
  std::vector<DedupEntry> entries = {};
};

[[nodiscard]] int write_ids(os::Disk& disk, const std::string& path, const Ids& ids);
[[nodiscard]] std::optional<Ids> read_ids(os::Disk& disk, const std::string& path);

}  // namespace penstock::journal
