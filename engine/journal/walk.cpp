#include "journal/walk.hpp"

#include "journal/segment.hpp"

#include <algorithm>
#include <optional>

namespace penstock::journal {

namespace {

/// What lies behind a place where a record is missing.
struct Behind {
  std::optional<RecordView> first = {};  // The next whole header.
  bool proves_sync = false;              // The missing one had been synced.
};

Behind look_behind(Scan& scan, const WalkFrom& from) {
  Behind behind;
  while (!behind.proves_sync && scan.look_behind()) {
    const RecordView& found = scan.found();
    if (from.next_first != 0 && found.header.offset >= from.next_first) continue;
    if (!behind.first) behind.first = found;
    behind.proves_sync = found.header.batch_first() > scan.offset();
  }
  if (scan.error() != 0) throw DiskFailed("read", from.path, scan.error());
  return behind;
}

class Walk {
 public:
  Walk(const os::File& file, const WalkFrom& from, std::uint64_t file_bytes)
      : from_{from},
        scan_{file,
              {.position = kSegmentHeadBytes,
               .end = file_bytes,
               .offset = from.first_offset,
               .epoch = from.epoch,
               .crc_seed = from.crc_seed}} {
    walked_.next_offset = from.first_offset;
    walked_.end_position = kSegmentHeadBytes;
    walked_.epoch = from.epoch;
    walked_.last_time_ns = 0;
  }

  Walked run(const EachRecord& each) {
    for (;;) {
      switch (scan_.next()) {
        case Step::record:
          if (!take(each)) return std::move(walked_);
          break;
        case Step::failed: throw DiskFailed("read", from_.path, scan_.error());
        case Step::blank:
        case Step::bad:
          if (!go_on_behind()) return std::move(walked_);
      }
    }
  }

 private:
  /// False: enough.
  bool take(const EachRecord& each) {
    const RecordHeader& header = scan_.record().header;
    if (walked_.events++ == 0) walked_.first_time_ns = header.time_ns;
    walked_.last_time_ns = std::max(walked_.last_time_ns, header.time_ns);
    walked_.next_offset = scan_.offset();
    walked_.end_position = scan_.position();
    walked_.epoch = header.epoch;
    return !each || each(scan_.record());
  }

  /// There is no record where the scan stands. True: it goes on at a later one.
  bool go_on_behind() {
    const bool last = from_.next_first == 0;
    const std::uint64_t missing = scan_.offset();
    if (!last && missing == from_.next_first) return false;  // All there. Zeros may follow.
    const bool blank = scan_.step() == Step::blank;
    const char* why = scan_.why();
    const Behind behind = look_behind(scan_, from_);
    const bool synced = !last || behind.proves_sync || missing < from_.synced_next;
    if (!synced) {
      walked_.torn = !blank || behind.first.has_value();
      return false;
    }
    if (missing != read_again_) {  // A running broker may have written it, and what proves it, while this looked.
      read_again_ = missing;
      scan_.read_again();
      return true;
    }
    Damage damage{.segment = from_.name, .offset = missing, .position = scan_.position(), .why = why};
    if (behind.first) {
      damage.last_offset = behind.first->header.offset - 1;
    } else {
      damage.last_offset = (last ? std::max(from_.synced_next, missing + 1) : from_.next_first) - 1;
    }
    walked_.damaged.push_back(std::move(damage));
    if (!behind.first) return false;
    scan_.skip_to(*behind.first);
    return true;
  }

  const WalkFrom& from_;
  Scan scan_;
  Walked walked_;
  std::uint64_t read_again_ = 0;  // The missing offset that was read a second time.
};

}  // namespace

Walked walk(const os::File& file, const WalkFrom& from, const EachRecord& each) {
  const os::Count size = file.size();
  if (size.error != 0) throw DiskFailed("stat", from.path, size.error);
  return Walk{file, from, size.value}.run(each);
}

}  // namespace penstock::journal
