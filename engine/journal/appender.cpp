#include "journal/appender.hpp"

#include "event/block.hpp"
#include "journal/record.hpp"
#include "os/clock.hpp"

#include <algorithm>
#include <utility>

namespace penstock::journal {

namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

}  // namespace

Appender::Appender(SegmentList& list, NextSegment& next, Recovered& recovered, DedupIndex& index)
    : list_{list},
      next_{next},
      index_{index},
      file_{std::move(recovered.last)},
      path_{recovered.segments.back().path},
      position_{recovered.position},
      capacity_{recovered.capacity},
      written_{recovered.position},
      next_offset_{recovered.next_offset},
      time_ns_{recovered.last_time_ns},
      epoch_{recovered.state.epoch},
      crc_seed_{recovered.state.crc_seed},
      segment_crc_seed_{recovered.segments.back().crc_seed} {
  known_since_ms_.store(index_.known_since_ms(), std::memory_order_relaxed);
}

void Appender::append(std::span<event::Block* const> blocks, std::span<Stored> stored) noexcept {
  batch_first_ = next_offset_;
  full_ = false;
  if (failure() == nullptr) {
    for (const event::Block* block : blocks) index_.prefetch(read_header(block->record).dedup);
    for (std::size_t i = 0; i < blocks.size() && failure() == nullptr; ++i) stored[i] = take(*blocks[i]);
    if (failure() == nullptr && next_offset_ != batch_first_ && write() && sync()) commit();
  }
  if (failure() != nullptr) std::fill(stored.begin(), stored.end(), Stored{});
}

Stored Appender::take(event::Block& block) {
  RecordHeader header = read_header(block.record);
  time_ns_ = std::max(time_ns_, block.time_ns);
  if (header.dedup != DedupKey{}) {
    const DedupEntry* first = index_.find(header.dedup, time_ns_, block.dedup_window_s * kNsPerSecond);
    if (first != nullptr) return {Outcome::duplicate, first->offset, first->id};
  }
  const std::size_t bytes = record_bytes(block);
  if (const Outcome room = make_room(bytes); room != Outcome::stored) return {.outcome = room};

  header.offset = next_offset_++;
  header.time_ns = time_ns_;
  header.epoch = epoch_;
  header.batch_index = static_cast<std::uint32_t>(header.offset - batch_first_);
  write_header(block.record, header, segment_crc_seed_);
  block.offset = header.offset;
  block.time_ns = time_ns_;
  pieces_[piece_count_++] = {block.record, bytes};
  position_ += bytes;
  if (header.dedup != DedupKey{}) {
    (void)index_.find_or_insert({header.dedup, header.id, header.offset}, time_ns_,
                                block.dedup_window_s * kNsPerSecond);
  }
  return {Outcome::stored, header.offset, header.id};
}

// Room for one more piece in the gathered write, and for its bytes in a segment.
Outcome Appender::make_room(std::size_t bytes) {
  if (piece_count_ == pieces_.size() && !write()) return Outcome::failed;
  if (position_ + bytes <= capacity_) return Outcome::stored;
  if (full_ || !next_.reserve(kSegmentHeadBytes + bytes)) {
    full_ = true;
    nearly_used_up_.store(true, std::memory_order_relaxed);
    return Outcome::full;
  }
  return begin_segment() ? Outcome::stored : Outcome::failed;
}

bool Appender::begin_segment() {
  if (!write() || !sync()) return false;
  SegmentInfo info{.first_offset = next_offset_,
                   .time_ns = time_ns_,
                   .end_bytes = kSegmentHeadBytes,
                   .epoch = epoch_,
                   .crc_seed = crc_seed_};
  NextSegment::Begun begun =
      next_.begin({.first_offset = next_offset_, .time_ns = time_ns_, .epoch = epoch_, .crc_seed = crc_seed_});
  if (begun.error != 0) {
    fail("begin", begun.path, begun.error);
    return false;
  }
  (void)file_->truncate(position_);  // What was set aside and not used. Not done: zeros stay, and are known as such.
  info.path = begun.path;
  rolled_.push_back({position_, std::move(info)});
  file_ = std::move(begun.file);
  path_ = std::move(begun.path);
  position_ = written_ = kSegmentHeadBytes;
  capacity_ = begun.capacity;
  segment_crc_seed_ = crc_seed_;
  return true;
}

bool Appender::write() {
  if (piece_count_ == 0) return true;
  const int error = file_->write({pieces_.data(), piece_count_}, written_);
  if (error != 0) fail("write", path_, error);
  piece_count_ = 0;
  written_ = position_;
  return error == 0;
}

bool Appender::sync() {
  const std::int64_t begun_ns = os::steady_ns();
  const int error = file_->sync();
  if (error != 0) fail("sync", path_, error);
  last_sync_ns_.store(os::steady_ns() - begun_ns, std::memory_order_relaxed);
  return error == 0;
}

void Appender::commit() {
  list_.commit(rolled_, position_, next_offset_);
  nearly_used_up_.store(capacity_ - position_ < capacity_ / 4, std::memory_order_relaxed);
  known_since_ms_.store(index_.known_since_ms(), std::memory_order_relaxed);
}

void Appender::fail(const char* doing, const std::string& path, int error) {
  failure_.emplace(doing, path, error);
  failed_.store(&*failure_, std::memory_order_release);
}

}  // namespace penstock::journal
