#include "broker/durability.hpp"

#include "engine/event/blocks.hpp"
#include "engine/journal/journals.hpp"
#include "support/broker_maker.hpp"
#include "support/temporary_folder.hpp"
#include "topic/source_table.hpp"
#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace penstock {
namespace {

std::chrono::steady_clock::time_point in_a_minute() {
  return std::chrono::steady_clock::now() + std::chrono::minutes{1};
}

/// What a disk of this test does at the next sync.
struct Trouble {
  std::atomic<bool> stalls{false};
  std::atomic<int> error{0};
};

class TroubledFile final : public os::File {
 public:
  TroubledFile(std::unique_ptr<os::File> file, Trouble& trouble) : file_{std::move(file)}, trouble_{trouble} {}
  int sync() noexcept override {
    while (trouble_.stalls) std::this_thread::sleep_for(std::chrono::milliseconds{1});
    return trouble_.error != 0 ? trouble_.error.load() : file_->sync();
  }
  int allocate(std::uint64_t bytes) noexcept override { return file_->allocate(bytes); }
  int truncate(std::uint64_t bytes) noexcept override { return file_->truncate(bytes); }
  [[nodiscard]] os::Count size() const noexcept override { return file_->size(); }
  [[nodiscard]] os::Count data_from(std::uint64_t position) const noexcept override {
    return file_->data_from(position);
  }

 protected:
  os::Count write_some(std::span<const os::Piece> pieces, std::uint64_t position) noexcept override {
    std::vector<os::Piece> all{pieces.begin(), pieces.end()};
    std::uint64_t bytes = 0;
    for (const os::Piece& piece : all) bytes += piece.bytes;
    return {file_->write(all, position), bytes};
  }
  [[nodiscard]] os::Count read_some(std::span<char> into, std::uint64_t position) const noexcept override {
    return file_->read(into, position);
  }

 private:
  const std::unique_ptr<os::File> file_;
  Trouble& trouble_;
};

class TroubledDisk final : public os::Disk {
 public:
  int open(const std::string& path, os::OpenMode mode, std::unique_ptr<os::File>& file) override {
    std::unique_ptr<os::File> real;
    const int error = os::disk().open(path, mode, real);
    if (error == 0) file = std::make_unique<TroubledFile>(std::move(real), trouble);
    return error;
  }
  int make_dir(const std::string& path) override { return os::disk().make_dir(path); }
  int list(const std::string& dir, std::vector<std::string>& names) override { return os::disk().list(dir, names); }
  int unlink(const std::string& path) override { return os::disk().unlink(path); }
  int rename(const std::string& from, const std::string& to) override { return os::disk().rename(from, to); }
  int sync_dir(const std::string& dir) override { return os::disk().sync_dir(dir); }
  int lock(const std::string& path, std::unique_ptr<os::File>& held, std::uint64_t& holder) override {
    return os::disk().lock(path, held, holder);
  }

  Trouble trouble;
};

class DurabilityTest : public testing::Test {
 protected:
  DurabilityTest() { workers_.start(nullptr); }
  ~DurabilityTest() override {
    disk_.trouble.stalls = false;
    EXPECT_TRUE(!durability_ || durability_->stop(in_a_minute()));
    EXPECT_TRUE(workers_.stop(in_a_minute()));
    workers_.drop_rest();
  }

  Durability& begin() {
    options_.journal = JournalOptions{.dir = folder_.text(), .receipt_wait = std::chrono::milliseconds{30}};
    options_.dedup_bytes_max = 1U << 16U;
    options_.on_journal_failure = [this](std::string_view what) {
      ++told_;
      what_ = what;
    };
    durability_ = std::make_unique<Durability>(options_, blocks_.memory, workers_, disk_);
    durability_->receipts().make_rows(1);
    return *durability_;
  }

