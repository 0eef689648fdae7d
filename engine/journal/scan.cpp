#include "journal/scan.hpp"

#include "journal/segment.hpp"
#include "os/pages.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace penstock::journal {

namespace {

bool all_zero(std::span<const char> bytes) noexcept {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == 0; });
}

}  // namespace

ScanFrom scan_from(const SegmentInfo& segment) noexcept {
  return {.position = kSegmentHeadBytes,
          .end = segment.end_bytes,
          .offset = segment.first_offset,
          .epoch = segment.epoch,
          .crc_seed = segment.crc_seed};
}

Scan::Scan(const os::File& file, const ScanFrom& from) noexcept : file_{file}, from_{from} {}

Scan::~Scan() {
  if (buffer_ != nullptr) os::unmap_pages(buffer_, room_);
}

bool Scan::resize(std::size_t bytes) noexcept {
  if (bytes == room_) return true;
  char* larger = os::map_pages(bytes);
  if (larger == nullptr) {
    error_ = ENOMEM;
    return false;
  }
  if (buffer_ != nullptr) {
    buffered_ = std::min(buffered_, bytes);
    std::memcpy(larger, buffer_, buffered_);
    os::unmap_pages(buffer_, room_);
  }
  buffer_ = larger;
  room_ = bytes;
  return true;
}

// What lies at `position`: at least `wanted` bytes unless the scan's end comes before. Empty, with error(): the disk.
std::span<const char> Scan::bytes_at(std::uint64_t position, std::size_t wanted) noexcept {
  wanted = static_cast<std::size_t>(std::min<std::uint64_t>(wanted, from_.end - std::min(from_.end, position)));
  const bool within = position >= buffer_position_ && position <= buffer_position_ + buffered_;
  std::size_t skipped = within ? static_cast<std::size_t>(position - buffer_position_) : buffered_;
  if (buffered_ - skipped < wanted) {
    buffered_ -= skipped;
    if (buffered_ != 0) std::memmove(buffer_, buffer_ + skipped, buffered_);
    buffer_position_ = position;
    skipped = 0;
    if (!resize(std::max(wanted, kReadBytes))) return {};
    const std::uint64_t more = std::min<std::uint64_t>(room_ - buffered_, from_.end - position - buffered_);
    const os::Count got = file_.read({buffer_ + buffered_, static_cast<std::size_t>(more)}, position + buffered_);
    if (got.error != 0) {
      error_ = got.error;
      buffered_ = 0;
      return {};
    }
    buffered_ += static_cast<std::size_t>(got.value);
  }
  return {buffer_ + skipped, buffered_ - skipped};
}

Step Scan::stop(Step step, const char* why) noexcept {
  searched_ = from_.position;
  why_ = why;
  return step_ = error_ != 0 ? Step::failed : step;
}

Step Scan::next() noexcept {
  error_ = 0;
  const std::span<const char> head = bytes_at(from_.position, sizeof(RecordHeader));
  if (head.size() < sizeof(RecordHeader)) {
    return all_zero(head) ? stop(Step::blank, "ends here") : stop(Step::bad, "too few bytes for a record");
  }
  if (look_at_header(head) != Step::record) return step_;
  const std::size_t bytes = record_.header.bytes();
  const std::span<const char> whole = bytes_at(from_.position, bytes);
  if (whole.size() < bytes) return stop(Step::bad, "its record is cut short");
  if (!rest_holds(record_.header, whole.data() + sizeof(RecordHeader))) {
    return stop(Step::bad, "the sum over its record differs");
  }
  record_.rest = whole.data() + sizeof(RecordHeader);
  record_.position = from_.position;
  from_.position += bytes;
  from_.offset = record_.header.offset + 1;
  from_.epoch = record_.header.epoch;
  return step_ = Step::record;
}

Step Scan::look_at_header(std::span<const char> bytes) noexcept {
  record_.header = read_header(bytes.data());
  if (!header_holds(record_.header, bytes.data(), from_.crc_seed)) {
    if (all_zero(bytes.first(sizeof(RecordHeader)))) return stop(Step::blank, "zeros where its record should begin");
    return stop(Step::bad, "no whole header where its record should begin");
  }
  if (record_.header.offset != from_.offset) return stop(Step::bad, "the record of another event lies in its place");
  if (record_.header.epoch < from_.epoch) return stop(Step::bad, "a record of an earlier run lies in its place");
  return Step::record;
}

bool Scan::find_in(std::span<const char> bytes, std::uint64_t position) noexcept {
  constexpr char first_byte = static_cast<char>(kRecordMagic & 0xFFU);
  const char* end = bytes.data() + bytes.size() - (sizeof(RecordHeader) - 1);
  for (const char* at = bytes.data(); at < end; ++at) {
    at = static_cast<const char*>(std::memchr(at, first_byte, static_cast<std::size_t>(end - at)));
    if (at == nullptr) return false;
    const RecordHeader header = read_header(at);
    if (header.magic != kRecordMagic || header.offset <= from_.offset || header.epoch < from_.epoch) continue;
    if (!header_holds(header, at, from_.crc_seed)) continue;
    found_ = {header, nullptr, position + static_cast<std::uint64_t>(at - bytes.data())};
    return true;
  }
  return false;
}

bool Scan::look_behind() noexcept {
  error_ = 0;
  for (;;) {
    ++searched_;
    const os::Count data = file_.data_from(searched_);
    if (data.error != 0) error_ = data.error;
    if (data.error != 0 || data.value + sizeof(RecordHeader) > from_.end) return false;
    // A header may begin with bytes that lie in an empty stretch only if they are zero, and its first one is not.
    searched_ = std::max(searched_, data.value);
    const std::span<const char> bytes = bytes_at(searched_, kReadBytes);
    if (bytes.size() < sizeof(RecordHeader)) return false;
    if (find_in(bytes, searched_)) {
      searched_ = found_.position;
      return true;
    }
    searched_ += bytes.size() - sizeof(RecordHeader);  // And one more when it goes on.
  }
}

void Scan::skip_to(const RecordView& found) noexcept {
  from_.position = found.position;
  from_.offset = found.header.offset;
}

}  // namespace penstock::journal
