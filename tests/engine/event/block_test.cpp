#include "event/block.hpp"

#include "engine/event/blocks.hpp"
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>

namespace penstock::event {
namespace {

class BlockTest : public testing::Test {
 protected:
  Block* take(std::size_t area_bytes, std::size_t payload_bytes) {
    Block* block = blocks_.pool.take(Block::size_for(area_bytes, payload_bytes), payload_bytes);
    block->lay_out(area_bytes);
    return block;
  }

  test::Blocks blocks_;
};

TEST_F(BlockTest, IsLaidOutWithAnEmptyAreaAndRoomBehindIt) {
  Block* block = take(256, 1'000);
  EXPECT_EQ(block->area_free(), 256U);
  EXPECT_EQ(block->payload, reinterpret_cast<char*>(block->fields()) + 256);
  EXPECT_GE(block->payload_room, 1'000U);
  EXPECT_EQ(block->payload_view(), "");
  EXPECT_TRUE(block->metadata().empty());
  const char* end = reinterpret_cast<const char*>(block) + block->bytes;
  EXPECT_EQ(block->payload + block->payload_room + kPayloadPadding, end) << "padding stays readable";
  blocks_.pool.give(block);
}

TEST_F(BlockTest, ForgetsAnEarlierEventWhenLaidOutAgain) {
  Block* block = take(256, 100);
  ASSERT_TRUE(block->add_field("a", "b"));
  block->topic = {block->add_text("topic"), 5};
  block->payload_bytes = 50;
  block->begun_ns = 7;
  block->dedup_window_s = 60;
  block->lacks_delivery_id = true;
  block->lay_out(128);
  EXPECT_TRUE(block->metadata().empty());
  EXPECT_EQ(block->topic, "");
  EXPECT_EQ(block->payload_bytes, 0U);
  EXPECT_EQ(block->begun_ns, 0);
  EXPECT_EQ(block->dedup_window_s, 0U);
  EXPECT_FALSE(block->lacks_delivery_id);
  EXPECT_EQ(block->area_free(), 128U);
  blocks_.pool.give(block);
}

TEST_F(BlockTest, KeepsFieldsInOrderAndRepeats) {
  Block* block = take(512, 0);
  ASSERT_TRUE(block->add_field("X-A", "1"));
  ASSERT_TRUE(block->add_field("", ""));
  ASSERT_TRUE(block->add_field("X-A", "2"));
  const auto fields = block->metadata();
  ASSERT_EQ(fields.size(), 3U);
  EXPECT_EQ(fields[0], MetadataField("X-A", "1"));
  EXPECT_EQ(fields[1], MetadataField("", ""));
  EXPECT_EQ(fields[2], MetadataField("X-A", "2"));
  blocks_.pool.give(block);
}

TEST_F(BlockTest, TakesFieldsFromBelowAndTextFromAboveUntilTheyMeet) {
  Block* block = take(128, 0);
  const std::size_t text = 128 - sizeof(MetadataField);
  ASSERT_TRUE(block->add_field("n", std::string(text - 1, 'v'))) << "exactly full";
  EXPECT_EQ(block->area_free(), 0U);
  EXPECT_FALSE(block->add_field("", ""));
  EXPECT_EQ(block->add_text("x"), nullptr);
  EXPECT_NE(block->add_text(""), nullptr) << "nothing always fits";
  EXPECT_EQ(block->metadata()[0].second, std::string(text - 1, 'v'));
  blocks_.pool.give(block);
}

TEST_F(BlockTest, ChangesNothingWhenAFieldDoesNotFit) {
  Block* block = take(128, 0);
  ASSERT_TRUE(block->add_field("a", "b"));
  const std::size_t free = block->area_free();
  EXPECT_FALSE(block->add_field("n", std::string(free, 'v')));
  EXPECT_EQ(block->area_free(), free);
  EXPECT_EQ(block->metadata().size(), 1U);
  blocks_.pool.give(block);
}

TEST_F(BlockTest, HandsEverythingOnToALargerOne) {
  Block* small = take(512, 16);
  small->topic = {small->add_text("github"), 6};
  small->base_topic_bytes = 6;
  small->source_name = small->topic;
  small->begun_ns = 42;
  ASSERT_TRUE(small->add_field("X-A", "1"));
  ASSERT_TRUE(small->add_field("X-B", "2"));
  std::fill_n(small->payload, 16, 'p');
  small->payload_bytes = 16;

  Block* large = take(1'024, 4'096);
  large->take_over(*small);
  std::fill_n(reinterpret_cast<char*>(small->fields()), 512 + 16, '#');  // Nothing may point there any more.
  blocks_.pool.give(small);

  EXPECT_EQ(large->topic, "github");
  EXPECT_EQ(large->source_name, "github");
  EXPECT_EQ(large->base_topic_bytes, 6U);
  EXPECT_EQ(large->begun_ns, 42);
  ASSERT_EQ(large->metadata().size(), 2U);
  EXPECT_EQ(large->metadata()[0], MetadataField("X-A", "1"));
  EXPECT_EQ(large->metadata()[1], MetadataField("X-B", "2"));
  EXPECT_EQ(large->payload_view(), std::string(16, 'p'));
  blocks_.pool.give(large);
}

TEST_F(BlockTest, LeavesNamesOfATableWhereTheyAre) {
  const std::string table_topic = "github";
  const std::string table_source = "github-legacy";
  Block* small = take(256, 0);
  small->topic = table_topic;
  small->base_topic_bytes = 6;
  small->source_name = table_source;
  Block* large = take(512, 0);
  large->take_over(*small);
  EXPECT_EQ(large->topic.data(), table_topic.data());
  EXPECT_EQ(large->source_name.data(), table_source.data());
  EXPECT_EQ(large->area_free(), 512U) << "they cost no text";
  blocks_.pool.give(small);
  blocks_.pool.give(large);
}

}  // namespace
}  // namespace penstock::event
