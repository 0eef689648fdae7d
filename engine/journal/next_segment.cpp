#include "journal/next_segment.hpp"

#include <cerrno>
#include <mutex>
#include <utility>

namespace penstock::journal {

NextSegment::NextSegment(os::Disk& disk, std::string dir, std::uint64_t segment_bytes)
    : disk_{disk}, dir_{std::move(dir)}, path_{dir_ + "/" + std::string{kNextName}}, segment_bytes_{segment_bytes} {}

// Synced once, so that the journal of the file system has its extents before the first batch waits for them.
int NextSegment::set_aside() {
  if (file_ != nullptr) return 0;
  std::unique_ptr<os::File> file;
  int error = disk_.open(path_, os::OpenMode::create, file);
  if (error == EEXIST) {  // Of an earlier run, or of an attempt that failed.
    if (error = disk_.unlink(path_); error == 0) error = disk_.open(path_, os::OpenMode::create, file);
  }
  if (error == 0) error = file->allocate(segment_bytes_);
  if (error == 0) error = file->sync();
  if (error != 0) {
    file.reset();
    (void)disk_.unlink(path_);  // What it holds is better used by others.
  } else {
    file_ = std::move(file);
    capacity_ = segment_bytes_;
  }
  possible_.store(error == 0, std::memory_order_relaxed);
  return error;
}

void NextSegment::prepare() {
  const std::lock_guard lock{mutex_};
  (void)set_aside();  // What failed is told by possible(), and tried again the next time.
}

bool NextSegment::reserve(std::uint64_t needed_bytes) {
  const std::lock_guard lock{mutex_};
  if (set_aside() != 0) return false;
  if (needed_bytes <= capacity_) return true;
  if (file_->allocate(needed_bytes) != 0) return false;
  capacity_ = needed_bytes;
  return true;
}

NextSegment::Begun NextSegment::begin(const SegmentHead& head) {
  const std::lock_guard lock{mutex_};
  Begun begun{.capacity = capacity_, .path = dir_ + "/" + segment_name(head.first_offset)};
  begun.error = write_segment_head(*file_, head);
  if (begun.error == 0) begun.error = file_->sync();
  if (begun.error == 0) begun.error = disk_.rename(path_, begun.path);
  if (begun.error == 0) begun.error = disk_.sync_dir(dir_);
  if (begun.error == 0) begun.file = std::move(file_);
  return begun;
}

}  // namespace penstock::journal
