#include "journal/recovery.hpp"

#include "journal/walk.hpp"
#include <penstock/journal.hpp>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

namespace penstock::journal {

namespace {

constexpr std::uint64_t kSegmentBytesMin = 4U << 10U;

void must(int error, const char* doing, const std::string& path) {
  if (error != 0) throw DiskFailed(doing, path, error);
}

class Recovery {
 public:
  Recovery(os::Disk& disk, const JournalOptions& options) : disk_{disk}, options_{options} {}

  Recovered run() {
    if (options_.dir.empty()) throw SetupError("journal: no directory given; set journal.dir");
    if (options_.segment_bytes < kSegmentBytesMin) {
      throw SetupError("journal.segment: " + std::to_string(options_.segment_bytes) + " bytes; at least 4 KiB");
    }
    must(disk_.make_dir(options_.dir), "create", options_.dir);
    lock();
    const std::vector<SegmentFile> files = list_segments(disk_, options_.dir);
    find_state(files);
    find_segments(files);
    bool fresh = found_.segments.empty();
    if (!fresh) {
      check_sealed();
      fresh = check_last();
    }
    found_.state.epoch = std::max(found_.state.epoch, epoch_) + 1;
    found_.state.synced_next = found_.next_offset;
    write_state(disk_, options_.dir, found_.state);
    if (fresh) begin_segment();
    return std::move(found_);
  }

 private:
  void lock() {
    const std::string path = options_.dir + "/lock";
    std::uint64_t holder = 0;
    const int error = disk_.lock(path, found_.lock, holder);
    if (error == EWOULDBLOCK) {
      throw JournalInUse("journal " + options_.dir + " is held by process " + std::to_string(holder) +
                         "; stop it, or give this one another journal.dir");
    }
    must(error, "lock", path);
  }

  /// Throws, or notes it where that is wanted.
  void met(Damage damage) {
    if (!options_.skip_damaged) throw Damaged(std::move(damage));
    found_.opened.skipped.push_back(std::move(damage));
  }

  void find_state(const std::vector<SegmentFile>& files) {
    try {
      if (auto state = read_state(disk_, options_.dir)) {
        found_.state = *state;
        found_.next_offset = state->synced_next;
        if (files.empty() && state->synced_next > 1) {
          met({.segment = options_.dir,
               .offset = 1,
               .last_offset = state->synced_next - 1,
               .why = "no segment is there"});
        }
        return;
      }
      if (!files.empty()) met({.segment = kStateName, .why = "the file is missing"});
    } catch (const Damaged& damaged) {
      if (!options_.skip_damaged) throw;
      found_.opened.skipped.push_back(damaged.damage());
    }
    found_.state = new_state();
  }

  void find_segments(const std::vector<SegmentFile>& files) {
    for (const SegmentFile& listed : files) {
      SegmentInfo info{.first_offset = listed.first_offset, .path = options_.dir + "/" + listed.name};
      std::unique_ptr<os::File> file;
      must(disk_.open(info.path, os::OpenMode::read, file), "open", info.path);
      SegmentHead head;
      int error = 0;
      const char* wrong = read_segment_head(*file, head, error);
      must(error, "read", info.path);
      if (wrong == nullptr && head.first_offset != listed.first_offset) wrong = "its head names another first offset";
      if (wrong != nullptr) {
        met({.segment = listed.name, .offset = listed.first_offset, .why = wrong});
        head = {.crc_seed = found_.state.crc_seed};
      }
      const os::Count size = file->size();
      must(size.error, "stat", info.path);
      info.time_ns = head.time_ns;
      info.end_bytes = size.value;
      info.epoch = head.epoch;
      info.crc_seed = head.crc_seed;
      if (!found_.segments.empty()) found_.segments.back().next_first = info.first_offset;
      found_.segments.push_back(std::move(info));
    }
  }

