#include "journal/record.hpp"

#include "engine/journal/journals.hpp"
#include <gtest/gtest.h>

#include <cstddef>
#include <string>

namespace penstock::journal {
namespace {

constexpr std::uint32_t kSeed = 77;

class Record : public testing::Test {
 protected:
  Record() : block_{*events_.event(12, {.payload_bytes = 300, .delivery_id = "d"})} {
    RecordHeader header = read_header(block_.record);
    header.offset = 5;
    header.time_ns = test::kNow;
    write_header(block_.record, header, kSeed);
    bytes_.assign(block_.record, record_bytes(block_));
  }
  ~Record() override { events_.pool.give(&block_); }

  [[nodiscard]] bool holds(const std::string& bytes) const {
    const RecordHeader header = read_header(bytes.data());
    return header_holds(header, bytes.data(), kSeed) && header.bytes() == bytes.size() &&
           rest_holds(header, bytes.data() + sizeof header);
  }

  test::Events events_;
  event::Block& block_;
  std::string bytes_;
};

TEST_F(Record, IsOnePieceThatEndsWithThePayload) {
  EXPECT_EQ(bytes_.substr(bytes_.size() - 300), test::payload_of(12, 300));
  EXPECT_LT(block_.record, block_.text);
  EXPECT_GE(block_.record, reinterpret_cast<char*>(block_.fields() + block_.field_count)) << "no field is overwritten";
  EXPECT_TRUE(holds(bytes_));
}

TEST_F(Record, MakesTheSameEventAgain) {
  const RecordHeader header = read_header(bytes_.data());
  event::Block* again = events_.pool.take(event::Block::size_for(decoded_area_bytes(header), payload_bytes(header)), 0);
  again->lay_out(decoded_area_bytes(header));
  ASSERT_TRUE(decode(header, bytes_.data() + sizeof header, *again));
  EXPECT_EQ(again->topic, "github.push");
  EXPECT_EQ(again->base_topic_bytes, 6U);
  EXPECT_EQ(again->source_name, "github");
  ASSERT_EQ(again->metadata().size(), 2U);
  EXPECT_EQ(again->metadata()[0], MetadataField("x-github-event", "push"));
  EXPECT_EQ(again->metadata()[1], MetadataField("x-number", "12"));
  EXPECT_EQ(again->payload_view(), block_.payload_view());
  EXPECT_EQ(again->id, block_.id);
  EXPECT_EQ(again->offset, 5U);
  EXPECT_EQ(again->time_ns, test::kNow);
  events_.pool.give(again);
}

TEST_F(Record, IsRefusedWhenOneBitOfItDiffers) {
  for (std::size_t bit = 0; bit < bytes_.size() * 8; ++bit) {
    std::string damaged = bytes_;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    ASSERT_FALSE(holds(damaged)) << "bit " << bit;
  }
}

TEST_F(Record, IsNobodysWithoutTheJournalsSeed) {
  const RecordHeader header = read_header(bytes_.data());
  EXPECT_TRUE(header_holds(header, bytes_.data(), kSeed));
  EXPECT_FALSE(header_holds(header, bytes_.data(), kSeed + 1));
}

TEST_F(Record, CanBeWrittenAgainWhenTheEventHasChanged) {
  ASSERT_TRUE(block_.add_field("later", "more"));
  ASSERT_TRUE(encode(block_, {}, 0));
  RecordHeader header = read_header(block_.record);
  EXPECT_EQ(header.field_count, 3U);
  EXPECT_TRUE(rest_holds(header, block_.record + sizeof header));
}

TEST_F(Record, IsNotWrittenIntoABlockThatKeptNoRoom) {
  event::Block* block = events_.pool.take(event::Block::size_for(64, 10), 10);
  block->lay_out(64);
  EXPECT_FALSE(encode(*block, {}, 0));
  events_.pool.give(block);
}

TEST_F(Record, LeavesRoomForItsHeadHoweverManyFieldsCome) {
  constexpr std::size_t area = 4'096;
  event::Block* block = events_.pool.take(event::Block::size_for(area, 10), 10);
  block->lay_out(area, record_room(0, 0));
  while (block->add_field("n", "v")) {
  }
  EXPECT_GT(block->field_count, 50U);
  EXPECT_TRUE(encode(*block, {}, 0));
  events_.pool.give(block);
}

TEST_F(Record, WhoseFieldLeadsOutsideIsNoEvent) {
  const RecordHeader header = read_header(bytes_.data());
  for (const std::size_t field_byte : {3U, 7U, 11U}) {  // The highest byte of each number of the first field.
    std::string forged = bytes_;
    forged[sizeof header + field_byte] = '\x7F';
    event::Block* again =
        events_.pool.take(event::Block::size_for(decoded_area_bytes(header), payload_bytes(header)), 0);
    again->lay_out(decoded_area_bytes(header));
    EXPECT_FALSE(decode(header, forged.data() + sizeof header, *again)) << field_byte;
    events_.pool.give(again);
  }
}

}  // namespace
}  // namespace penstock::journal
