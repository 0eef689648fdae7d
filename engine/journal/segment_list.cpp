#include "journal/segment_list.hpp"

#include <algorithm>
#include <iterator>
#include <mutex>
#include <utility>

namespace penstock::journal {

void SegmentList::start(std::vector<SegmentInfo> segments, std::uint64_t next_offset) {
  const std::lock_guard lock{mutex_};
  segments_.assign(std::make_move_iterator(segments.begin()), std::make_move_iterator(segments.end()));
  next_offset_.store(next_offset, std::memory_order_release);
}

void SegmentList::commit(std::vector<Rolled>& rolled, std::uint64_t end_bytes, std::uint64_t next_offset) {
  const std::lock_guard lock{mutex_};
  for (Rolled& next : rolled) {
    segments_.back().end_bytes = next.previous_end_bytes;
    segments_.push_back(std::move(next.segment));
  }
  rolled.clear();
  segments_.back().end_bytes = end_bytes;
  next_offset_.store(next_offset, std::memory_order_release);
}

SegmentInfo SegmentList::at(std::size_t index) const {
  SegmentInfo info = segments_[index];
  if (index + 1 < segments_.size()) {
    info.next_first = segments_[index + 1].first_offset;
    info.next_time_ns = segments_[index + 1].time_ns;
  }
  return info;
}

std::optional<SegmentInfo> SegmentList::segment_of(std::uint64_t offset) const {
  const std::lock_guard lock{mutex_};
  if (offset >= next_offset_.load(std::memory_order_relaxed)) return std::nullopt;
  const auto behind = std::upper_bound(segments_.begin(), segments_.end(), offset,
                                       [](std::uint64_t o, const SegmentInfo& s) { return o < s.first_offset; });
  return at(behind == segments_.begin() ? 0 : static_cast<std::size_t>(behind - segments_.begin()) - 1);
}

SegmentInfo SegmentList::segment_at(std::int64_t time_ns) const {
  const std::lock_guard lock{mutex_};
  const auto behind = std::lower_bound(segments_.begin(), segments_.end(), time_ns,
                                       [](const SegmentInfo& s, std::int64_t t) { return s.time_ns < t; });
  return at(behind == segments_.begin() ? 0 : static_cast<std::size_t>(behind - segments_.begin()) - 1);
}

std::vector<SegmentInfo> SegmentList::sealed() const {
  const std::lock_guard lock{mutex_};
  std::vector<SegmentInfo> sealed;
  for (std::size_t i = 0; i + 1 < segments_.size(); ++i) sealed.push_back(at(i));
  return sealed;
}

void SegmentList::drop_first() {
  const std::lock_guard lock{mutex_};
  if (segments_.size() > 1) segments_.pop_front();
}

std::uint64_t SegmentList::first_offset() const {
  const std::lock_guard lock{mutex_};
  return segments_.front().first_offset;
}

std::uint64_t SegmentList::bytes() const {
  const std::lock_guard lock{mutex_};
  std::uint64_t bytes = 0;
  for (const SegmentInfo& segment : segments_) bytes += segment.end_bytes;
  return bytes;
}

}  // namespace penstock::journal
