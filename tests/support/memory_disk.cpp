#include "support/memory_disk.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>
#include <utility>

namespace penstock::test {

namespace {

constexpr std::size_t kSectorBytes = 512;

void put(std::string& contents, std::uint64_t at, std::string_view bytes) {
  if (contents.size() < at + bytes.size()) contents.resize(at + bytes.size());
  std::copy(bytes.begin(), bytes.end(), contents.begin() + static_cast<std::ptrdiff_t>(at));
}

}  // namespace

class MemoryFile : public os::File {
 public:
  MemoryFile(MemoryDisk& disk, std::shared_ptr<MemoryDisk::Inode> inode, std::shared_ptr<int> lock = nullptr)
      : disk_{disk}, inode_{std::move(inode)}, lock_{std::move(lock)} {}

  int sync() noexcept override {
    if (const int error = before(Call::sync); error != 0) return error;
    if (!disk_.change()) return EIO;
    inode_->synced = inode_->now;
    inode_->changes.clear();
    return 0;
  }

  int allocate(std::uint64_t bytes) noexcept override {
    if (const int error = before(Call::allocate); error != 0) return error;
    const std::uint64_t more = bytes - std::min<std::uint64_t>(bytes, inode_->now.size());
    if (disk_.used() + more > disk_.bytes_max_) return ENOSPC;
    return more == 0 ? 0 : resize(bytes);
  }

  int truncate(std::uint64_t bytes) noexcept override {
    if (const int error = before(Call::truncate); error != 0) return error;
    return resize(bytes);
  }

  os::Count size() const noexcept override { return {0, inode_->now.size()}; }
  os::Count data_from(std::uint64_t position) const noexcept override {
    return {0, std::min<std::uint64_t>(position, inode_->now.size())};
  }

 protected:
  os::Count write_some(std::span<const os::Piece> pieces, std::uint64_t position) noexcept override {
    bool cut_short = false;
    if (const int error = disk_.before(Call::write, cut_short); error != 0) return {error, 0};
    if (!disk_.change()) return {EIO, 0};
    std::string bytes;
    for (const os::Piece& piece : pieces) bytes.append(static_cast<const char*>(piece.data), piece.bytes);
    if (cut_short) bytes.resize((bytes.size() + 1) / 2);
    put(inode_->now, position, bytes);
    const std::uint64_t written = bytes.size();
    inode_->changes.push_back({MemoryDisk::Change::Kind::write, position, std::move(bytes)});
    return {0, written};
  }

  os::Count read_some(std::span<char> into, std::uint64_t position) const noexcept override {
    bool cut_short = false;
    if (const int error = disk_.before(Call::read, cut_short); error != 0) return {error, 0};
    if (position >= inode_->now.size()) return {0, 0};
    std::size_t bytes = std::min<std::size_t>(into.size(), inode_->now.size() - position);
    if (cut_short) bytes = (bytes + 1) / 2;
    std::memcpy(into.data(), inode_->now.data() + position, bytes);
    return {0, bytes};
  }

 private:
  [[nodiscard]] int before(Call call) const noexcept {
    bool cut_short = false;
    return disk_.before(call, cut_short);
  }

  int resize(std::uint64_t bytes) noexcept {
    if (!disk_.change()) return EIO;
    inode_->now.resize(bytes);
    inode_->changes.push_back({MemoryDisk::Change::Kind::size, bytes, {}});
    return 0;
  }

