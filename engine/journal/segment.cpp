#include "journal/segment.hpp"

#include "journal/crc32c.hpp"
#include "journal/trouble.hpp"

#include <charconv>
#include <cstring>
#include <span>
#include <type_traits>

namespace penstock::journal {

namespace {

static_assert(std::is_trivially_copyable_v<SegmentHead>);

constexpr std::uint64_t kMagic = 0x3147455350535450U;  // "PTSPSEG1"
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kDigits = 20;
constexpr std::string_view kSegmentEnding = ".seg";

std::uint32_t crc_of(const SegmentHead& head) noexcept {
  constexpr std::size_t from = offsetof(SegmentHead, version);
  return crc32c(0, reinterpret_cast<const char*>(&head) + from, sizeof head - from);
}

std::string name_of(std::uint64_t first_offset, std::string_view ending) {
  const std::string digits = std::to_string(first_offset);
  return std::string(kDigits - digits.size(), '0') + digits + std::string{ending};
}

}  // namespace

int write_segment_head(os::File& file, SegmentHead head) noexcept {
  head.magic = kMagic;
  head.version = kVersion;
  head.crc = crc_of(head);
  os::Piece piece{&head, sizeof head};
  return file.write({&piece, 1}, 0);
}

const char* read_segment_head(const os::File& file, SegmentHead& head, int& error) noexcept {
  char bytes[sizeof head];
  const os::Count got = file.read(bytes, 0);
  error = got.error;
  if (got.error != 0) return "cannot be read";
  if (got.value < sizeof head) return "the file is shorter than its head";
  std::memcpy(&head, bytes, sizeof head);
  if (head.magic != kMagic) return "the file does not begin as a segment does";
  if (head.crc != crc_of(head)) return "the sum over the file's head differs";
  if (head.version != kVersion) return "written by another version of this program";
  return nullptr;
}

std::string segment_name(std::uint64_t first_offset) { return name_of(first_offset, kSegmentEnding); }
std::string ids_name(std::uint64_t first_offset) { return name_of(first_offset, ".ids"); }

std::vector<SegmentFile> list_segments(os::Disk& disk, const std::string& dir) {
  std::vector<std::string> names;
  if (const int error = disk.list(dir, names); error != 0) throw DiskFailed("list", dir, error);
  std::vector<SegmentFile> segments;
  for (std::string& name : names) {
    if (name.size() != kDigits + kSegmentEnding.size() || !name.ends_with(kSegmentEnding)) continue;
    std::uint64_t first = 0;
    const auto [end, bad] = std::from_chars(name.data(), name.data() + kDigits, first);
    if (bad == std::errc{} && end == name.data() + kDigits) segments.push_back({first, std::move(name)});
  }
  return segments;
}

}  // namespace penstock::journal
