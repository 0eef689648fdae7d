#include "os/file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <system_error>
#include <utility>

namespace penstock::os {

namespace {

static_assert(sizeof(Piece) == sizeof(iovec) && offsetof(Piece, bytes) == offsetof(iovec, iov_len));

/// 0, or the errno of a call that says -1.
template <class Result>
int error_of(Result result) noexcept {
  return result < 0 ? errno : 0;
}

template <class Result>
Count count_of(Result result) noexcept {
  return result < 0 ? Count{errno, 0} : Count{0, static_cast<std::uint64_t>(result)};
}

/// Calls again while it is interrupted. Never for close or sync.
template <class Call>
int steadily(Call call) noexcept {
  int error = 0;
  do {
    error = error_of(call());
  } while (error == EINTR);
  return error;
}

class RealFile : public File {
 public:
  explicit RealFile(int descriptor) noexcept : descriptor_{descriptor} {}
  ~RealFile() override { ::close(descriptor_); }
  RealFile(const RealFile&) = delete;
  RealFile& operator=(const RealFile&) = delete;

  int sync() noexcept override { return error_of(::fdatasync(descriptor_)); }

  int allocate(std::uint64_t bytes) noexcept override {
    const int error = steadily([&] { return ::fallocate(descriptor_, 0, 0, static_cast<off_t>(bytes)); });
    // A file system that cannot set space aside: the file grows as it is written, and its end is met as an error.
    return error == EOPNOTSUPP ? truncate(bytes) : error;
  }

  int truncate(std::uint64_t bytes) noexcept override {
    return steadily([&] { return ::ftruncate(descriptor_, static_cast<off_t>(bytes)); });
  }

  [[nodiscard]] Count size() const noexcept override {
    struct stat found {};
    return ::fstat(descriptor_, &found) < 0 ? Count{errno, 0} : Count{0, static_cast<std::uint64_t>(found.st_size)};
  }

  [[nodiscard]] Count data_from(std::uint64_t position) const noexcept override {
    const off_t found = ::lseek(descriptor_, static_cast<off_t>(position), SEEK_DATA);
    if (found >= 0) return {0, static_cast<std::uint64_t>(found)};
    if (errno == ENXIO) return size();
    return {0, position};  // Not known: all of it may be data.
  }

 protected:
  Count write_some(std::span<const Piece> pieces, std::uint64_t position) noexcept override {
    const auto* vectors = reinterpret_cast<const iovec*>(pieces.data());
    return count_of(::pwritev(descriptor_, vectors, static_cast<int>(pieces.size()), static_cast<off_t>(position)));
  }

  [[nodiscard]] Count read_some(std::span<char> into, std::uint64_t position) const noexcept override {
    return count_of(::pread(descriptor_, into.data(), into.size(), static_cast<off_t>(position)));
  }

 private:
  int descriptor_;
};

int flags_of(OpenMode mode) noexcept {
  switch (mode) {
    case OpenMode::read: return O_RDONLY;
    case OpenMode::write: return O_RDWR;
    case OpenMode::create: return O_RDWR | O_CREAT | O_EXCL;
  }
  return O_RDONLY;
}

int open_descriptor(const std::string& path, int flags, int& descriptor) noexcept {
  return steadily([&] { return descriptor = ::open(path.c_str(), flags | O_CLOEXEC, S_IRUSR | S_IWUSR); });
}

/// The number a file begins with; 0: none.
std::uint64_t number_in(int descriptor) noexcept {
  char text[24];
  const ssize_t bytes = ::pread(descriptor, text, sizeof text, 0);
  std::uint64_t number = 0;
  if (bytes > 0) std::from_chars(text, text + bytes, number);
  return number;
}

class RealDisk : public Disk {
 public:
  int open(const std::string& path, OpenMode mode, std::unique_ptr<File>& file) override {
    int descriptor = -1;
    const int error = open_descriptor(path, flags_of(mode), descriptor);
    if (error == 0) file = std::make_unique<RealFile>(descriptor);
    return error;
  }

  int make_dir(const std::string& path) override {
    std::error_code error;
    const bool made = std::filesystem::create_directories(path, error);
    if (made) ::chmod(path.c_str(), S_IRWXU);
    return error.value();
  }

  int list(const std::string& dir, std::vector<std::string>& names) override {
    std::error_code error;
    names.clear();
    for (std::filesystem::directory_iterator at{dir, error}, end; error.value() == 0 && at != end; at.increment(error))
      names.push_back(at->path().filename().string());
    std::sort(names.begin(), names.end());
    return error.value();
  }

  int unlink(const std::string& path) override { return error_of(::unlink(path.c_str())); }

  int rename(const std::string& from, const std::string& to) override {
    return error_of(::rename(from.c_str(), to.c_str()));
  }

  int sync_dir(const std::string& dir) override {
    int descriptor = -1;
    if (const int error = open_descriptor(dir, O_RDONLY | O_DIRECTORY, descriptor); error != 0) return error;
    const int error = error_of(::fsync(descriptor));
    ::close(descriptor);
    return error;
  }

  int lock(const std::string& path, std::unique_ptr<File>& held, std::uint64_t& holder) override {
    int descriptor = -1;
    if (const int error = open_descriptor(path, O_RDWR | O_CREAT, descriptor); error != 0) return error;
    auto file = std::make_unique<RealFile>(descriptor);
    if (const int error = steadily([&] { return ::flock(descriptor, LOCK_EX | LOCK_NB); }); error != 0) {
      holder = number_in(descriptor);
      return error;
    }
    std::string text = std::to_string(::getpid()) + '\n';
    Piece piece{text.data(), text.size()};
    if (const int error = file->truncate(0); error != 0) return error;
    if (const int error = file->write({&piece, 1}, 0); error != 0) return error;
    held = std::move(file);
    return 0;
  }
};

}  // namespace

int File::write(std::span<Piece> pieces, std::uint64_t position) noexcept {
  while (!pieces.empty()) {
    const Count written = write_some(pieces.first(std::min(pieces.size(), kPiecesMax)), position);
    if (written.error == EINTR) continue;
    if (written.error != 0) return written.error;
    if (written.value == 0) return EIO;  // Neither progress nor a reason.
    position += written.value;
    std::size_t bytes = written.value;
    while (!pieces.empty() && bytes >= pieces.front().bytes) {
      bytes -= pieces.front().bytes;
      pieces = pieces.subspan(1);
    }
    if (bytes == 0) continue;
    pieces.front() = {static_cast<const char*>(pieces.front().data) + bytes, pieces.front().bytes - bytes};
  }
  return 0;
}

Count File::read(std::span<char> into, std::uint64_t position) const noexcept {
  Count all;
  while (!into.empty()) {
    const Count got = read_some(into, position + all.value);
    if (got.error == EINTR) continue;
    if (got.error != 0) return {got.error, all.value};
    if (got.value == 0) break;
    all.value += got.value;
    into = into.subspan(got.value);
  }
  return all;
}

Disk& disk() noexcept {
  static RealDisk real;
  return real;
}

std::string error_text(int error) { return std::system_category().message(error); }

}  // namespace penstock::os
