// The durable sequence of events: files of records, appended in batches, each synced before anyone is told.
//
//     std::unique_ptr<Journal> journal = Journal::open(os::disk(), {.dir = "penstock-data"});
//     journal->append(blocks, stored);           // the commit thread: dedup, offsets, one write, one sync
//     journal->keep(os::wall_ns());              // the keeper, about ten times a second
//
// Threads. append: one (the commit thread). keep, or its parts prepare_next, write_ids and retain: one other (the
// keeper), at the same time as append and readers. All const members: any. What append and keeper share is the list of
// segments and the prepared next one, each behind a lock that is held for a few pointers, once per segment; the end
// that readers may see is an atomic stored after the sync. A segment that retention takes stays readable for who has
// it open.
// Blocking: append waits for the disk. Allocation: none in append, but when a segment begins.
// Errors: open throws SetupError (wrong options, a second broker), Damaged or DiskFailed. After the first failed write
// or sync append answers `failed` for ever; nothing is tried again: what the disk holds is known only by opening anew.
// Files in the directory: FIRST-OFFSET.seg and .ids, `next.seg` (set aside, not used yet), `journal.state`, `lock`.

#pragma once

#include "journal/dedup_index.hpp"
#include "journal/trouble.hpp"
#include "os/file.hpp"
#include <penstock/event.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace penstock::event {
struct Block;
}

namespace penstock::journal {

struct JournalOptions {
  std::string dir = {};
  std::uint64_t segment_bytes = 64U << 20U;                   ///< At least 4 KiB.
  std::uint64_t retain_bytes = std::uint64_t{20} << 30U;      ///< Whole segments go, the oldest first; 0: no limit.
  std::chrono::seconds retain_age = std::chrono::hours{168};  ///< 0: no limit.
  std::size_t dedup_bytes = 64U << 20U;
  std::chrono::seconds dedup_window_max = std::chrono::hours{168};  ///< Ids older than that are not read at start.
  /// Sealed segments that open() reads whole, newest first. The last one is always read; what lies before is checked
  /// when it is read, and by survey().
  std::uint64_t verify_bytes_max = 128U << 20U;
  bool skip_damaged = false;  ///< Go on without what cannot be read, and count it.
};

enum class Outcome : std::uint8_t { stored, duplicate, full, failed };

/// What became of one event of a batch. Of a duplicate: the offset and the id of the first one.
struct Stored {
  Outcome outcome = Outcome::failed;
  std::uint64_t offset = 0;
  EventId id = {};
};

/// What open() found and did.
struct Opened {
  std::uint64_t events_scanned = 0;
  bool torn = false;                 ///< The end of a batch was cut off: never synced, no receipt given.
  std::vector<Damage> skipped = {};  ///< With skip_damaged: where, one for each hole.
};

/// A file of the journal, as readers see it: events from `first_offset`, whole ones up to `end_bytes`.
struct SegmentInfo {
  std::uint64_t first_offset = 0;
  std::uint64_t next_first = 0;   ///< Of the segment behind it; 0: it is the last.
  std::int64_t time_ns = 0;       ///< No event in it is older.
  std::int64_t next_time_ns = 0;  ///< No event in it is younger; 0: it is the last.
  std::uint64_t end_bytes = 0;
  std::uint32_t epoch = 0;     ///< No record in it is of an earlier run.
  std::uint32_t crc_seed = 0;  ///< Of its headers' sums.
  std::string path = {};
};

class Journal {
 public:
  [[nodiscard]] static std::unique_ptr<Journal> open(os::Disk& disk, const JournalOptions& options);
  ~Journal();  ///< Notes that all is synced, so that what is lost later can be told from a torn end.
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// Stores a batch: encoded blocks of at most kBatchEventsMax, `stored` as long as `blocks`. Gives each block its
  /// offset and its time. On return what is `stored` is on the disk. Of two copies in one batch the second is a
  /// duplicate of the first. `full`: no segment could be set aside; nothing else is wrong. `failed`: all of the batch.
  void append(std::span<event::Block* const> blocks, std::span<Stored> stored) noexcept;
  static constexpr std::size_t kBatchEventsMax = 1'024;

  /// False when the disk has no place for the next segment and this one is nearly used up: publish then says `full`.
  [[nodiscard]] bool room() const noexcept;
  /// What went wrong; nullptr as long as nothing has. Stays.
  [[nodiscard]] const DiskFailed* failure() const noexcept;

  // The keeper's.
  void keep(std::int64_t wall_ns);    ///< The three below.
  void prepare_next();                ///< Sets the next segment aside, when there is none yet.
  void write_ids();                   ///< For sealed segments that have no file of ids yet.
  void retain(std::int64_t wall_ns);  ///< Removes segments past retain_bytes and retain_age; never the last one.

  [[nodiscard]] std::uint64_t first_offset() const noexcept;  ///< Of the oldest event that is kept.
  [[nodiscard]] std::uint64_t next_offset() const noexcept;   ///< One past the last synced.
  [[nodiscard]] std::uint64_t bytes() const noexcept;         ///< Of all segments.
  [[nodiscard]] std::int64_t last_sync_ns() const noexcept;   ///< How long the last sync took.
  /// How far back ids are known, at most `asked`.
  [[nodiscard]] std::chrono::seconds dedup_window(std::chrono::seconds asked) const noexcept;
  [[nodiscard]] const SipKey& dedup_secret() const noexcept;  ///< For dedup_key().
  [[nodiscard]] std::size_t dedup_bytes() const noexcept;
  [[nodiscard]] const Opened& opened() const noexcept;

  // For readers (journal/reader.hpp).
  [[nodiscard]] os::Disk& disk() const noexcept;
  [[nodiscard]] bool skips_damaged() const noexcept;
  /// The segment that holds `offset`, or the first one if that lies before; nullopt past the end.
  [[nodiscard]] std::optional<SegmentInfo> segment_of(std::uint64_t offset) const;
  /// The first offset whose event is not older; next_offset() if none is. Reads at most one segment, and stops at what
  /// is damaged in it.
  [[nodiscard]] std::uint64_t position_for(std::int64_t time_ns) const;

 private:
  class Core;
  explicit Journal(std::unique_ptr<Core> core) noexcept;
  std::unique_ptr<Core> core_;
};

}  // namespace penstock::journal
