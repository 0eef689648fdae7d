#include "journal/segment_list.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace penstock::journal {
namespace {

class SegmentListTest : public testing::Test {
 protected:
  SegmentListTest() {
    list_.start({{.first_offset = 5, .time_ns = 100, .end_bytes = 1'000, .path = "a"},
                 {.first_offset = 9, .time_ns = 200, .end_bytes = 64, .path = "b"}},
                12);
  }
  SegmentList list_;
};

TEST_F(SegmentListTest, FindsTheSegmentOfAnOffset) {
  EXPECT_EQ(list_.segment_of(1)->path, "a") << "before the first: where reading can begin";
  EXPECT_EQ(list_.segment_of(8)->path, "a");
  EXPECT_EQ(list_.segment_of(8)->next_first, 9U);
  EXPECT_EQ(list_.segment_of(9)->path, "b");
  EXPECT_EQ(list_.segment_of(11)->next_first, 0U) << "the last one";
  EXPECT_FALSE(list_.segment_of(12)) << "not synced yet";
}

TEST_F(SegmentListTest, FindsTheSegmentOfATime) {
  EXPECT_EQ(list_.segment_at(0).path, "a");
  EXPECT_EQ(list_.segment_at(200).path, "a") << "an event of that very time may still be in it";
  EXPECT_EQ(list_.segment_at(201).path, "b");
}

TEST_F(SegmentListTest, ShowsABatchAndItsSegmentsAtOnce) {
  std::vector<SegmentList::Rolled> rolled = {{500, {.first_offset = 14, .end_bytes = 64, .path = "c"}}};
  list_.commit(rolled, 700, 16);
  EXPECT_TRUE(rolled.empty());
  EXPECT_EQ(list_.segment_of(13)->end_bytes, 500U);
  EXPECT_EQ(list_.segment_of(15)->end_bytes, 700U);
  EXPECT_EQ(list_.next_offset(), 16U);
  EXPECT_EQ(list_.bytes(), 1'000U + 500U + 700U);
  EXPECT_EQ(list_.sealed().size(), 2U);
}

TEST_F(SegmentListTest, NeverDropsTheLast) {
  list_.drop_first();
  EXPECT_EQ(list_.first_offset(), 9U);
  list_.drop_first();
  EXPECT_EQ(list_.first_offset(), 9U);
}

}  // namespace
}  // namespace penstock::journal