  MemoryDisk& disk_;
  std::shared_ptr<MemoryDisk::Inode> inode_;
  std::shared_ptr<int> lock_;
};

void MemoryDisk::fail(Call call, std::uint64_t k, int error) noexcept { fault_ = {call, k, error}; }

int MemoryDisk::before(Call call, bool& cut_short) noexcept {
  ++calls_[static_cast<std::size_t>(call)];
  if (changes_left_ == 0) return EIO;
  if (fault_.k == 0 || fault_.k == ~std::uint64_t{0} || call != fault_.call || --fault_.k != 0) return 0;
  cut_short = fault_.error == 0;
  return fault_.error;
}

bool MemoryDisk::change() noexcept {
  if (changes_left_ == 0) return false;
  --changes_left_;
  ++changes_;
  return true;
}

std::uint64_t MemoryDisk::used() const noexcept {
  std::uint64_t bytes = 0;
  for (const auto& [path, inode] : names_) bytes += inode->now.size();
  return bytes;
}

int MemoryDisk::open(const std::string& path, os::OpenMode mode, std::unique_ptr<os::File>& file) {
  bool cut_short = false;
  if (const int error = before(Call::open, cut_short); error != 0) return error;
  const auto found = names_.find(path);
  if (mode == os::OpenMode::create) {
    if (found != names_.end()) return EEXIST;
    if (!change()) return EIO;
    auto inode = std::make_shared<Inode>();
    names_[path] = inode;
    renames_.push_back({{}, path, inode});
    file = std::make_unique<MemoryFile>(*this, std::move(inode));
    return 0;
  }
  if (found == names_.end()) return ENOENT;
  file = std::make_unique<MemoryFile>(*this, found->second);
  return 0;
}

int MemoryDisk::make_dir(const std::string& /*path*/) { return changes_left_ == 0 ? EIO : 0; }

int MemoryDisk::list(const std::string& dir, std::vector<std::string>& names) {
  bool cut_short = false;
  if (const int error = before(Call::list, cut_short); error != 0) return error;
  names.clear();
  for (const auto& [path, inode] : names_) {
    if (path.starts_with(dir + "/")) names.push_back(path.substr(dir.size() + 1));
  }
  return 0;
}

int MemoryDisk::unlink(const std::string& path) {
  bool cut_short = false;
  if (const int error = before(Call::unlink, cut_short); error != 0) return error;
  if (!names_.contains(path)) return ENOENT;
  if (!change()) return EIO;
  names_.erase(path);
  renames_.push_back({{}, path, nullptr});
  return 0;
}

int MemoryDisk::rename(const std::string& from, const std::string& to) {
  bool cut_short = false;
  if (const int error = before(Call::rename, cut_short); error != 0) return error;
  const auto found = names_.find(from);
  if (found == names_.end()) return ENOENT;
  if (!change()) return EIO;
  renames_.push_back({from, to, found->second});
  names_[to] = found->second;
  names_.erase(from);
  return 0;
}

int MemoryDisk::sync_dir(const std::string& dir) {
  bool cut_short = false;
  if (const int error = before(Call::sync_dir, cut_short); error != 0) return error;
  if (!change()) return EIO;
  (void)dir;  // One directory is all a journal has.
  synced_names_ = names_;
  renames_.clear();
  return 0;
}

int MemoryDisk::lock(const std::string& path, std::unique_ptr<os::File>& held, std::uint64_t& holder) {
  if (changes_left_ == 0) return EIO;
  if (!locks_[path].expired()) {
    holder = 4711;
    return EWOULDBLOCK;
  }
  auto lock = std::make_shared<int>(0);
  locks_[path] = lock;
  held = std::make_unique<MemoryFile>(*this, std::make_shared<Inode>(), std::move(lock));
  return 0;
}

MemoryDisk MemoryDisk::after_power_cut(std::mt19937& random) const {
  const auto perhaps = [&random] { return random() % 2 == 0; };
  std::map<std::string, std::shared_ptr<Inode>> names = synced_names_;
  for (const Rename& rename : renames_) {
    if (!perhaps()) continue;
    if (!rename.from.empty()) names.erase(rename.from);
    if (rename.inode == nullptr) {
      names.erase(rename.to);
    } else {
      names[rename.to] = rename.inode;
    }
  }
  MemoryDisk left;
  for (const auto& [path, inode] : names) {
    auto kept = std::make_shared<Inode>();
    kept->now = inode->synced;
    for (const Change& change : inode->changes) {
      if (change.kind == Change::Kind::size) {
        if (perhaps()) kept->now.resize(change.at);
        continue;
      }
      const auto fate = random() % 3;  // Gone, there, or in part.
      if (fate == 0) continue;
      for (std::uint64_t at = change.at; at < change.at + change.bytes.size();) {
        const std::uint64_t sector_end = (at / kSectorBytes + 1) * kSectorBytes;
        const std::uint64_t end = std::min<std::uint64_t>(sector_end, change.at + change.bytes.size());
        if (fate == 1 || perhaps()) {
          put(kept->now, at, std::string_view{change.bytes}.substr(at - change.at, end - at));
        }
        at = end;
      }
    }
    kept->synced = kept->now;
    left.names_[path] = std::move(kept);
  }
  left.synced_names_ = left.names_;
  return left;
}

MemoryDisk MemoryDisk::copy() const {
  MemoryDisk other;
  for (const auto& [path, inode] : names_) other.names_[path] = std::make_shared<Inode>(*inode);
  for (const auto& [path, inode] : synced_names_) {
    const auto same = std::find_if(names_.begin(), names_.end(), [&](const auto& n) { return n.second == inode; });
    other.synced_names_[path] = same == names_.end() ? std::make_shared<Inode>(*inode) : other.names_[same->first];
  }
  for (const Rename& rename : renames_) {
    const auto now = rename.inode == nullptr ? names_.end() : names_.find(rename.to);
    const bool same = now != names_.end() && now->second == rename.inode;
    other.renames_.push_back({rename.from, rename.to, same ? other.names_[rename.to] : rename.inode});
  }
  return other;
}

std::string& MemoryDisk::contents(const std::string& path) { return names_.at(path)->now; }

std::vector<std::string> MemoryDisk::paths() const {
  std::vector<std::string> paths;
  for (const auto& [path, inode] : names_) paths.push_back(path);
  return paths;
}

}  // namespace penstock::test
