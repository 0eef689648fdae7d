#include "journal/known_ids.hpp"

#include "journal/ids_file.hpp"
#include "journal/segment.hpp"
#include "journal/trouble.hpp"
#include "journal/walk.hpp"

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

namespace penstock::journal {

namespace {

std::optional<Ids> ids_in_file(os::Disk& disk, const SegmentInfo& segment) {
  std::optional<Ids> ids = read_ids(disk, ids_path(segment));
  const bool fits = ids && ids->first_offset == segment.first_offset && ids->next_offset == segment.next_first;
  return fits ? std::move(ids) : std::nullopt;
}

Ids ids_in_records(os::Disk& disk, const SegmentInfo& segment) {
  std::unique_ptr<os::File> file;
  if (const int error = disk.open(segment.path, os::OpenMode::read, file); error != 0) {
    throw DiskFailed("open", segment.path, error);
  }
  Ids ids{.first_offset = segment.first_offset, .next_offset = segment.next_first};
  const WalkFrom from{.path = segment.path,
                      .first_offset = segment.first_offset,
                      .next_first = segment.next_first,
                      .epoch = segment.epoch,
                      .crc_seed = segment.crc_seed};
  (void)walk(*file, from, [&ids](const RecordView& record) {
    const RecordHeader& header = record.header;
    if (header.dedup != DedupKey{}) ids.entries.push_back({header.dedup, header.id, header.offset});
    return true;
  });
  return ids;
}

// Nothing is too old for it, since the newest entry of a key is the one that counts: each is entered as it comes.
void enter(DedupIndex& index, std::span<const DedupEntry> entries) {
  for (const DedupEntry& entry : entries) {
    (void)index.find_or_insert(entry, std::numeric_limits<std::int64_t>::max(), 0);
  }
}

}  // namespace

std::string ids_path(const SegmentInfo& segment) {
  return segment.path.substr(0, segment.path.rfind('/') + 1) + ids_name(segment.first_offset);
}

void enter_ids(DedupIndex& index, os::Disk& disk, std::span<const SegmentInfo> segments,
               std::span<const DedupEntry> last_ids, std::int64_t since_ns) {
  std::vector<std::vector<DedupEntry>> newest_first;
  std::size_t count = last_ids.size();
  for (std::size_t i = segments.size(); i-- > 1 && count < index.capacity();) {
    if (segments[i].time_ns < since_ns) break;  // All of segment i - 1 is older than the head of segment i.
    const SegmentInfo& sealed = segments[i - 1];
    std::optional<Ids> ids = ids_in_file(disk, sealed);
    if (!ids) {
      ids = ids_in_records(disk, sealed);
      (void)write_ids(disk, ids_path(sealed), *ids);  // Or the next opening reads all of it again.
    }
    newest_first.push_back(std::move(ids->entries));
    count += newest_first.back().size();
  }
  std::reverse(newest_first.begin(), newest_first.end());
  for (const auto& entries : newest_first) enter(index, entries);
  enter(index, last_ids);
}

void keep_ids(os::Disk& disk, const SegmentInfo& segment) {
  const std::string path = ids_path(segment);
  std::unique_ptr<os::File> there;
  if (disk.open(path, os::OpenMode::read, there) == 0) return;  // Whether it is whole, is seen when it is read.
  (void)write_ids(disk, path, ids_in_records(disk, segment));
}

}  // namespace penstock::journal
