#include "broker/keeper.hpp"

#include "engine/journal/journals.hpp"
#include "support/broker_maker.hpp"
#include "support/temporary_folder.hpp"
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>

namespace penstock {
namespace {

TEST(Keeper, SetsTheNextSegmentAsideAndRemovesWhatIsPastRetention) {
  const test::TemporaryFolder folder;
  const std::shared_ptr<journal::Journal> journal = journal::Journal::open(
      os::disk(),
      {.dir = folder.text(), .segment_bytes = 16U << 10U, .retain_bytes = 32U << 10U, .dedup_bytes = 1U << 16U});
  test::Events events;
  for (std::uint64_t number = 1; number <= 400; number += 10) (void)events.append(*journal, number, 10);
  ASSERT_EQ(journal->first_offset(), 1U);
  ASSERT_GT(journal->bytes(), 48U << 10U);
  Keeper keeper{journal};
  keeper.start();
  EXPECT_TRUE(test::eventually([&] { return journal->bytes() <= 48U << 10U; })) << journal->bytes();
  EXPECT_TRUE(test::eventually([&] { return std::filesystem::exists(folder.path() / "next.seg"); }));
  EXPECT_GT(journal->first_offset(), 1U);
  keeper.stop();
  keeper.stop();
  EXPECT_EQ(journal->next_offset(), 401U);
}

TEST(Keeper, ThatWasNeverStartedStops) {
  Keeper keeper{nullptr};
  keeper.stop();
}

}  // namespace
}  // namespace penstock
