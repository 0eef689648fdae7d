// The file system as an interface, so that tests can cut the power, fill the disk and fail any call.
//
//     os::Disk& disk = os::disk();                                    // the real one
//     if (const int error = disk.open(path, OpenMode::create, file)) …   // an errno, 0: done
//     file->write({{head, 64}, {body, n}}, position); file->sync();   // all of it, or an error
//
// Interrupted and short calls are taken up again here, in write() and read(), and nowhere else: a disk of a test
// overrides the steps below them. A failed sync is never repeated by anyone: the kernel may have let the pages go.
// Threads: a File may be read by many while one writes; a Disk by any. All calls may block on the disk.
// Errors: errno values; nothing here throws but for want of memory. What is opened is closed with its File.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace penstock::os {

/// Bytes to be written: as the system takes them (struct iovec).
struct Piece {
  const void* data;
  std::size_t bytes;
};

/// The pieces that one gathered write takes at most (Linux: UIO_MAXIOV, 1024).
inline constexpr std::size_t kPiecesMax = 1024;

/// What a call gave: a count when `error` is 0.
struct Count {
  int error = 0;
  std::uint64_t value = 0;
};

class File {
 public:
  virtual ~File() = default;

  /// Writes all pieces, one behind the other, from `position` on. The array is used up: it may be changed.
  [[nodiscard]] int write(std::span<Piece> pieces, std::uint64_t position) noexcept;
  /// Reads until `into` is full or the file ends; gives the bytes read.
  [[nodiscard]] Count read(std::span<char> into, std::uint64_t position) const noexcept;

  [[nodiscard]] virtual int sync() noexcept = 0;  ///< fdatasync: contents and size. Once; see above.
  /// Has the system set aside `bytes` from the beginning, and grow the file to them; they read as zeros.
  [[nodiscard]] virtual int allocate(std::uint64_t bytes) noexcept = 0;
  [[nodiscard]] virtual int truncate(std::uint64_t bytes) noexcept = 0;
  [[nodiscard]] virtual Count size() const noexcept = 0;
  /// The first position from `position` on that may hold anything but zeros; the size of the file when none does.
  [[nodiscard]] virtual Count data_from(std::uint64_t position) const noexcept = 0;

 protected:
  /// One step: at least a byte, EINTR, or another error.
  [[nodiscard]] virtual Count write_some(std::span<const Piece> pieces, std::uint64_t position) noexcept = 0;
  [[nodiscard]] virtual Count read_some(std::span<char> into, std::uint64_t position) const noexcept = 0;
};

enum class OpenMode : std::uint8_t {
  read,    ///< It exists.
  write,   ///< It exists; read and write.
  create,  ///< It must not exist; read and write. Mode 0600: events are nobody else's.
};

class Disk {
 public:
  virtual ~Disk() = default;

  [[nodiscard]] virtual int open(const std::string& path, OpenMode mode, std::unique_ptr<File>& file) = 0;
  [[nodiscard]] virtual int make_dir(const std::string& path) = 0;  ///< With its parents; 0 if it is there. Mode 0700.
  [[nodiscard]] virtual int list(const std::string& dir, std::vector<std::string>& names) = 0;  ///< Files, sorted.
  [[nodiscard]] virtual int unlink(const std::string& path) = 0;
  [[nodiscard]] virtual int rename(const std::string& from, const std::string& to) = 0;  ///< Replaces `to`.
  [[nodiscard]] virtual int sync_dir(const std::string& dir) = 0;  ///< What was created, renamed and unlinked in it.
  /// Holds `path` (made when missing) against other processes until `held` goes, and writes our process id into it.
  /// EWOULDBLOCK: somebody else does, and `holder` is his id (0: not known).
  [[nodiscard]] virtual int lock(const std::string& path, std::unique_ptr<File>& held, std::uint64_t& holder) = 0;
};

[[nodiscard]] Disk& disk() noexcept;

/// "no space left on device (ENOSPC)"-like words for an errno.
[[nodiscard]] std::string error_text(int error);

}  // namespace penstock::os
