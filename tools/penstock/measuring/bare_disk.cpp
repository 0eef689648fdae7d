#include "measuring/bare_disk.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <system_error>
#include <utility>
#include <vector>

namespace penstock::measuring {
namespace {

constexpr std::int64_t kFileBytes = 64 << 20;

void require(bool done, int error, const std::string& what) {
  if (!done) throw std::system_error{error, std::generic_category(), what};
}

}  // namespace

BareDisk::BareDisk(std::string dir) : path_{std::move(dir) + "/bare-disk"} {}

BareDisk::~BareDisk() { drop_file(); }

void BareDisk::drop_file() noexcept {
  if (descriptor_ < 0) return;
  (void)::unlink(path_.c_str());
  (void)::close(std::exchange(descriptor_, -1));
}

void BareDisk::next_file() {
  drop_file();
  descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  require(descriptor_ >= 0, errno, path_);
  const int error = ::posix_fallocate(descriptor_, 0, kFileBytes);
  require(error == 0, error, path_);
  require(::fsync(descriptor_) == 0, errno, path_);
  position_ = 0;
}

Figures BareDisk::measure(std::size_t events_of_batch, std::size_t payload_bytes, const Extent& extent) {
  using Clock = std::chrono::steady_clock;
  const std::string batch(events_of_batch * payload_bytes, 'x');
  const auto bytes = static_cast<std::int64_t>(batch.size());
  require(bytes <= kFileBytes, EFBIG, "a batch of " + std::to_string(bytes) + " bytes");
  std::vector<std::uint64_t> samples_ns;
  next_file();
  const std::clock_t cpu_begin = std::clock();
  const auto begin = Clock::now();
  auto now = begin;
  while (samples_ns.size() < extent.events && now - begin < extent.time_max && !(extent.stop && extent.stop())) {
    const auto due = now;
    if (position_ + bytes > kFileBytes) next_file();
    require(::pwrite(descriptor_, batch.data(), batch.size(), position_) == bytes, errno, path_);
    require(::fdatasync(descriptor_) == 0, errno, path_);
    position_ += bytes;
    now = Clock::now();
    const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(now - due).count();
    samples_ns.insert(samples_ns.end(), events_of_batch, static_cast<std::uint64_t>(ns));
  }
  Figures found{.events = samples_ns.size(),
                .seconds = std::chrono::duration<double>(now - begin).count(),
                .cpu_seconds = static_cast<double>(std::clock() - cpu_begin) / CLOCKS_PER_SEC};
  found.name = "disk/batch:" + std::to_string(events_of_batch) + "/payload:" + std::to_string(payload_bytes);
  found.latency = latencies(samples_ns);
  drop_file();
  return found;
}

}  // namespace penstock::measuring
