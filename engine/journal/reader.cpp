#include "journal/reader.hpp"

#include "event/block.hpp"
#include "journal/record.hpp"

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

namespace penstock::journal {

namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;
constexpr std::int64_t kFindWithinNs = 60'000 * kNsPerMs;  // How far accepting and appending may lie apart.

}  // namespace

Reader::Reader(const Journal& journal, event::BlockPool& pool, std::uint64_t from)
    : journal_{journal}, pool_{pool}, position_{std::max<std::uint64_t>(from, 1)} {}

void Reader::move_to(std::uint64_t offset) noexcept {
  position_ = std::max<std::uint64_t>(offset, 1);
  scan_.reset();
  standing_ = false;
  pending_.reset();
}

Reading Reader::read(std::span<event::Block*> into) {
  if (pending_) return *std::exchange(pending_, std::nullopt);
  Reading reading{.what = Read::events};
  while (reading.count < into.size()) {
    Stop stop = next_record();
    if (!stop) stop = give(into[reading.count]);
    if (!stop) {
      ++reading.count;
      continue;
    }
    if (reading.count == 0) return *stop;
    if (stop->what == Read::gap) pending_ = stop;  // The others will be met again.
    break;
  }
  return reading;
}

Reader::Stop Reader::give(event::Block*& block) {
  const RecordHeader& header = scan_->record().header;
  const std::size_t area_bytes = decoded_area_bytes(header);
  const std::size_t bytes = event::Block::size_for(area_bytes, payload_bytes(header));
  block = pool_.take(bytes, bytes);
  if (block == nullptr) return Reading{.what = Read::no_memory};
  block->lay_out(area_bytes);
  const bool whole = decode(header, scan_->record().rest, *block);
  if (whole) {
    position_ = header.offset + 1;
    standing_ = false;
    return std::nullopt;
  }
  pool_.give(block);
  damage_ = {.segment = segment_.path.substr(segment_.path.rfind('/') + 1),
             .offset = header.offset,
             .position = scan_->record().position,
             .why = "a field of its metadata leads outside of the record"};
  return journal_.skips_damaged() ? skip_to(header.offset + 1) : Reading{.what = Read::damaged};
}

Reader::Stop Reader::skip_to(std::uint64_t offset) {
  standing_ = false;
  return Reading{.what = Read::gap, .from = std::exchange(position_, offset)};
}

Reader::Stop Reader::next_record() {
  while (!standing_) {
    if (!scan_) {
      if (Stop stop = open_segment()) return stop;
    }
    switch (scan_->next()) {
      case Step::record: standing_ = scan_->record().header.offset >= position_; break;
      case Step::failed: scan_.reset(); return Reading{.what = Read::failed};
      case Step::blank:
      case Step::bad:
        if (Stop stop = behind_last_record()) return stop;
    }
  }
  return std::nullopt;
}

Reader::Stop Reader::open_segment() {
  std::optional<SegmentInfo> segment = journal_.segment_of(position_);
  if (!segment) return Reading{.what = Read::end};
  if (segment->first_offset > position_) return skip_to(segment->first_offset);
  const int error = journal_.disk().open(segment->path, os::OpenMode::read, file_);
  if (error == ENOENT) return Reading{.what = Read::end};  // Retention is just taking it: a gap the next time.
  if (error != 0) return Reading{.what = Read::failed};
  segment_ = std::move(*segment);
  scan_.emplace(*file_, scan_from(segment_));
  return std::nullopt;
}

// The end of what was readable, the end of a segment, or damage.
Reader::Stop Reader::behind_last_record() {
  std::optional<SegmentInfo> segment = journal_.segment_of(scan_->offset());
  const bool at_end = scan_->position() == scan_->end();
  if (!segment && at_end) return Reading{.what = Read::end};
  const bool same = segment && segment->first_offset == segment_.first_offset;
  if (same && segment->end_bytes > scan_->end()) {
    segment_ = std::move(*segment);
    scan_->extend_to(segment_.end_bytes);
    return std::nullopt;
  }
  if (segment && !same && scan_->step() == Step::blank) {  // All of this one was read.
    position_ = std::max(position_, scan_->offset());
    scan_.reset();
    return std::nullopt;
  }
  return pass_damage();
}

Reader::Stop Reader::pass_damage() {
  damage_ = {.segment = segment_.path.substr(segment_.path.rfind('/') + 1),
             .offset = std::max(position_, scan_->offset()),
             .position = scan_->position(),
             .why = scan_->why()};
  const bool found =
      scan_->look_behind() && (segment_.next_first == 0 || scan_->found().header.offset < segment_.next_first);
  if (scan_->error() != 0) {
    scan_.reset();
    return Reading{.what = Read::failed};
  }
  const std::uint64_t end = segment_.next_first != 0 ? segment_.next_first : journal_.next_offset();
  const std::uint64_t next = found ? scan_->found().header.offset : end;
  // What is damaged before the wanted event is nothing to this reader.
  if (next > position_ && !journal_.skips_damaged()) return Reading{.what = Read::damaged};
  if (found) {
    scan_->skip_to(scan_->found());
  } else {
    scan_.reset();
  }
  if (next <= position_) return std::nullopt;
  return skip_to(next);
}

event::Block* Reader::find(const EventId& id) {
  const std::int64_t made_ns = id_time_ms(id) * kNsPerMs;
  move_to(journal_.position_for(made_ns));
  for (;;) {
    if (const Stop stop = next_record()) {
      if (stop->what == Read::gap) continue;
      return nullptr;
    }
    const RecordHeader& header = scan_->record().header;
    if (header.id == id) {
      event::Block* block = nullptr;
      return give(block) ? nullptr : block;
    }
    if (header.time_ns > made_ns + kFindWithinNs) return nullptr;
    position_ = header.offset + 1;
    standing_ = false;
  }
}

}  // namespace penstock::journal
