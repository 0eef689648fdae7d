#include "os/file.hpp"

#include "support/temporary_folder.hpp"
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace penstock::os {
namespace {

/// Answers each step as it was told to, then takes all.
class ScriptedFile : public File {
 public:
  explicit ScriptedFile(std::deque<Count> script) : script_{std::move(script)} {}
  int sync() noexcept override { return 0; }
  int allocate(std::uint64_t /*bytes*/) noexcept override { return 0; }
  int truncate(std::uint64_t /*bytes*/) noexcept override { return 0; }
  Count size() const noexcept override { return {0, bytes.size()}; }
  Count data_from(std::uint64_t position) const noexcept override { return {0, position}; }

  mutable std::string bytes;
  mutable int steps = 0;

 protected:
  Count write_some(std::span<const Piece> pieces, std::uint64_t position) noexcept override {
    std::string given;
    for (const Piece& piece : pieces) given.append(static_cast<const char*>(piece.data), piece.bytes);
    const Count step = next(given.size());
    bytes.resize(std::max<std::size_t>(bytes.size(), position + step.value));
    bytes.replace(position, step.value, given.substr(0, step.value));
    return step;
  }
  Count read_some(std::span<char> into, std::uint64_t position) const noexcept override {
    const Count step = next(std::min(into.size(), bytes.size() - std::min<std::size_t>(bytes.size(), position)));
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(position), step.value, into.begin());
    return step;
  }

 private:
  Count next(std::size_t all) const noexcept {
    ++steps;
    if (script_.empty()) return {0, all};
    const Count step = script_.front();
    script_.pop_front();
    return {step.error, std::min<std::uint64_t>(step.value, all)};
  }
  mutable std::deque<Count> script_;
};

int write(File& file, const std::vector<std::string>& texts, std::uint64_t position = 0) {
  std::vector<Piece> pieces;
  for (const std::string& text : texts) pieces.push_back({text.data(), text.size()});
  return file.write(pieces, position);
}

TEST(File, TakesUpShortAndInterruptedWritesWhereTheyStopped) {
  ScriptedFile file{{{EINTR, 0}, {0, 2}, {0, 3}, {EINTR, 0}, {0, 1}}};
  EXPECT_EQ(write(file, {"ab", "cde", "", "fgh"}), 0);
  EXPECT_EQ(file.bytes, "abcdefgh");
  EXPECT_EQ(file.steps, 6);
}

TEST(File, EndsAtTheFirstErrorOfAWrite) {
  ScriptedFile file{{{0, 3}, {ENOSPC, 0}}};
  EXPECT_EQ(write(file, {"abcdef"}), ENOSPC);
  EXPECT_EQ(file.steps, 2);
}

TEST(File, CallsAWriteWithoutProgressAnError) {
  ScriptedFile file{{{0, 0}}};
  EXPECT_EQ(write(file, {"abc"}), EIO);
}

TEST(File, WritesMorePiecesThanTheSystemTakesAtOnce) {
  ScriptedFile file{{}};
  EXPECT_EQ(write(file, std::vector<std::string>(2'500, "xy")), 0);
  EXPECT_EQ(file.bytes.size(), 5'000U);
  EXPECT_EQ(file.steps, 3);
}

TEST(File, ReadsOnUntilTheEnd) {
  ScriptedFile file{{{0, 1}, {EINTR, 0}, {0, 2}}};
  file.bytes = "abcdef";
  std::array<char, 10> into{};
  const Count got = file.read(into, 1);
  EXPECT_EQ(got.error, 0);
  EXPECT_EQ(std::string(into.data(), got.value), "bcdef");
}

class DiskTest : public testing::Test {
 protected:
  const test::TemporaryFolder folder_;
  const std::string dir_ = folder_.text();
};

TEST_F(DiskTest, KeepsWhatIsWrittenUnderTheNameItIsGiven) {
  std::unique_ptr<File> file;
  ASSERT_EQ(disk().open(dir_ + "/a", OpenMode::create, file), 0);
  EXPECT_EQ(disk().open(dir_ + "/a", OpenMode::create, file), EEXIST);
  EXPECT_EQ(write(*file, {"one", "two"}, 4), 0);
  EXPECT_EQ(file->sync(), 0);
  EXPECT_EQ(file->size().value, 10U);
  EXPECT_EQ(disk().rename(dir_ + "/a", dir_ + "/b"), 0);
  EXPECT_EQ(disk().sync_dir(dir_), 0);
  std::vector<std::string> names;
  EXPECT_EQ(disk().list(dir_, names), 0);
  EXPECT_EQ(names, std::vector<std::string>{"b"});
  std::unique_ptr<File> again;
  ASSERT_EQ(disk().open(dir_ + "/b", OpenMode::read, again), 0);
  std::array<char, 6> into{};
  EXPECT_EQ(again->read(into, 4).value, 6U);
  EXPECT_EQ(std::string(into.data(), 6), "onetwo");
  EXPECT_EQ(disk().unlink(dir_ + "/b"), 0);
  EXPECT_EQ(disk().open(dir_ + "/b", OpenMode::read, again), ENOENT);
}

TEST_F(DiskTest, SetsAsideZerosAndCutsThemOff) {
  std::unique_ptr<File> file;
  ASSERT_EQ(disk().open(dir_ + "/a", OpenMode::create, file), 0);
  ASSERT_EQ(file->allocate(1U << 20U), 0);
  EXPECT_EQ(file->size().value, 1U << 20U);
  std::array<char, 8> into{'x'};
  EXPECT_EQ(file->read(into, 5'000).value, 8U);
  EXPECT_EQ(into, (std::array<char, 8>{}));
  EXPECT_EQ(write(*file, {"here"}, 40'000), 0);
  const Count data = file->data_from(0);
  EXPECT_LE(data.value, 40'000U) << "what was written is never passed over";
  EXPECT_EQ(file->truncate(10), 0);
  EXPECT_EQ(file->size().value, 10U);
}

TEST_F(DiskTest, HoldsALockUntilItsFileGoes) {
  std::unique_ptr<File> first;
  std::unique_ptr<File> second;
  std::uint64_t holder = 0;
  ASSERT_EQ(disk().lock(dir_ + "/lock", first, holder), 0);
  EXPECT_EQ(disk().lock(dir_ + "/lock", second, holder), EWOULDBLOCK);
  EXPECT_GT(holder, 1U) << "names who holds it";
  first.reset();
  EXPECT_EQ(disk().lock(dir_ + "/lock", second, holder), 0);
}

TEST_F(DiskTest, SaysWhatIsMissing) {
  std::vector<std::string> names;
  EXPECT_EQ(disk().list(dir_ + "/none", names), ENOENT);
  EXPECT_EQ(disk().make_dir(dir_ + "/x/y/z"), 0);
  EXPECT_EQ(disk().make_dir(dir_ + "/x/y/z"), 0) << "it is there already";
  EXPECT_EQ(error_text(ENOSPC), "No space left on device");
}

}  // namespace
}  // namespace penstock::os
