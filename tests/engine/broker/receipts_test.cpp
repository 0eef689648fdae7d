#include "broker/receipts.hpp"

#include "engine/journal/journals.hpp"
#include "support/memory_disk.hpp"
#include "topic/source_table.hpp"
#include <gtest/gtest.h>

#include <cerrno>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace penstock {
namespace {

using journal::Outcome;
using journal::Stored;

/// Each call's tags.
struct Sink final : ReceiptSink {
  void on_receipts(std::span<const Receipt> receipts) noexcept override {
    std::vector<std::uint64_t>& tags = calls.emplace_back();
    for (const Receipt& receipt : receipts) {
      tags.push_back(receipt.tag);
      last = receipt;
    }
  }
  std::vector<std::vector<std::uint64_t>> calls;
  Receipt last = {};
};

class ReceiptsTest : public testing::Test {
 protected:
  ReceiptsTest() { receipts_.make_rows(1); }
  ~ReceiptsTest() override {
    for (event::Block* block : blocks_) events_.pool.give(block);
  }

  event::Block* event(ReceiptSink* sink, std::uint64_t tag = 0) {
    event::Block* block = events_.event(blocks_.size() + 1, {});
    block->source = &source_;
    block->sink = sink;
    block->tag = tag;
    blocks_.push_back(block);
    return block;
  }

  [[nodiscard]] SourceStats counts() const {
    SourceStats stats;
    receipts_.tallies().find(source_)->add_to(stats);
    return stats;
  }

  test::MemoryDisk disk_;
  test::Events events_;
  topic::SourceEntry source_{"github", nullptr, 0};
  std::unique_ptr<journal::Journal> journal_ = journal::Journal::open(disk_, {.dir = "j", .dedup_bytes = 1U << 16U});
  std::vector<std::string> told_;
  Receipts receipts_{*journal_, [this](std::string_view what) { told_.emplace_back(what); }};
  std::vector<event::Block*> blocks_;
};

TEST_F(ReceiptsTest, GoToTheSinkOfEachEventInRuns) {
  Sink a;
  Sink b;
  const std::vector<event::Block*> blocks{event(&a, 1), event(&a, 2), event(nullptr), event(&b, 3), event(&a, 4)};
  receipts_.on_append(blocks, std::vector<Stored>(5, {.outcome = Outcome::stored, .offset = 9}));
  EXPECT_EQ(a.calls, (std::vector<std::vector<std::uint64_t>>{{1, 2}, {4}}));
  EXPECT_EQ(b.calls, (std::vector<std::vector<std::uint64_t>>{{3}}));
  EXPECT_EQ(b.last.offset, 9U);
  EXPECT_EQ(b.last.verdict, Verdict::accepted);
}

TEST_F(ReceiptsTest, SayWhatBecameOfAnEventAndCountIt) {
  Sink sink;
  const std::vector<event::Block*> blocks{event(&sink), event(&sink), event(&sink), event(&sink)};
  blocks[0]->unrouted = true;
  blocks[0]->lacks_delivery_id = true;
  blocks[1]->unrouted = true;
  const std::vector<Outcome> outcomes{Outcome::stored, Outcome::duplicate, Outcome::full, Outcome::failed};
  const std::vector<Verdict> verdicts{Verdict::accepted, Verdict::duplicate, Verdict::full, Verdict::full};
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const Stored stored{.outcome = outcomes[i], .offset = i};
    receipts_.on_append({&blocks[i], 1}, {&stored, 1});
    EXPECT_EQ(sink.last.verdict, verdicts[i]);
  }
  const SourceStats counts = this->counts();
  EXPECT_EQ(counts.received, 0U) << "publish counts that";
  EXPECT_EQ(counts.accepted, 1U);
  EXPECT_EQ(counts.duplicate, 1U);
  EXPECT_EQ(counts.refused[static_cast<std::size_t>(Refusal::full)], 1U);
  EXPECT_EQ(counts.refused[static_cast<std::size_t>(Refusal::journal_failed)], 1U);
  EXPECT_EQ(counts.unrouted, 1U) << "only of what was accepted";
  EXPECT_EQ(counts.without_delivery_id, 1U);
}

TEST_F(ReceiptsTest, TellHowManyEventsASyncMadeDurable) {
  for (const std::size_t size : {1U, 2U, 3U, 4U, 5U, 1'024U}) {
    std::vector<event::Block*> blocks;
    for (std::size_t i = 0; i < size; ++i) blocks.push_back(event(nullptr));
    std::vector<Stored> stored(size, {.outcome = Outcome::stored});
    receipts_.on_append(blocks, stored);
  }
  const Stored duplicate{.outcome = Outcome::duplicate};
  receipts_.on_append({&blocks_[0], 1}, {&duplicate, 1});
  BrokerStats stats;
  receipts_.add_to(stats);
  EXPECT_EQ(stats.journal.batch_sizes, (std::array<std::uint64_t, kBatchSizes>{1, 1, 2, 1, 0, 0, 0, 0, 0, 0, 1}));
  EXPECT_EQ(stats.journal.batch_events, 1'039U);
  EXPECT_EQ(stats.journal.sync.count(), 6U) << "nothing was synced for a duplicate alone";
}

TEST_F(ReceiptsTest, TellOfTheFirstFailureOnly) {
  const std::vector<event::Block*> blocks{event(nullptr)};
  std::vector<Stored> stored(1);
  journal_->append(blocks, stored);
  receipts_.on_append(blocks, stored);
  EXPECT_TRUE(told_.empty());
  disk_.fail(test::Call::write, 1, EIO);
  for (int i = 0; i < 2; ++i) {
    journal_->append(blocks, stored);
    receipts_.on_append(blocks, stored);
  }
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_EQ(told_[0], journal_->failure()->what());
}

}  // namespace
}  // namespace penstock
