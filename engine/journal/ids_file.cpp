#include "journal/ids_file.hpp"

#include "journal/crc32c.hpp"

#include <cerrno>
#include <cstring>
#include <memory>
#include <type_traits>

namespace penstock::journal {

namespace {

constexpr std::uint64_t kMagic = 0x3153444954535450U;  // "PTSTIDS1"

struct IdsHead {
  std::uint64_t magic = kMagic;
  std::uint64_t first_offset = 0;
  std::uint64_t next_offset = 0;
  std::uint64_t count = 0;
  std::uint32_t entries_crc = 0;
  std::uint32_t crc = 0;  // Of all before it.
};
static_assert(std::has_unique_object_representations_v<IdsHead>);
static_assert(std::is_trivially_copyable_v<DedupEntry>);

std::uint32_t crc_of(const IdsHead& head) noexcept {
  return crc32c(0, reinterpret_cast<const char*>(&head), offsetof(IdsHead, crc));
}

std::uint32_t crc_of(const std::vector<DedupEntry>& entries) noexcept {
  return crc32c(0, reinterpret_cast<const char*>(entries.data()), entries.size() * sizeof(DedupEntry));
}

}  // namespace

int write_ids(os::Disk& disk, const std::string& path, const Ids& ids) {
  std::unique_ptr<os::File> file;
  int error = disk.open(path, os::OpenMode::create, file);
  if (error == EEXIST) {
    if (error = disk.unlink(path); error == 0) error = disk.open(path, os::OpenMode::create, file);
  }
  if (error != 0) return error;
  IdsHead head{.first_offset = ids.first_offset,
               .next_offset = ids.next_offset,
               .count = ids.entries.size(),
               .entries_crc = crc_of(ids.entries)};
  head.crc = crc_of(head);
  os::Piece pieces[2] = {{&head, sizeof head}, {ids.entries.data(), ids.entries.size() * sizeof(DedupEntry)}};
  return file->write(std::span{pieces}.first(ids.entries.empty() ? 1 : 2), 0);
}

std::optional<Ids> read_ids(os::Disk& disk, const std::string& path) {
  std::unique_ptr<os::File> file;
  if (disk.open(path, os::OpenMode::read, file) != 0) return std::nullopt;
  IdsHead head;
  char bytes[sizeof head];
  if (file->read(bytes, 0).value != sizeof head) return std::nullopt;
  std::memcpy(&head, bytes, sizeof head);
  const os::Count size = file->size();
  if (head.magic != kMagic || head.crc != crc_of(head) || size.error != 0) return std::nullopt;
  if (size.value != sizeof head + head.count * sizeof(DedupEntry)) return std::nullopt;
  Ids ids{head.first_offset, head.next_offset, std::vector<DedupEntry>(head.count)};
  const std::span<char> room{reinterpret_cast<char*>(ids.entries.data()), head.count * sizeof(DedupEntry)};
  if (file->read(room, sizeof head).value != room.size() || crc_of(ids.entries) != head.entries_crc)
    return std::nullopt;
  return ids;
}

}  // namespace penstock::journal
