#include "engine/event/blocks.hpp"
#include "event/lent.hpp"
#include <gtest/gtest.h>
#include <penstock/event.hpp>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace penstock {
namespace {

class EventTest : public testing::Test {
 protected:
  EventTest() {
    (void)block_->add_field("X-GitHub-Event", "push");
    (void)block_->add_field("Accept", "*/*");
    (void)block_->add_field("x-github-event", "second");
    block_->time_ns = 1'700'000'000'123'456'789;
    block_->id.bytes = {0x01, 0x8b, 0xcf, 0xe5, 0x68, 0x7b, 0x7a, 0xbc, 0x8d, 0xef, 0, 1, 2, 3, 4, 0xff};
    batch_->add(block_);
    batch_->add(blocks_.block("other"));
  }
  void TearDown() override { event::release(batch_); }

  [[nodiscard]] std::uint32_t held() const { return batch_->refs.count() - 1; }

  test::Blocks blocks_;
  event::Block* block_ = blocks_.block("github.push", "payload", 6);
  event::Batch* batch_ = blocks_.batches.take();
};

TEST_F(EventTest, ShowsWhatItsBlockHolds) {
  const event::Lent lent{block_};
  const Event& event = lent.event();
  EXPECT_EQ(event.topic(), "github.push");
  EXPECT_EQ(event.base_topic(), "github");
  EXPECT_EQ(event.source(), "github");
  EXPECT_EQ(event.payload(), "payload");
  EXPECT_EQ(event.offset(), 0U);
  EXPECT_EQ(event.id(), block_->id);
  EXPECT_EQ(event.time().time_since_epoch(), std::chrono::nanoseconds{1'700'000'000'123'456'789});
  EXPECT_EQ(event.metadata().size(), 3U);
}

TEST_F(EventTest, FindsMetadataWithoutCaseAndTheFirstOfRepeats) {
  const event::Lent lent{block_};
  for (const char* name : {"X-GitHub-Event", "x-github-event", "X-GITHUB-EVENT"}) {
    EXPECT_EQ(lent.event().metadata(name), "push") << name;
  }
  EXPECT_EQ(lent.event().metadata("accept"), "*/*");
  EXPECT_EQ(lent.event().metadata("accep"), std::nullopt);
  EXPECT_EQ(lent.event().metadata(""), std::nullopt);
  EXPECT_EQ(lent.event().metadata()[2].second, "second") << "repeats are kept";
}

TEST_F(EventTest, ComparesOnlyAsciiLettersWithoutCase) {
  EXPECT_TRUE(event::equal_without_case("aZ-9", "Az-9"));
  EXPECT_FALSE(event::equal_without_case("[", "{")) << "0x5b and 0x7b differ by the case bit";
  EXPECT_FALSE(event::equal_without_case("@", "`"));
  EXPECT_FALSE(event::equal_without_case("\xc3\x84", "\xc3\xa4"));
  EXPECT_FALSE(event::equal_without_case("a", "ab"));
}

TEST_F(EventTest, HoldsNothingWhileItIsLentAndItsBatchOnceCopied) {
  const event::Lent lent{block_};
  EXPECT_EQ(held(), 0U);
  {
    // NOLINTBEGIN(performance-unnecessary-copy-initialization): the copies are what is tested.
    const Event copy = lent.event();
    EXPECT_EQ(held(), 1U);
    const Event second = copy;
    // NOLINTEND(performance-unnecessary-copy-initialization)
    EXPECT_EQ(held(), 2U);
    EXPECT_EQ(second.topic(), "github.push");
  }
  EXPECT_EQ(held(), 0U);
}

TEST_F(EventTest, HandsItsHoldOnWhenMoved) {
  const event::Lent lent{block_};
  Event kept = lent.event();
  Event moved = std::move(kept);
  EXPECT_EQ(held(), 1U);
  EXPECT_EQ(moved.payload(), "payload");
  kept = moved;  // NOLINT(bugprone-use-after-move): a moved-from event may be assigned to.
  EXPECT_EQ(held(), 2U);
  EXPECT_EQ(kept.payload(), "payload");
}

TEST_F(EventTest, StaysWithItsHandlerCallWhenALentOneIsMoved) {
  Event lent = event::Lent{block_}.event();
  std::vector<Event> kept;
  kept.push_back(lent);
  kept.push_back(std::move(lent));
  for (int i = 0; i < 20; ++i) kept.push_back(kept.front());  // Grows: moves them.
  EXPECT_EQ(held(), 22U);
  kept.clear();
  EXPECT_EQ(held(), 0U);
}

TEST_F(EventTest, SurvivesAssignmentToItself) {
  Event kept = event::Lent{block_}.event();
  Event& same = kept;
  kept = same;
  EXPECT_EQ(held(), 1U);
  kept = std::move(same);
  EXPECT_EQ(held(), 1U);
  EXPECT_EQ(kept.topic(), "github.push");
}

TEST_F(EventTest, LetsGoOfWhatItHeldWhenAssigned) {
  Event kept = event::Lent{block_}.event();
  event::Batch* other_batch = blocks_.batch(1, "later");
  Event other = event::Lent{other_batch->blocks[0]}.event();
  kept = other;
  EXPECT_EQ(held(), 0U);
  EXPECT_EQ(other_batch->refs.count(), 3U);
  EXPECT_EQ(kept.topic(), "later");
  kept = std::move(other);
  EXPECT_EQ(other_batch->refs.count(), 2U);
  event::release(other_batch);
}

TEST_F(EventTest, HoldsNothingOnceMovedFromAndMayBeCopiedAndDestroyed) {
  Event kept = event::Lent{block_}.event();
  {
    const Event taken = std::move(kept);
    const Event copy_of_nothing = kept;      // NOLINT(bugprone-use-after-move): what a moved-from event may do.
    Event move_of_nothing{std::move(kept)};  // NOLINT(bugprone-use-after-move)
    EXPECT_EQ(held(), 1U);
  }
  EXPECT_EQ(held(), 0U);
}

TEST_F(EventTest, OutlivesEverybodyElse) {
  Event kept = event::Lent{block_}.event();
  {
    test::Blocks gone;
    event::Batch* batch = gone.batch(1, "gone", "still here");
    kept = event::Lent{batch->blocks[0]}.event();
    event::release(batch);
  }
  EXPECT_EQ(kept.payload(), "still here");  // Its memory goes with it, which the sanitizers watch.
  EXPECT_EQ(held(), 0U);
}

TEST_F(EventTest, WritesItsIdAsThirtySixCharacters) {
  EXPECT_EQ(block_->id.text(), "018bcfe5-687b-7abc-8def-0001020304ff");
  EXPECT_EQ(EventId{}.text(), "00000000-0000-0000-0000-000000000000");
}

}  // namespace
}  // namespace penstock
