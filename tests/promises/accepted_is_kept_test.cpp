// accepted-is-kept: an event with a receipt is lost by nothing that its level claims to survive. Here: the broker's
// end, seen through the library. Power cuts, failing calls and kill -9: tests/crash.

#include "support/broker_maker.hpp"
#include "support/temporary_folder.hpp"
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace penstock {
namespace {

/// Receipts by tag.
class Receipts final : public ReceiptSink {
 public:
  void on_receipts(std::span<const Receipt> receipts) noexcept override {
    const std::lock_guard lock{mutex_};
    for (const Receipt& receipt : receipts) EXPECT_TRUE(came_.emplace(receipt.tag, receipt).second) << "given twice";
  }
  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock{mutex_};
    return came_.size();
  }
  [[nodiscard]] Receipt of(std::uint64_t tag) const {
    const std::lock_guard lock{mutex_};
    return came_.at(tag);
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::uint64_t, Receipt> came_;
};

class AcceptedIsKept : public testing::Test {
 protected:
  [[nodiscard]] BrokerOptions options() const {
    return {.workers = 2,
            .memory_bytes_max = 256U << 20U,
            .dedup_bytes_max = 1U << 20U,
            .journal = JournalOptions{.dir = folder_.text(), .segment_bytes = 1U << 20U}};
  }

  Verdict publish(Publisher& publisher, std::uint64_t tag, std::string_view payload,
                  std::string_view delivery_id = {}) {
    EventBuilder event = publisher.event("github", payload.size());
    event.metadata("x-tag", std::to_string(tag));
    const std::span<char> room = event.payload(payload.size());
    std::copy(payload.begin(), payload.end(), room.begin());
    if (!delivery_id.empty()) event.delivery_id(delivery_id, std::chrono::hours{1});
    return publisher.publish(std::move(event), receipts_, tag);
  }

  /// Payloads by offset, from the beginning on.
  static std::map<std::uint64_t, std::string> stored(Broker& broker) {
    std::map<std::uint64_t, std::string> all;
    JournalReader reader = broker.read_journal(1);
    while (reader.read(64, [&all](const Event& event) { all.emplace(event.offset(), event.payload()); }) ==
           JournalRead::events) {
    }
    return all;
  }

  const test::TemporaryFolder folder_;
  Receipts receipts_;
};

TEST_F(AcceptedIsKept, AcrossARestartWithItsOffsetAndItsBytes) {
  constexpr std::uint64_t count = 3'000;
  {
    Broker broker{options()};
    Publisher publisher = broker.publisher();
    for (std::uint64_t tag = 1; tag <= count; ++tag) {
      ASSERT_EQ(publish(publisher, tag, "payload " + std::to_string(tag)), Verdict::accepted);
    }
    EXPECT_TRUE(broker.close());
    ASSERT_EQ(receipts_.size(), count) << "close() gives the last receipts";
  }
  Broker broker{options()};
  const auto all = stored(broker);
  ASSERT_EQ(all.size(), count);
  for (std::uint64_t tag = 1; tag <= count; ++tag) {
    const Receipt receipt = receipts_.of(tag);
    EXPECT_EQ(receipt.verdict, Verdict::accepted);
    EXPECT_EQ(all.at(receipt.offset), "payload " + std::to_string(tag));
  }
  EXPECT_EQ(broker.stats().journal.next_offset, count + 1);
}

TEST_F(AcceptedIsKept, AndIsThereBeforeItsReceipt) {
  Broker broker{options()};
  Publisher publisher = broker.publisher();
  for (std::uint64_t tag = 1; tag <= 200; ++tag) {
    ASSERT_EQ(publish(publisher, tag, std::to_string(tag)), Verdict::accepted);
    ASSERT_TRUE(test::eventually([&] { return receipts_.size() == tag; }));
    std::string found;
    JournalReader reader = broker.read_journal(receipts_.of(tag).offset);
    ASSERT_EQ(reader.read(1, [&found](const Event& event) { found = event.payload(); }), JournalRead::events);
    ASSERT_EQ(found, std::to_string(tag));
    found.clear();
    ASSERT_TRUE(reader.find(receipts_.of(tag).id, [&found](const Event& event) { found = event.payload(); }));
    ASSERT_EQ(found, std::to_string(tag));
  }
}

TEST_F(AcceptedIsKept, InTheOrderOfOffsetsForEverySubscription) {
  std::vector<std::uint64_t> seen;  // Its handler never overlaps itself.
  Broker broker{options()};
  const Subscription all = broker.subscribe(">", [&seen](const Event& event) { seen.push_back(event.offset()); },
                                            {.queue_bytes_max = 64U << 20U});
  constexpr std::uint64_t each = 2'000;
  std::vector<std::thread> threads;
  for (std::uint64_t thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      Publisher publisher = broker.publisher();
      for (std::uint64_t i = 1; i <= each; ++i) {
        while (publish(publisher, thread * each + i, "x") != Verdict::accepted) std::this_thread::yield();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(broker.close());
  ASSERT_EQ(seen.size(), 4 * each);
  for (std::uint64_t i = 0; i < seen.size(); ++i) ASSERT_EQ(seen[i], i + 1);
}

TEST_F(AcceptedIsKept, OnceAlsoWhenItsCopyComesAfterARestart) {
  {
    Broker broker{options()};
    Publisher publisher = broker.publisher();
    ASSERT_EQ(publish(publisher, 1, "first", "delivery-1"), Verdict::accepted);
    ASSERT_EQ(publish(publisher, 2, "first", "delivery-1"), Verdict::accepted);
    EXPECT_TRUE(broker.close());
  }
  Broker broker{options()};
  Publisher publisher = broker.publisher();
  ASSERT_EQ(publish(publisher, 3, "first", "delivery-1"), Verdict::accepted);
  EXPECT_TRUE(broker.close());
  for (const std::uint64_t copy : {2U, 3U}) {
    EXPECT_EQ(receipts_.of(copy).verdict, Verdict::duplicate);
    EXPECT_EQ(receipts_.of(copy).id, receipts_.of(1).id);
    EXPECT_EQ(receipts_.of(copy).offset, receipts_.of(1).offset);
  }
  const BrokerStats stats = broker.stats();
  ASSERT_EQ(stats.sources.size(), 1U);
  EXPECT_EQ(stats.sources[0].duplicate, 1U);
  EXPECT_EQ(stats.sources[0].received, stats.sources[0].accepted + stats.sources[0].duplicate);
}

TEST_F(AcceptedIsKept, ByOneBrokerAtATime) {
  Broker broker{options()};
  try {
    Broker second{options()};
    FAIL() << "two brokers write one journal";
  } catch (const JournalInUse& error) {
    EXPECT_NE(std::string{error.what()}.find(std::to_string(::getpid())), std::string::npos) << error.what();
  }
}

TEST_F(AcceptedIsKept, ReleasesItsDirectoryWhenItIsClosed) {
  Broker broker{options()};
  Publisher outlives = broker.publisher();
  EXPECT_TRUE(broker.close());
  EXPECT_NO_THROW(Broker{options()}) << "a Publisher that outlives its broker must not hold the journal";
}

}  // namespace
}  // namespace penstock
