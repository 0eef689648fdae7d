#include "journal/ids_file.hpp"

#include "support/memory_disk.hpp"
#include <gtest/gtest.h>

#include <cerrno>
#include <string>

namespace penstock::journal {
namespace {

const Ids kIds{.first_offset = 4, .next_offset = 9, .entries = {{{1, 2}, {}, 4}, {{3, 4}, {}, 7}}};

TEST(IdsFile, IsReadAsItWasWritten) {
  test::MemoryDisk disk;
  ASSERT_EQ(write_ids(disk, "ids", kIds), 0);
  ASSERT_EQ(write_ids(disk, "ids", kIds), 0) << "again, over an older one";
  const auto again = read_ids(disk, "ids");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->first_offset, 4U);
  EXPECT_EQ(again->next_offset, 9U);
  ASSERT_EQ(again->entries.size(), 2U);
  EXPECT_EQ(again->entries[1].key, (DedupKey{3, 4}));
  EXPECT_EQ(again->entries[1].offset, 7U);
}

TEST(IdsFile, MayHoldNone) {
  test::MemoryDisk disk;
  ASSERT_EQ(write_ids(disk, "ids", {.first_offset = 1, .next_offset = 2}), 0);
  EXPECT_TRUE(read_ids(disk, "ids")->entries.empty());
}

TEST(IdsFile, CountsAsMissingWhenItIsNotWhole) {
  test::MemoryDisk disk;
  EXPECT_FALSE(read_ids(disk, "ids"));
  ASSERT_EQ(write_ids(disk, "ids", kIds), 0);
  std::string& bytes = disk.contents("ids");
  const std::string whole = bytes;
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    ASSERT_FALSE(read_ids(disk, "ids")) << bit;
    bytes = whole;
  }
  for (std::size_t length = 0; length < whole.size(); ++length) {
    bytes = whole.substr(0, length);
    ASSERT_FALSE(read_ids(disk, "ids")) << length;
  }
}

}  // namespace
}  // namespace penstock::journal
