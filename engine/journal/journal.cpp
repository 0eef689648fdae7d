#include "journal/journal.hpp"

#include "journal/appender.hpp"
#include "journal/known_ids.hpp"
#include "journal/next_segment.hpp"
#include "journal/recovery.hpp"
#include "journal/scan.hpp"
#include "journal/segment_list.hpp"
#include "os/clock.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace penstock::journal {

namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;

std::int64_t ns(std::chrono::seconds duration) noexcept { return std::chrono::nanoseconds{duration}.count(); }

}  // namespace

class Journal::Core {
 public:
  Core(os::Disk& os_disk, JournalOptions given, Recovered found)
      : disk{os_disk},
        options{std::move(given)},
        lock{std::move(found.lock)},
        state{found.state},
        opened{std::move(found.opened)},
        index{options.dedup_bytes},
        next{disk, options.dir, options.segment_bytes} {
    enter_ids(index, disk, found.segments, found.last_ids, os::wall_ns() - ns(options.dedup_window_max));
    appender.emplace(segments, next, found, index);
    segments.start(std::move(found.segments), found.next_offset);
  }

  os::Disk& disk;
  const JournalOptions options;
  const std::unique_ptr<os::File> lock;
  State state;
  const Opened opened;
  DedupIndex index;
  NextSegment next;
  SegmentList segments;
  std::optional<Appender> appender;
  std::uint64_t ids_kept_to = 0;  // The keeper's: segments that begin below it have their file of ids.
};

std::unique_ptr<Journal> Journal::open(os::Disk& disk, const JournalOptions& options) {
  Recovered found = recover(disk, options);
  return std::unique_ptr<Journal>{new Journal{std::make_unique<Core>(disk, options, std::move(found))}};
}

Journal::Journal(std::unique_ptr<Core> core) noexcept : core_{std::move(core)} {}

Journal::~Journal() {
  if (failure() != nullptr) return;
  core_->state.synced_next = next_offset();
  try {
    write_state(core_->disk, core_->options.dir, core_->state);
  } catch (const DiskFailed&) {  // Then the file says less than it could: all that it says is still true.
  }
}

void Journal::append(std::span<event::Block* const> blocks, std::span<Stored> stored) noexcept {
  core_->appender->append(blocks, stored);
}

bool Journal::room() const noexcept { return core_->next.possible() || !core_->appender->nearly_used_up(); }
const DiskFailed* Journal::failure() const noexcept { return core_->appender->failure(); }

void Journal::keep(std::int64_t wall_ns) {
  retain(wall_ns);  // First: what it frees may be what the next segment needs.
  prepare_next();
  write_ids();
}

void Journal::prepare_next() {
  if (failure() == nullptr) core_->next.prepare();
}

void Journal::write_ids() {
  for (const SegmentInfo& segment : core_->segments.sealed()) {
    if (segment.first_offset < core_->ids_kept_to) continue;
    try {
      keep_ids(core_->disk, segment);
    } catch (const DiskFailed&) {  // A reader will meet it too, and say so.
    }
    core_->ids_kept_to = segment.next_first;
  }
}

// One by one, each unlink made lasting before the next: else a power cut might leave a hole between two that stay.
void Journal::retain(std::int64_t wall_ns) {
  const std::vector<SegmentInfo> sealed = core_->segments.sealed();
  const std::int64_t oldest_ns = wall_ns - ns(core_->options.retain_age);
  for (const SegmentInfo& segment : sealed) {
    const bool aged = core_->options.retain_age.count() != 0 && segment.next_time_ns < oldest_ns;
    const bool over = core_->options.retain_bytes != 0 && bytes() > core_->options.retain_bytes;
    if (!aged && !over) return;
    (void)core_->disk.unlink(ids_path(segment));  // First: without its segment nothing would ever lead to it.
    const int error = core_->disk.unlink(segment.path);
    if (error != 0 && error != ENOENT) return;  // Tried again the next time.
    core_->segments.drop_first();
    if (core_->disk.sync_dir(core_->options.dir) != 0) return;
  }
}

std::uint64_t Journal::first_offset() const noexcept { return core_->segments.first_offset(); }
std::uint64_t Journal::next_offset() const noexcept { return core_->segments.next_offset(); }
std::uint64_t Journal::bytes() const noexcept { return core_->segments.bytes(); }
std::int64_t Journal::last_sync_ns() const noexcept { return core_->appender->last_sync_ns(); }

std::chrono::seconds Journal::dedup_window(std::chrono::seconds asked) const noexcept {
  const std::int64_t since_ms = core_->appender->known_since_ms();
  if (since_ms == 0) return asked;
  const std::chrono::milliseconds known{std::max(os::wall_ns() / kNsPerMs - since_ms, std::int64_t{0})};
  return std::min(asked, std::chrono::duration_cast<std::chrono::seconds>(known));
}

const SipKey& Journal::dedup_secret() const noexcept { return core_->state.dedup_secret; }
std::size_t Journal::dedup_bytes() const noexcept { return core_->index.bytes(); }
const Opened& Journal::opened() const noexcept { return core_->opened; }
os::Disk& Journal::disk() const noexcept { return core_->disk; }
bool Journal::skips_damaged() const noexcept { return core_->options.skip_damaged; }

std::optional<SegmentInfo> Journal::segment_of(std::uint64_t offset) const {
  return core_->segments.segment_of(offset);
}

std::uint64_t Journal::position_for(std::int64_t time_ns) const {
  const SegmentInfo segment = core_->segments.segment_at(time_ns);
  std::unique_ptr<os::File> file;
  if (core_->disk.open(segment.path, os::OpenMode::read, file) != 0) return first_offset();
  Scan scan{*file, scan_from(segment)};
  while (scan.next() == Step::record) {
    if (scan.record().header.time_ns >= time_ns) return scan.record().header.offset;
  }
  // Not in this one, or behind something damaged, which a reader must be told of.
  return scan.step() == Step::blank && segment.next_first == 0 ? next_offset() : scan.offset();
}

}  // namespace penstock::journal
