#include "dispatch/commit.hpp"

#include "engine/delivery/lives.hpp"
#include "engine/event/blocks.hpp"
#include "engine/journal/journals.hpp"
#include "support/broker_maker.hpp"
#include "support/memory_disk.hpp"
#include "topic/source_table.hpp"
#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace penstock::dispatch {
namespace {

std::chrono::steady_clock::time_point in_a_minute() {
  return std::chrono::steady_clock::now() + std::chrono::minutes{1};
}

/// Notes what it is told, and what the subscriber has seen by then.
class Told final : public CommitListener {
 public:
  void on_append(std::span<event::Block* const> blocks, std::span<const journal::Stored> stored) noexcept override {
    const std::lock_guard lock{mutex_};
    batches_.push_back(blocks.size());
    for (const journal::Stored& one : stored) all_.push_back(one);
    if (handed_over != nullptr && *handed_over >= all_.size()) ++too_late;
  }
  [[nodiscard]] std::vector<journal::Stored> all() const {
    const std::lock_guard lock{mutex_};
    return all_;
  }
  [[nodiscard]] std::vector<std::size_t> batches() const {
    const std::lock_guard lock{mutex_};
    return batches_;
  }

  std::atomic<std::size_t>* handed_over = nullptr;
  std::atomic<int> too_late{0};

 private:
  mutable std::mutex mutex_;
  std::vector<journal::Stored> all_;
  std::vector<std::size_t> batches_;
};

class CommitTest : public testing::Test {
 protected:
  CommitTest() { workers_.start(nullptr); }
  ~CommitTest() override {
    EXPECT_TRUE(!commit_ || commit_->stop(in_a_minute()));
    EXPECT_TRUE(workers_.stop(in_a_minute()));
    workers_.drop_rest();
  }

  Commit& begin() {
    journal_ = journal::Journal::open(disk_, {.dir = "/j", .segment_bytes = 1U << 20U, .dedup_bytes = 1U << 16U});
    commit_ = std::make_unique<Commit>(*journal_, workers_, told_);
    return *commit_;
  }

  event::Block* event(std::uint64_t number, const std::string& delivery_id = {}) {
    event::Block* block = events_.event(number, {.delivery_id = delivery_id, .secret = journal_->dedup_secret()});
    block->source = &source_;
    block->topic_hash = topic::hash_of(block->topic);
    return block;
  }

  [[nodiscard]] bool told_of(std::size_t count) {
    return test::eventually([&] { return told_.all().size() >= count; });
  }

