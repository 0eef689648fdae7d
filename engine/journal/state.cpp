#include "journal/state.hpp"

#include "journal/crc32c.hpp"
#include "journal/trouble.hpp"

#include <cerrno>
#include <cstring>
#include <memory>
#include <random>
#include <type_traits>

namespace penstock::journal {

namespace {

static_assert(std::has_unique_object_representations_v<State>);

constexpr std::uint64_t kMagic = 0x3154415453535450U;  // "PTSSTAT1"
constexpr std::uint32_t kVersion = 1;

std::uint32_t crc_of(const State& state) noexcept {
  constexpr std::size_t from = offsetof(State, version);
  return crc32c(0, reinterpret_cast<const char*>(&state) + from, sizeof state - from);
}

void must(int error, const char* doing, const std::string& path) {
  if (error != 0) throw DiskFailed(doing, path, error);
}

}  // namespace

State new_state() {
  std::random_device random;
  const auto word = [&random] { return std::uint64_t{random()} << 32U | random(); };
  State state;
  state.crc_seed = random();
  state.dedup_secret = {word(), word()};
  return state;
}

std::optional<State> read_state(os::Disk& disk, const std::string& dir) {
  const std::string path = dir + "/" + kStateName;
  std::unique_ptr<os::File> file;
  const int error = disk.open(path, os::OpenMode::read, file);
  if (error == ENOENT) return std::nullopt;
  must(error, "open", path);
  char bytes[sizeof(State)];
  const os::Count got = file->read(bytes, 0);
  must(got.error, "read", path);
  State state;
  if (got.value == sizeof state) std::memcpy(&state, bytes, sizeof state);
  if (got.value != sizeof state || state.magic != kMagic || state.version != kVersion || state.crc != crc_of(state)) {
    throw Damaged({.segment = kStateName, .why = "the file is not whole"});
  }
  return state;
}

void write_state(os::Disk& disk, const std::string& dir, State state) {
  state.magic = kMagic;
  state.version = kVersion;
  state.crc = crc_of(state);
  const std::string path = dir + "/" + kStateName;
  const std::string beside = path + ".new";
  std::unique_ptr<os::File> file;
  int error = disk.open(beside, os::OpenMode::create, file);
  if (error == EEXIST) {  // Left by a run that ended just here.
    must(disk.unlink(beside), "remove", beside);
    error = disk.open(beside, os::OpenMode::create, file);
  }
  must(error, "create", beside);
  os::Piece piece{&state, sizeof state};
  must(file->write({&piece, 1}, 0), "write", beside);
  must(file->sync(), "sync", beside);
  must(disk.rename(beside, path), "rename", beside);
  must(disk.sync_dir(dir), "sync", dir);
}

}  // namespace penstock::journal
