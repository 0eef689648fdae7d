#include "streams/history.hpp"

#include "adapters/streams/journaled.hpp"
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace penstock::streams {
namespace {

using Next = History::Next;
using Offsets = std::vector<std::uint64_t>;

class HistoryTest : public testing::Test {
 protected:
  /// Only topic `a` is wanted.
  History& read(std::uint64_t from) {
    history_ = std::make_unique<History>(
        *journaled_, from, [](const Event& event) { return event.topic() == "a"; },
        [this](const Event& event) { offsets_.push_back(event.offset()); });
    return *history_;
  }
  /// What stopped it.
  Next read_on() {
    Next next = Next::event;
    while (next == Next::event) next = history_->next();
    return next;
  }

  Journaled journaled_;
  Offsets offsets_;
  std::unique_ptr<History> history_;
};

TEST_F(HistoryTest, GivesWhatIsWantedInOrderUpToTheEnd) {
  for (const char* topic : {"a", "b", "a", "a"}) journaled_.publish(topic, "1");
  read(2);
  EXPECT_EQ(read_on(), Next::end);
  EXPECT_EQ(offsets_, (Offsets{3, 4}));
  journaled_.publish("a", "1");
  EXPECT_EQ(read_on(), Next::end) << "the end was one for then only";
  EXPECT_EQ(offsets_, (Offsets{3, 4, 5}));
}

TEST_F(HistoryTest, MeetsALiveSubscriptionWithoutGapOrRepeat) {
  journaled_.publish("a", "1");
  History& history = read(1);
  ASSERT_EQ(read_on(), Next::end);
  journaled_.publish("a", "2");  // Neither seen yet nor in the mailbox.
  Subscription live = journaled_->subscribe_mailbox({"a"}, [] {});
  journaled_.publish("a", "3");  // In the journal and in the mailbox.
  history.end_before(journaled_.next_offset());
  journaled_.publish("a", "4");  // In the journal too, but live.
  EXPECT_EQ(read_on(), Next::over);
  EXPECT_EQ(history.live_from(), 4U);
  EXPECT_EQ(offsets_, (Offsets{1, 2, 3}));
  Offsets mailbox;
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  while ((mailbox.empty() || mailbox.back() < 4) && std::chrono::steady_clock::now() < limit) {
    live.take(1, [&](const Event& event) { mailbox.push_back(event.offset()); });
  }
  // Perhaps 2 as well, which was still on its way: what is below live_from() is to be skipped.
  ASSERT_GE(mailbox.size(), 2U);
  EXPECT_EQ(Offsets(mailbox.end() - 2, mailbox.end()), (Offsets{3, 4}));
}

TEST_F(HistoryTest, LetsOthersOnAfterSoManyEventsWantedOrNot) {
  for (std::size_t i = 0; i < History::kTurnEventsMax + 1; ++i) journaled_.publish("b", "1");
  History& history = read(1);
  EXPECT_EQ(history.next(), Next::turn_over);
  EXPECT_EQ(history.next(), Next::turn_over) << "until the next turn begins";
  history.begin_turn();
  EXPECT_EQ(history.next(), Next::end);
}

TEST_F(HistoryTest, LetsOthersOnAfterSoManyBytes) {
  const std::string large(History::kTurnBytesMax, 'x');
  journaled_.publish("b", large);
  journaled_.publish("b", large);
  History& history = read(1);
  EXPECT_EQ(history.next(), Next::turn_over);
  history.begin_turn();
  EXPECT_EQ(history.next(), Next::turn_over);
  history.begin_turn();
  EXPECT_EQ(history.next(), Next::end);
}

TEST_F(HistoryTest, WaitsWhileTheBudgetIsSpentAndLosesNothing) {
  journaled_.publish("a", std::string(4U << 20U, 'x'));
  journaled_.reopen();  // Nothing of it is in memory any more.
  History& history = read(1);
  std::size_t charged = 0;
  while (journaled_->charge(1U << 10U)) charged += 1U << 10U;
  EXPECT_EQ(history.next(), Next::later);
  EXPECT_EQ(offsets_, Offsets{});
  journaled_->uncharge(charged);
  EXPECT_EQ(history.next(), Next::event);
  EXPECT_EQ(offsets_, Offsets{1});
}

TEST_F(HistoryTest, ChargesItsBufferAndGivesItBack) {
  journaled_.publish("a", "1");
  read(1);
  history_.reset();  // Its pools stay with the broker for the next one.
  const std::size_t before = journaled_->stats().memory_used_bytes;
  read(1);
  EXPECT_GE(journaled_->stats().memory_used_bytes, before + History::kBufferBytes);
  history_.reset();
  EXPECT_EQ(journaled_->stats().memory_used_bytes, before);
}

TEST_F(HistoryTest, BeginsWhereAPositionSays) {
  EXPECT_EQ(first_wanted(*journaled_, Earliest{}), 1U);
  journaled_.publish("a", "1");
  const auto between = std::chrono::system_clock::now();
  while (std::chrono::system_clock::now() <= between) continue;
  journaled_.publish("a", "2");
  EXPECT_EQ(first_wanted(*journaled_, Earliest{}), 1U);
  EXPECT_EQ(first_wanted(*journaled_, Now{}), 3U);
  EXPECT_EQ(first_wanted(*journaled_, std::uint64_t{2}), 2U);
  EXPECT_EQ(first_wanted(*journaled_, std::uint64_t{3}), 3U);
  EXPECT_EQ(first_wanted(*journaled_, std::uint64_t{4000}), 3U) << "of a journal that was longer";
  EXPECT_EQ(first_wanted(*journaled_, between), 2U);
  EXPECT_EQ(first_wanted(*journaled_, std::chrono::system_clock::time_point::max()), 3U);
  EXPECT_EQ(first_wanted(*journaled_, std::chrono::system_clock::time_point::min()), 1U);
}

TEST(HistoryOfALostFile, TellsWhatIsThereNoMore) {
  Journaled journaled{1U << 20U};
  for (int i = 0; i < 3; ++i) journaled.publish("a", std::string(700U << 10U, 'x'));
  journaled.close();
  std::vector<std::filesystem::path> segments;
  for (const auto& entry : std::filesystem::directory_iterator(journaled.dir())) {
    if (entry.path().extension() == ".seg" || entry.file_size() >= 700U << 10U) segments.push_back(entry.path());
  }
  std::sort(segments.begin(), segments.end());
  ASSERT_GE(segments.size(), 3U);
  std::filesystem::remove(segments.front());
  journaled.reopen();
  Offsets offsets;
  History history{*journaled, 1, [](const Event&) { return true; },
                  [&](const Event& event) { offsets.push_back(event.offset()); }};
  ASSERT_EQ(history.next(), Next::gap);
  EXPECT_EQ(history.gap_from(), 1U);
  EXPECT_EQ(history.gap_end(), 2U);
  EXPECT_EQ(first_wanted(*journaled, Earliest{}), 2U) << "the first that is kept";
  EXPECT_EQ(history.next(), Next::event);
  EXPECT_EQ(offsets, Offsets{2});
}

}  // namespace
}  // namespace penstock::streams
