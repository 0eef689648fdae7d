#include "journal/reader.hpp"

#include "engine/journal/journals.hpp"
#include "support/memory_disk.hpp"
#include "support/temporary_folder.hpp"
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace penstock::journal {
namespace {

class ReaderTest : public testing::Test {
 protected:
  [[nodiscard]] Reading next(Reader& reader, std::uint64_t& number) {
    event::Block* block = nullptr;
    const Reading got = reader.read({&block, 1});
    number = 0;
    if (got.what != Read::events) return got;
    number = test::number_of(block->payload_view());
    events_.pool.give(block);
    return got;
  }

  JournalOptions options_{.dir = "j", .segment_bytes = 16U << 10U, .dedup_bytes = 1U << 16U};
  test::MemoryDisk disk_;
  test::Events events_;
};

TEST_F(ReaderTest, FollowsAJournalThatGrows) {
  const auto journal = Journal::open(disk_, options_);
  Reader reader{*journal, events_.pool, 1};
  std::uint64_t number = 0;
  EXPECT_EQ(next(reader, number).what, Read::end);
  for (std::uint64_t i = 1; i <= 100; ++i) {
    events_.append(*journal, i, 1, {.payload_bytes = 700});
    ASSERT_EQ(next(reader, number).what, Read::events);
    ASSERT_EQ(number, i);
    ASSERT_EQ(next(reader, number).what, Read::end);
  }
  EXPECT_EQ(reader.position(), 101U);
}

TEST_F(ReaderTest, BeginsAnywhereAndMovesBack) {
  const auto journal = Journal::open(disk_, options_);
  for (std::uint64_t i = 1; i <= 100; ++i) events_.append(*journal, i, 1, {.payload_bytes = 700});
  Reader reader{*journal, events_.pool, 90};
  std::uint64_t number = 0;
  (void)next(reader, number);
  EXPECT_EQ(number, 90U);
  reader.move_to(3);
  (void)next(reader, number);
  EXPECT_EQ(number, 3U);
  reader.move_to(500);
  EXPECT_EQ(next(reader, number).what, Read::end) << "not written yet";
}

TEST_F(ReaderTest, GivesAnEventLargerThanItsBuffer) {
  const auto journal = Journal::open(disk_, options_);
  events_.append(*journal, 1, 1);
  events_.append(*journal, 2, 1, {.payload_bytes = 600'000});
  events_.append(*journal, 3, 1);
  EXPECT_EQ(events_.read(*journal), test::numbers(1, 3));
}

TEST_F(ReaderTest, WaitsForMemoryAndThenGivesTheSameEvent) {
  const auto journal = Journal::open(disk_, options_);
  for (std::uint64_t i = 1; i <= 3; ++i) events_.append(*journal, i, 1, {.payload_bytes = 400'000});
  test::Events small{1U << 20U};
  Reader reader{*journal, small.pool, 1};
  std::array<event::Block*, 3> blocks{};
  const Reading got = reader.read(blocks);
  EXPECT_EQ(got.what, Read::events);
  ASSERT_EQ(got.count, 2U) << "the third finds no room";
  EXPECT_EQ(reader.read(std::span{blocks}.subspan(2)).what, Read::no_memory);
  small.pool.give(blocks[0]);
  ASSERT_EQ(reader.read(std::span{blocks}.first(1)).what, Read::events);
  EXPECT_EQ(test::number_of(blocks[0]->payload_view()), 3U);
  small.pool.give(blocks[0]);
  small.pool.give(blocks[1]);
}

TEST_F(ReaderTest, TellsOfDamageAndStaysBeforeIt) {
  const auto journal = Journal::open(disk_, options_);
  for (std::uint64_t i = 1; i <= 5; ++i) events_.append(*journal, i, 1, {.payload_bytes = 700});
  std::string& bytes = disk_.contents("j/00000000000000000001.seg");
  bytes[64 + 2 * 950] = static_cast<char>(bytes[64 + 2 * 950] ^ 1);
  Read ended_by{};
  EXPECT_EQ(events_.read(*journal, 1, &ended_by), test::numbers(1, 2));
  EXPECT_EQ(ended_by, Read::damaged);
  Reader reader{*journal, events_.pool, 3};
  std::uint64_t number = 0;
  EXPECT_EQ(next(reader, number).what, Read::damaged);
  EXPECT_EQ(next(reader, number).what, Read::damaged) << "and goes on saying so";
  EXPECT_EQ(reader.damage().offset, 3U);
  EXPECT_EQ(reader.damage().segment, "00000000000000000001.seg");
  EXPECT_EQ(events_.read(*journal, 4), test::numbers(4, 5)) << "who asks for what lies behind it, gets it";
}

TEST_F(ReaderTest, FindsAnEventByItsId) {
  const auto journal = Journal::open(disk_, options_);
  std::vector<EventId> ids;
  for (std::uint64_t i = 1; i <= 60; ++i) {
    const std::int64_t time = test::kNow + static_cast<std::int64_t>(i) * test::kSecond;
    ids.push_back(events_.append(*journal, i, 1, {.payload_bytes = 700, .time_ns = time})[0].id);
  }
  Reader reader{*journal, events_.pool, 1};
  for (const std::uint64_t wanted : {1U, 33U, 60U}) {
    event::Block* block = reader.find(ids[wanted - 1]);
    ASSERT_NE(block, nullptr) << wanted;
    EXPECT_EQ(test::number_of(block->payload_view()), wanted);
    events_.pool.give(block);
  }
  EXPECT_EQ(reader.find(events_.ids.make(test::kNow + 30 * test::kSecond)), nullptr);
}

TEST_F(ReaderTest, ReadsWhileOthersAppendAndRetain) {
  const test::TemporaryFolder folder;
  options_ = {.dir = folder.text(), .segment_bytes = 64U << 10U, .retain_bytes = 512U << 10U, .dedup_bytes = 1U << 16U};
  constexpr std::uint64_t count = 3'000;
  {
    const auto journal = Journal::open(os::disk(), options_);
    std::atomic<bool> done{false};
    std::thread keeper{[&] {
      while (!done) {
        journal->keep(test::kNow);
        std::this_thread::yield();
      }
    }};
    std::thread reading{[&] {
      test::Events mine;
      Reader reader{*journal, mine.pool, 1};
      std::array<event::Block*, 32> blocks{};
      while (reader.position() <= count) {
        const std::uint64_t position = reader.position();
        const Reading got = reader.read(blocks);
        if (got.what != Read::events) continue;  // At the end for now, or behind what retention took.
        for (std::size_t i = 0; i < got.count; ++i) {
          EXPECT_EQ(blocks[i]->offset, position + i);
          EXPECT_EQ(test::number_of(blocks[i]->payload_view()), position + i);
          mine.pool.give(blocks[i]);
        }
      }
    }};
    for (std::uint64_t i = 1; i <= count; i += 10) events_.append(*journal, i, 10, {.payload_bytes = 1'000});
    reading.join();
    done = true;
    keeper.join();
    EXPECT_LE(journal->bytes(), (512U + 64U) << 10U);
  }
}

}  // namespace
}  // namespace penstock::journal
