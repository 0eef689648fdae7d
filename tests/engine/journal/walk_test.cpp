#include "journal/walk.hpp"

#include "engine/journal/journals.hpp"
#include "journal/segment.hpp"
#include "support/memory_disk.hpp"
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

namespace penstock::journal {
namespace {

/// A file that a broker writes while it is read: what the first read gives is older than what the later ones give.
class FileBeingWritten : public os::File {
 public:
  FileBeingWritten(std::string before, std::string after) : before_{std::move(before)}, after_{std::move(after)} {}

  int sync() noexcept override { return EROFS; }
  int allocate(std::uint64_t) noexcept override { return EROFS; }
  int truncate(std::uint64_t) noexcept override { return EROFS; }
  [[nodiscard]] os::Count size() const noexcept override { return {.value = after_.size()}; }
  [[nodiscard]] os::Count data_from(std::uint64_t position) const noexcept override { return {.value = position}; }

 protected:
  os::Count write_some(std::span<const os::Piece>, std::uint64_t) noexcept override { return {.error = EROFS}; }
  [[nodiscard]] os::Count read_some(std::span<char> into, std::uint64_t position) const noexcept override {
    const std::string& bytes = reads_++ == 0 ? before_ : after_;
    const std::size_t count = std::min(into.size(), bytes.size() - std::min<std::size_t>(bytes.size(), position));
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(position), count, into.begin());
    return {.value = count};
  }

 private:
  const std::string before_;
  const std::string after_;
  mutable int reads_ = 0;
};

class WalkTest : public testing::Test {
 protected:
  WalkTest() {
    const auto journal = Journal::open(disk_, {.dir = "j", .segment_bytes = 16U << 10U, .dedup_bytes = 1U << 16U});
    for (std::uint64_t i = 1; i <= 3; ++i) events_.append(*journal, i, 1);
    bytes_ = disk_.contents("j/" + segment_name(1));
    std::unique_ptr<os::File> file;
    int error = disk_.open("j/" + segment_name(1), os::OpenMode::read, file);
    SegmentHead head;
    EXPECT_EQ(read_segment_head(*file, head, error), nullptr);
    from_ = {.path = "j", .name = "s", .epoch = head.epoch, .crc_seed = head.crc_seed};
    (void)walk(*file, from_, [this](const RecordView& record) {
      positions_.push_back(record.position);
      return true;
    });
  }

  /// As it was before record `number`, of 3, was written.
  [[nodiscard]] std::string without(std::size_t number) const {
    std::string bytes = bytes_;
    const std::size_t begin = positions_.at(number - 1);
    std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(begin), positions_.at(number) - begin, '\0');
    return bytes;
  }

  test::MemoryDisk disk_;
  test::Events events_;
  std::string bytes_;
  WalkFrom from_;
  std::vector<std::uint64_t> positions_;
};

TEST_F(WalkTest, WhatIsWrittenWhileItReadsIsNoDamage) {
  const FileBeingWritten file{without(2), bytes_};
  std::vector<std::uint64_t> offsets;
  const Walked walked = walk(file, from_, [&](const RecordView& record) {
    offsets.push_back(record.header.offset);
    return true;
  });
  EXPECT_TRUE(walked.damaged.empty()) << walked.damaged.front().text();
  EXPECT_EQ(offsets, test::numbers(1, 3));
}

TEST_F(WalkTest, WhatStaysMissingIsDamage) {
  const FileBeingWritten file{without(2), without(2)};
  const Walked walked = walk(file, from_);
  ASSERT_EQ(walked.damaged.size(), 1U);
  EXPECT_EQ(walked.damaged[0].offset, 2U);
  EXPECT_EQ(walked.events, 2U);
}

TEST_F(WalkTest, EndsWhenItIsEnough) {
  const FileBeingWritten file{bytes_, bytes_};
  const Walked walked = walk(file, from_, [](const RecordView& record) { return record.header.offset < 2; });
  EXPECT_EQ(walked.events, 2U);
  EXPECT_EQ(walked.next_offset, 3U);
}

}  // namespace
}  // namespace penstock::journal