  test::MemoryDisk disk_;
  test::Blocks blocks_;
  test::Events events_;
  topic::SourceEntry source_{"github", nullptr, 0};
  delivery::SubscriberTables tables_;
  delivery::HandlerPool pool_{1, blocks_.memory, [](delivery::Live&) {}};
  Workers workers_{{.workers = 1}, blocks_.memory, tables_, pool_};
  Told told_;
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<Commit> commit_;
};

TEST_F(CommitTest, StoresInOrderAndHandsOnWhatItHasTold) {
  std::atomic<std::size_t> seen{0};
  std::vector<std::uint64_t> offsets;
  auto live = test::live(
      tables_.refusing(), {"github.push"},
      [&](const Event& event) {
        offsets.push_back(event.offset());
        ++seen;
      },
      delivery::Way::in_worker);
  tables_.add(live);
  told_.handed_over = &seen;
  Commit& commit = begin();
  commit.start(nullptr);
  Intake& intake = commit.intake_for_publisher();
  Shard::Token token{intake.shard};
  constexpr std::uint64_t count = 5'000;
  for (std::uint64_t number = 1; number <= count; ++number) {
    ASSERT_TRUE(intake.shard.enqueue(token, event(number)));
    commit.work_came();
  }
  ASSERT_TRUE(test::eventually([&] { return seen == count; }));
  EXPECT_TRUE(test::eventually([&] { return commit.idle(); }));
  EXPECT_EQ(offsets, test::numbers(1, count));
  EXPECT_EQ(told_.too_late, 0) << "an event was delivered before its publisher was told";
  EXPECT_EQ(events_.read(*journal_), test::numbers(1, count));
}

TEST_F(CommitTest, TakesWhatWaitsInOneAppend) {
  Commit& commit = begin();
  Intake& first = commit.intake_for_publisher();
  Shard::Token one{first.shard};
  Shard::Token two{first.shard};
  for (std::uint64_t number = 1; number <= 300; ++number) {
    ASSERT_TRUE(first.shard.enqueue(number % 2 == 0 ? one : two, event(number)));
  }
  const std::uint64_t syncs_before = disk_.calls(test::Call::sync);
  commit.start(nullptr);
  ASSERT_TRUE(told_of(300));
  EXPECT_EQ(told_.batches(), std::vector<std::size_t>{300});
  EXPECT_TRUE(commit.stop(in_a_minute()));
  EXPECT_EQ(disk_.calls(test::Call::sync), syncs_before + 1);
}

TEST_F(CommitTest, GivesBackDuplicatesAndDeliversTheFirst) {
  std::atomic<std::size_t> seen{0};
  auto live = test::live(
      tables_.refusing(), {"github.push"}, [&](const Event&) { ++seen; }, delivery::Way::in_worker);
  tables_.add(live);
  Commit& commit = begin();
  Intake& intake = commit.intake_for_publisher();
  Shard::Token token{intake.shard};
  for (std::uint64_t number = 1; number <= 6; ++number) {
    ASSERT_TRUE(intake.shard.enqueue(token, event(number, number % 2 == 0 ? "even" : std::to_string(number))));
  }
  commit.start(nullptr);
  ASSERT_TRUE(told_of(6));
  const auto told = told_.all();
  for (const std::size_t again : {3U, 5U}) {
    EXPECT_EQ(told[again].outcome, journal::Outcome::duplicate);
    EXPECT_EQ(told[again].offset, told[1].offset);
    EXPECT_EQ(told[again].id, told[1].id);
  }
  EXPECT_TRUE(test::eventually([&] { return seen == 4; }));
  EXPECT_TRUE(commit.stop(in_a_minute()));
  EXPECT_EQ(events_.pool.drained, 6U) << "duplicates too make room in their Publisher's queue";
}

TEST_F(CommitTest, StoresAndDeliversNothingMoreAfterAFailedSync) {
  std::atomic<std::size_t> seen{0};
  auto live = test::live(
      tables_.refusing(), {"github.push"}, [&](const Event&) { ++seen; }, delivery::Way::in_worker);
  tables_.add(live);
  Commit& commit = begin();
  Intake& intake = commit.intake_for_publisher();
  Shard::Token token{intake.shard};
  disk_.fail(test::Call::sync, 1, EIO);
  for (std::uint64_t number = 1; number <= 10; ++number) ASSERT_TRUE(intake.shard.enqueue(token, event(number)));
  commit.start(nullptr);
  ASSERT_TRUE(told_of(10));
  const std::uint64_t syncs = disk_.calls(test::Call::sync);
  for (std::uint64_t number = 11; number <= 20; ++number) ASSERT_TRUE(intake.shard.enqueue(token, event(number)));
  commit.work_came();
  ASSERT_TRUE(told_of(20));
  for (const journal::Stored& one : told_.all()) EXPECT_EQ(one.outcome, journal::Outcome::failed);
  EXPECT_TRUE(test::eventually([&] { return commit.idle(); }));
  EXPECT_EQ(disk_.calls(test::Call::sync), syncs) << "a failed sync is never tried again";
  EXPECT_EQ(seen, 0U);
}

TEST_F(CommitTest, GivesEachSixteenPublishersAShard) {
  Commit& commit = begin();
  for (int i = 0; i < 16; ++i) (void)commit.intake_for_publisher();
  EXPECT_EQ(commit.intakes(), 1U);
  (void)commit.intake_for_publisher();
  EXPECT_EQ(commit.intakes(), 2U);
}

TEST_F(CommitTest, AppendsAllThatWasQueuedBeforeItStops) {
  Commit& commit = begin();
  Intake& intake = commit.intake_for_publisher();
  Shard::Token token{intake.shard};
  commit.start(nullptr);
  for (std::uint64_t number = 1; number <= 2'000; ++number) ASSERT_TRUE(intake.shard.enqueue(token, event(number)));
  EXPECT_TRUE(commit.stop(in_a_minute()));
  EXPECT_EQ(told_.all().size(), 2'000U);
}

}  // namespace
}  // namespace penstock::dispatch
