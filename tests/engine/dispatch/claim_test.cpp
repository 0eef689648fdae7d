#include "dispatch/claim.hpp"

#include "engine/delivery/lives.hpp"
#include "engine/event/blocks.hpp"
#include "topic/source_table.hpp"
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace penstock::dispatch {
namespace {

class ClaimTest : public testing::Test {
 protected:
  void TearDown() override { pool_.stop(std::chrono::steady_clock::now() + std::chrono::minutes{1}); }

  void queue(std::string_view topic, std::string_view payload = {}, std::size_t base_bytes = 0) {
    event::Block* block = blocks_.block(topic, payload, base_bytes);
    block->source = &source_;
    block->offset = ++queued_;
    ASSERT_TRUE(shard_.enqueue(token_, block));
  }

  std::shared_ptr<delivery::Live> subscribe(const std::string& pattern, delivery::Way way) {
    auto live = test::live(
        tables_.refusing(), {pattern}, [this](const Event& event) { seen_ += std::string(event.topic()) + ' '; }, way);
    tables_.add(live);
    return live;
  }

  void hand_over_all() {
    while (event::Batch* batch = claim_.next_batch()) claim_.hand_over(batch);
    claim_.let_go_of_table();
  }

  test::Blocks blocks_;
  topic::SourceEntry source_{"s", nullptr, 0};
  delivery::SubscriberTables tables_;
  delivery::HandlerPool pool_{1, blocks_.memory, [](delivery::Live&) {}};
  Shard shard_{5};
  Shard::Token token_{shard_};
  Claim claim_{shard_, blocks_.batches, tables_, pool_};
  std::string seen_;
  std::uint64_t queued_ = 0;
};

TEST_F(ClaimTest, FormsBatchesOfAtMostSixtyFourEventsInOrder) {
  for (int i = 0; i < 150; ++i) queue("t");
  std::vector<std::uint32_t> sizes;
  std::uint64_t next = 0;
  while (event::Batch* batch = claim_.next_batch()) {
    sizes.push_back(batch->count);
    for (std::uint32_t i = 0; i < batch->count; ++i) {
      EXPECT_EQ(batch->blocks.at(i)->offset, ++next);
      EXPECT_EQ(batch->blocks.at(i)->batch, batch);
    }
    event::release(batch);
  }
  EXPECT_EQ(sizes, (std::vector<std::uint32_t>{64, 64, 22}));
}

TEST_F(ClaimTest, FormsBatchesOfAtMostOneMebibyte) {
  const std::string payload(100'000, 'x');
  for (int i = 0; i < 25; ++i) queue("t", payload);
  std::uint32_t events = 0;
  std::uint32_t batches = 0;
  while (event::Batch* batch = claim_.next_batch()) {
    EXPECT_LE(batch->bytes, event::kBatchBytesMax);
    events += batch->count;
    ++batches;
    event::release(batch);
  }
  EXPECT_EQ(events, 25U);
  EXPECT_EQ(batches, 4U) << "and fills them: 7 blocks of 128 KiB fit, 8 and the batch itself do not";
  EXPECT_FALSE(claim_.has_taken());
}

TEST_F(ClaimTest, LetsALargerEventTravelAlone) {
  queue("t");
  queue("t", std::string(2'000'000, 'x'));
  queue("t");
  std::vector<std::uint32_t> sizes;
  while (event::Batch* batch = claim_.next_batch()) {
    sizes.push_back(batch->count);
    event::release(batch);
  }
  EXPECT_EQ(sizes, (std::vector<std::uint32_t>{1, 1, 1}));
}

TEST_F(ClaimTest, KnowsOfEventsThatAreInNoBatchYet) {
  queue("t", std::string(2'000'000, 'x'));
  queue("t");
  event::Batch* batch = claim_.next_batch();
  EXPECT_TRUE(shard_.empty());
  EXPECT_TRUE(claim_.has_taken());
  event::release(batch);
  event::release(claim_.next_batch());
  EXPECT_FALSE(claim_.has_taken());
}

TEST_F(ClaimTest, CountsWhatItTookForThePublisher) {
  for (int i = 0; i < 300; ++i) queue("t");
  event::release(claim_.next_batch(10));
  EXPECT_EQ(blocks_.pool.drained, 10U);
  for (int batch = 1; batch <= 3; ++batch) event::release(claim_.next_batch());
  EXPECT_EQ(blocks_.pool.drained, 10U) << "64 are in no batch yet: they wait like those in the queue";
  event::release(claim_.next_batch());
  EXPECT_EQ(blocks_.pool.drained, 266U) << "four batches at once";
  event::release(claim_.next_batch());
  EXPECT_EQ(blocks_.pool.drained, 300U);
}

TEST_F(ClaimTest, CallsInlineHandlersOfEachEventThatTheyWantInOrder) {
  const auto live = subscribe("a.>", delivery::Way::in_worker);
  for (const char* topic : {"a.1", "b.1", "a.2", "a.2", "b.2", "a.3"}) queue(topic, {}, 1);
  hand_over_all();
  EXPECT_EQ(seen_, "a.1 a.2 a.2 a.3 ");
  EXPECT_EQ(live->stats().ok, 4U);
  EXPECT_EQ(source_.unmatched, 2U);
}

TEST_F(ClaimTest, FillsMailboxesAndLetsThemHoldTheBatch) {
  const auto one = subscribe("a", delivery::Way::taken);
  const auto two = subscribe(">", delivery::Way::taken);
  const auto none = subscribe("c", delivery::Way::taken);
  queue("a");
  queue("b");
  hand_over_all();
  EXPECT_EQ(one->stats().matched, 1U);
  EXPECT_EQ(two->stats().matched, 2U);
  EXPECT_EQ(none->stats().matched, 0U);
  std::uint32_t holders = 0;
  EXPECT_EQ(one->take(5, [&](const Event& event) { seen_ += event.topic(); }), 1U);
  EXPECT_EQ(two->take(5, [&](const Event&) { ++holders; }), 2U);
  EXPECT_EQ(seen_, "a");
  EXPECT_EQ(holders, 2U);
}

TEST_F(ClaimTest, KeepsTheBatchWhileInlineHandlersReadWhatMailboxesGotToo) {
  const auto taken_one = subscribe("a", delivery::Way::taken);
  const auto inline_one = subscribe("a", delivery::Way::in_worker);
  queue("a");
  queue("a");
  hand_over_all();
  EXPECT_EQ(seen_, "a a ");
  EXPECT_EQ(taken_one->take(5, [&](const Event& event) { seen_ += event.topic(); }), 2U);
  EXPECT_EQ(seen_, "a a aa");
  blocks_.pool.put_magazines_back();
  EXPECT_LE(blocks_.memory.used(), event::kSlabBytes) << "nobody holds the batch";
}

TEST_F(ClaimTest, RunsPooledHandlersInThePool) {
  const auto live = subscribe("a", delivery::Way::pool);
  queue("a");
  hand_over_all();
  while (live->stats().ok == 0) std::this_thread::yield();
  EXPECT_EQ(seen_, "a ");
}

TEST_F(ClaimTest, PassesByWhoeverIsClosed) {
  const auto inline_one = subscribe("a", delivery::Way::in_worker);
  const auto taken_one = subscribe("a", delivery::Way::taken);
  (void)inline_one->mark_closed();
  (void)taken_one->mark_closed();
  queue("a");
  hand_over_all();
  EXPECT_EQ(seen_, "");
  EXPECT_EQ(inline_one->stats().matched, 0U);
  EXPECT_EQ(taken_one->stats().matched, 0U);
  blocks_.pool.put_magazines_back();
  EXPECT_LE(blocks_.memory.used(), event::kSlabBytes) << "nobody holds the batch";
}

TEST_F(ClaimTest, SeesASubscriptionFromTheNextBatchOn) {
  queue("a");
  hand_over_all();
  EXPECT_EQ(source_.unmatched, 1U);
  const auto live = subscribe("a", delivery::Way::in_worker);
  queue("a");
  hand_over_all();
  EXPECT_EQ(seen_, "a ");
  tables_.remove(*live);
  queue("a");
  hand_over_all();
  EXPECT_EQ(seen_, "a ");
  EXPECT_EQ(source_.unmatched, 2U);
  EXPECT_EQ(tables_.tables_alive(), 1U);
}

TEST_F(ClaimTest, CountsAsDroppedWhatIsLeftWhenTheBrokerCloses) {
  const auto inline_one = subscribe("a", delivery::Way::in_worker);
  const auto taken_one = subscribe("a", delivery::Way::taken);
  for (int i = 0; i < 100; ++i) queue("a");
  event::release(claim_.next_batch());  // What one worker had before it was told to stop.
  claim_.drop_rest();
  EXPECT_EQ(seen_, "");
  EXPECT_EQ(inline_one->stats().dropped, 36U);
  taken_one->cut_off();
  EXPECT_EQ(taken_one->stats().dropped, 36U);
  EXPECT_TRUE(shard_.empty());
}

TEST_F(ClaimTest, MeasuresEachBatchOnce) {
  for (int i = 0; i < 65; ++i) queue("a");
  hand_over_all();
  HistogramStats stats;
  claim_.dispatch_duration().add_to(stats);
  EXPECT_EQ(stats.count(), 2U);
}

}  // namespace
}  // namespace penstock::dispatch
