// Reads a journal's events again, from an offset on, while it is being written.
//
//     Reader reader{journal, pool, from};
//     const Reading got = reader.read(blocks);                  // up to blocks.size() events, in order
//     if (got.what == Read::gap) told_of(got.from, reader.position());
//
// The file is read 256 KiB at a time; each event is made anew in a block of `pool`, which makes it like any other: it
// is charged to the budget, goes into batches, may be kept. (An event that pointed into the 256 KiB would hold all of
// them for as long as one subscriber keeps it.)
// Threads: one, the owner of `pool`. Blocking: on the disk. Allocation: one buffer, grown for events above 256 KiB.
// Errors: in Reading; only want of memory for file names throws. Nothing that is damaged is passed over unless the
// journal skips damage, and then it is a gap.

#pragma once

#include "event/block_pool.hpp"
#include "journal/journal.hpp"
#include "journal/scan.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace penstock::journal {

enum class Read : std::uint8_t {
  events,     ///< `count` of them.
  end,        ///< Nothing more for now.
  gap,        ///< Events from `from` to before position() are no longer there, or were skipped as damaged.
  no_memory,  ///< The budget is spent: try later.
  damaged,    ///< See Reader::damage(). Says so again until it is moved.
  failed,     ///< The disk refused to read.
};

struct Reading {
  Read what = Read::end;
  std::size_t count = 0;
  std::uint64_t from = 0;
};

class Reader {
 public:
  Reader(const Journal& journal, event::BlockPool& pool, std::uint64_t from);
  ~Reader() = default;
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  /// Whoever gets blocks gives them back: in a batch, or by pool.give().
  [[nodiscard]] Reading read(std::span<event::Block*> into);
  [[nodiscard]] std::uint64_t position() const noexcept { return position_; }  ///< The next offset it will give.
  void move_to(std::uint64_t offset) noexcept;
  [[nodiscard]] const Damage& damage() const noexcept { return damage_; }

  /// The event of that id, or nullptr. Reads on from the id's own time for 60 s of the journal's time; moves the
  /// reader.
  [[nodiscard]] event::Block* find(const EventId& id);

 private:
  using Stop = std::optional<Reading>;  // Why there is no record to give; nullopt: there is one.

  [[nodiscard]] Stop next_record();
  [[nodiscard]] Stop open_segment();
  [[nodiscard]] Stop behind_last_record();
  [[nodiscard]] Stop pass_damage();
  [[nodiscard]] Stop skip_to(std::uint64_t offset);
  [[nodiscard]] Stop give(event::Block*& block);

  const Journal& journal_;
  event::BlockPool& pool_;
  std::uint64_t position_;
  SegmentInfo segment_;
  std::unique_ptr<os::File> file_;
  std::optional<Scan> scan_;  // Of file_.
  bool standing_ = false;     // The scan's record is the next to be given.
  Stop pending_;              // Met behind events that went out first.
  Damage damage_;
};

}  // namespace penstock::journal
