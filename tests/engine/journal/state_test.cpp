#include "journal/state.hpp"

#include "journal/trouble.hpp"
#include "support/memory_disk.hpp"
#include <gtest/gtest.h>

#include <cerrno>
#include <random>
#include <string>

namespace penstock::journal {
namespace {

TEST(State, IsReadAsItWasWritten) {
  test::MemoryDisk disk;
  EXPECT_FALSE(read_state(disk, "j"));
  State state = new_state();
  state.epoch = 3;
  state.synced_next = 99;
  write_state(disk, "j", state);
  const auto again = read_state(disk, "j");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->epoch, 3U);
  EXPECT_EQ(again->synced_next, 99U);
  EXPECT_EQ(again->dedup_secret, state.dedup_secret);
  EXPECT_EQ(again->crc_seed, state.crc_seed);
}

TEST(State, HasSecretsOfItsOwn) { EXPECT_NE(new_state().dedup_secret, new_state().dedup_secret); }

TEST(State, IsTheOldOrTheNewOneWhereverThePowerGoes) {
  std::mt19937 random{1};
  for (std::uint64_t cut = 0; cut < 8; ++cut) {
    test::MemoryDisk disk;
    State state = new_state();
    state.epoch = 1;
    write_state(disk, "j", state);
    disk.power_off_after(cut);
    state.epoch = 2;
    try {
      write_state(disk, "j", state);
    } catch (const DiskFailed&) {
    }
    for (int i = 0; i < 50; ++i) {
      test::MemoryDisk left = disk.after_power_cut(random);
      const auto read = read_state(left, "j");
      ASSERT_TRUE(read) << cut;
      ASSERT_TRUE(read->epoch == 1 || read->epoch == 2) << cut;
      write_state(left, "j", state);  // Whatever lies beside it is in nobody's way.
    }
  }
}

TEST(State, IsRefusedWhenABitOfItDiffers) {
  test::MemoryDisk disk;
  write_state(disk, "j", new_state());
  std::string& bytes = disk.contents("j/journal.state");
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    const std::string whole = bytes;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    ASSERT_THROW((void)read_state(disk, "j"), Damaged) << bit;
    bytes = whole;
  }
}

}  // namespace
}  // namespace penstock::journal
