// The file that the journal will write next, set aside before it is needed.
//
//     next.prepare();                                   // the keeper; does nothing when there is one
//     if (!next.reserve(needed_bytes)) …                // append, when its segment is used up: full
//     auto begun = next.begin(head);                    // after the last one was synced
//
// A segment is set aside under a name of its own, with all its bytes allocated; begun, it gets its head, is synced and
// only then renamed, so a file with a segment's name always has a whole head. Where the keeper has not been, reserve()
// prepares by itself.
// Threads: prepare by one, the rest by one other; a lock, held while the disk works: reserve may wait for a prepare in
// progress. Errors: errno values; `full` is no failure.

#pragma once

#include "journal/segment.hpp"
#include "os/atomics.hpp"
#include "os/file.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace penstock::journal {

class NextSegment {
 public:
  NextSegment(os::Disk& disk, std::string dir, std::uint64_t segment_bytes);

  void prepare();
  /// One is ready, or the last try to set one aside did not fail.
  [[nodiscard]] bool possible() const noexcept { return possible_.load(std::memory_order_relaxed); }

  /// One of at least `needed_bytes` in all is there. False: it cannot be set aside; nothing was changed.
  [[nodiscard]] bool reserve(std::uint64_t needed_bytes);

  struct Begun {
    int error = 0;  ///< The disk failed on the way: final.
    std::unique_ptr<os::File> file = {};
    std::uint64_t capacity = 0;  ///< Its bytes.
    std::string path = {};
  };
  [[nodiscard]] Begun begin(const SegmentHead& head);  ///< After reserve().

 private:
  [[nodiscard]] int set_aside();

  os::Disk& disk_;
  const std::string dir_;
  const std::string path_;
  const std::uint64_t segment_bytes_;
  os::Mutex mutex_;
  std::unique_ptr<os::File> file_;
  std::uint64_t capacity_ = 0;  // Of file_.
  os::Atomic<bool> possible_{true};
};

}  // namespace penstock::journal