  Walked walk_over(const os::File& file, const SegmentInfo& segment, const EachRecord& each = {}) {
    const WalkFrom from{.path = segment.path,
                        .name = segment.path.substr(options_.dir.size() + 1),
                        .first_offset = segment.first_offset,
                        .next_first = segment.next_first,
                        .synced_next = found_.state.synced_next,
                        .epoch = segment.epoch,
                        .crc_seed = segment.crc_seed};
    Walked walked = walk(file, from, each);
    found_.opened.events_scanned += walked.events;
    for (Damage& damage : walked.damaged) met(std::move(damage));
    return walked;
  }

  void check_sealed() {
    std::uint64_t bytes_left = options_.verify_bytes_max;
    for (std::size_t i = found_.segments.size() - 1; i-- > 0;) {
      SegmentInfo& segment = found_.segments[i];
      if (segment.end_bytes > bytes_left) return;
      bytes_left -= segment.end_bytes;
      std::unique_ptr<os::File> file;
      must(disk_.open(segment.path, os::OpenMode::read, file), "open", segment.path);
      segment.end_bytes = walk_over(*file, segment).end_position;
    }
  }

  /// True: appending must begin a segment of its own, since this one has a hole.
  bool check_last() {
    SegmentInfo& segment = found_.segments.back();
    must(disk_.open(segment.path, os::OpenMode::write, found_.last), "open", segment.path);
    const std::size_t skipped = found_.opened.skipped.size();
    const Walked walked = walk_over(*found_.last, segment, [this](const RecordView& record) {
      if (record.header.dedup != DedupKey{}) {
        found_.last_ids.push_back({record.header.dedup, record.header.id, record.header.offset});
      }
      return true;
    });
    found_.next_offset = std::max(walked.next_offset, found_.state.synced_next);
    found_.last_time_ns = std::max(segment.time_ns, walked.last_time_ns);
    epoch_ = walked.epoch;
    found_.position = walked.end_position;
    found_.capacity = segment.end_bytes;
    segment.end_bytes = walked.end_position;
    const bool hole = found_.opened.skipped.size() > skipped || walked.next_offset < found_.next_offset;
    if (walked.torn) cut(segment);
    must(found_.last->sync(), "sync", segment.path);
    return hole;
  }

  // What is cut must be gone for good before anything new is written: the next run would take it for its own.
  void cut(const SegmentInfo& segment) {
    found_.opened.torn = true;
    must(found_.last->truncate(found_.position), "cut", segment.path);
    must(found_.last->sync(), "sync", segment.path);
    const std::uint64_t wanted = std::max(found_.capacity, options_.segment_bytes);
    // No room to set aside again: append begins the next segment, or says full.
    found_.capacity = found_.last->allocate(wanted) == 0 ? wanted : found_.position;
  }

  void begin_segment() {
    NextSegment next{disk_, options_.dir, options_.segment_bytes};
    SegmentInfo info{.first_offset = found_.next_offset,
                     .time_ns = found_.last_time_ns,
                     .end_bytes = kSegmentHeadBytes,
                     .epoch = found_.state.epoch,
                     .crc_seed = found_.state.crc_seed};
    if (!next.reserve(kSegmentHeadBytes)) throw DiskFailed("set a segment aside", options_.dir, ENOSPC);
    NextSegment::Begun begun = next.begin(
        {.first_offset = info.first_offset, .time_ns = info.time_ns, .epoch = info.epoch, .crc_seed = info.crc_seed});
    must(begun.error, "begin", begun.path);
    info.path = std::move(begun.path);
    if (!found_.segments.empty()) found_.segments.back().next_first = info.first_offset;
    found_.segments.push_back(std::move(info));
    found_.last = std::move(begun.file);
    found_.position = kSegmentHeadBytes;
    found_.capacity = begun.capacity;
  }

  os::Disk& disk_;
  const JournalOptions& options_;
  std::uint32_t epoch_ = 0;  // The newest that a record names.
  Recovered found_;
};

}  // namespace

Recovered recover(os::Disk& disk, const JournalOptions& options) { return Recovery{disk, options}.run(); }

}  // namespace penstock::journal
