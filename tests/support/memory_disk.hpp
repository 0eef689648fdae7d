// A disk in memory whose power can be cut, and each of whose calls can fail.
//
//     MemoryDisk disk;
//     disk.power_off_after(17);                         // the 17th change is the last; from then on every call fails
//     … Journal::open(disk, options) …
//     MemoryDisk left = disk.after_power_cut(random);   // what a real disk might hold then
//
// After a cut a file holds what it held at its last sync, and of what was done since any part, in any order: a write
// may be there, or not, or some of its sectors of 512 B. Names (create, rename, unlink) are there for sure once their
// directory was synced; before that each may be there or not. So a sync that is missing shows sooner or later.
// Threads: one.

#pragma once

#include "os/file.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace penstock::test {

enum class Call : std::uint8_t { open, write, read, sync, allocate, truncate, unlink, rename, sync_dir, list };
inline constexpr std::size_t kCalls = static_cast<std::size_t>(Call::list) + 1;

class MemoryDisk : public os::Disk {
 public:
  MemoryDisk() = default;

  int open(const std::string& path, os::OpenMode mode, std::unique_ptr<os::File>& file) override;
  int make_dir(const std::string& path) override;
  int list(const std::string& dir, std::vector<std::string>& names) override;
  int unlink(const std::string& path) override;
  int rename(const std::string& from, const std::string& to) override;
  int sync_dir(const std::string& dir) override;
  int lock(const std::string& path, std::unique_ptr<os::File>& held, std::uint64_t& holder) override;

  /// Of this disk, were its power cut now.
  [[nodiscard]] MemoryDisk after_power_cut(std::mt19937& random) const;
  /// What a killed process leaves: everything it wrote, synced or not. A disk of its own.
  [[nodiscard]] MemoryDisk copy() const;

  void power_off_after(std::uint64_t changes) noexcept { changes_left_ = changes; }
  /// The k-th call of that kind from now on (the first is 1) fails once with `error`; 0: a short write or read.
  void fail(Call call, std::uint64_t k, int error) noexcept;
  [[nodiscard]] bool failed() const noexcept { return fault_.k == 0; }  ///< That call has come.
  [[nodiscard]] std::uint64_t changes() const noexcept { return changes_; }
  [[nodiscard]] std::uint64_t calls(Call call) const noexcept { return calls_[static_cast<std::size_t>(call)]; }
  void limit(std::uint64_t bytes) noexcept { bytes_max_ = bytes; }  ///< allocate() says ENOSPC past it.

  [[nodiscard]] std::string& contents(const std::string& path);  ///< To be damaged.
  [[nodiscard]] bool has(const std::string& path) const { return names_.contains(path); }
  [[nodiscard]] std::vector<std::string> paths() const;

 private:
  friend class MemoryFile;
  struct Change {  // Of a file since its last sync.
    enum class Kind : std::uint8_t { write, size } kind;
    std::uint64_t at;  // Or the new size.
    std::string bytes;
  };
  struct Inode {
    std::string now;
    std::string synced;
    std::vector<Change> changes;
  };
  struct Rename {  // An empty `from`: created or unlinked.
    std::string from;
    std::string to;
    std::shared_ptr<Inode> inode;  // What `to` is then; null: gone.
  };
  struct Fault {
    Call call = Call::open;
    std::uint64_t k = ~std::uint64_t{0};  // Calls left until it; 0: it has come.
    int error = 0;
  };

  [[nodiscard]] int before(Call call, bool& cut_short) noexcept;  // 0, or why the call fails.
  [[nodiscard]] bool change() noexcept;                           // False: the power is off.
  [[nodiscard]] std::uint64_t used() const noexcept;

  std::map<std::string, std::shared_ptr<Inode>> names_;
  std::map<std::string, std::shared_ptr<Inode>> synced_names_;
  std::vector<Rename> renames_;
  std::map<std::string, std::weak_ptr<int>> locks_;
  std::array<std::uint64_t, kCalls> calls_{};
  std::uint64_t changes_ = 0;
  std::uint64_t changes_left_ = ~std::uint64_t{0};
  std::uint64_t bytes_max_ = ~std::uint64_t{0};
  Fault fault_;
};

}  // namespace penstock::test