  void publish(std::uint64_t number) {
    if (intake_ == nullptr) {
      intake_ = &durability_->commit().intake_for_publisher();
      token_.emplace(intake_->shard);
    }
    event::Block* block = events_.event(number, {});
    block->source = &source_;
    ASSERT_TRUE(intake_->shard.enqueue(*token_, block));
    durability_->commit().work_came();
  }
  [[nodiscard]] bool becomes(Durability::Gate gate) {
    return test::eventually([&] { return durability_->gate() == gate; });
  }
  [[nodiscard]] JournalStats stats() const {
    BrokerStats stats;
    durability_->add_to(stats);
    return stats.journal;
  }

  const test::TemporaryFolder folder_;
  TroubledDisk disk_;
  test::Blocks blocks_;
  test::Events events_;
  topic::SourceEntry source_{"github", nullptr, 0};
  delivery::SubscriberTables tables_;
  delivery::HandlerPool pool_{1, blocks_.memory, [](delivery::Live&) {}};
  dispatch::Workers workers_{{.workers = 1}, blocks_.memory, tables_, pool_};
  BrokerOptions options_;
  std::atomic<int> told_{0};
  std::string what_;
  std::unique_ptr<Durability> durability_;
  dispatch::Intake* intake_ = nullptr;
  std::optional<dispatch::Shard::Token> token_;
};

TEST_F(DurabilityTest, TakesNoMoreWhileASyncTakesLongerThanReceiptsMayWait) {
  Durability& durability = begin();
  durability.start(nullptr);
  EXPECT_EQ(durability.gate(), Durability::Gate::open);
  disk_.trouble.stalls = true;
  publish(1);
  EXPECT_TRUE(becomes(Durability::Gate::slow));
  EXPECT_EQ(stats().next_offset, 1U) << "not there before its sync";
  disk_.trouble.stalls = false;
  EXPECT_TRUE(becomes(Durability::Gate::open));
  EXPECT_TRUE(test::eventually([&] { return stats().next_offset == 2; }));
  EXPECT_EQ(told_, 0);
}

TEST_F(DurabilityTest, TakesNothingMoreAfterAFailedSyncAndTellsOfItOnce) {
  Durability& durability = begin();
  durability.start(nullptr);
  disk_.trouble.error = EIO;
  publish(1);
  EXPECT_TRUE(becomes(Durability::Gate::failed));
  disk_.trouble.error = 0;
  publish(2);
  publish(3);
  EXPECT_TRUE(test::eventually([&] { return durability.commit().idle(); }));
  EXPECT_EQ(durability.gate(), Durability::Gate::failed) << "what the disk holds is known only by opening anew";
  EXPECT_EQ(told_, 1);
  EXPECT_EQ(what_, stats().failure);
  EXPECT_NE(what_.find("sync"), std::string::npos) << what_;
  EXPECT_EQ(stats().next_offset, 1U);
}

TEST_F(DurabilityTest, TellsOfItsJournalWhenItHasLetGoOfItToo) {
  Durability& durability = begin();
  durability.start(nullptr);
  publish(1);
  publish(2);
  EXPECT_TRUE(durability.stop(in_a_minute()));
  const JournalStats before = stats();
  durability.let_go();
  EXPECT_EQ(durability.journal(), nullptr);
  EXPECT_EQ(before.next_offset, 3U);
  EXPECT_EQ(stats().next_offset, 3U);
  EXPECT_EQ(stats().bytes, before.bytes);
  EXPECT_EQ(stats().batch_events, 2U);
}

TEST_F(DurabilityTest, ChargesTheBudgetForItsIndexOfIds) {
  const std::size_t before = blocks_.memory.used();
  begin();
  const std::size_t with_index = blocks_.memory.used();
  EXPECT_GT(with_index, before);
  durability_.reset();
  EXPECT_EQ(blocks_.memory.used(), before);
}

TEST_F(DurabilityTest, SaysOfADamagedJournalThatItIsNoMistakeOfTheOptions) {
  begin();
  durability_.reset();
  std::ofstream{folder_.path() / "journal.state", std::ios::trunc} << "what somebody else wrote";
  EXPECT_THROW(begin(), JournalError);
}

}  // namespace
}  // namespace penstock
