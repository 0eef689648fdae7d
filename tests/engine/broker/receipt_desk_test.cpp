#include "support/broker_maker.hpp"
#include "support/temporary_folder.hpp"
#include <gtest/gtest.h>
#include <penstock/broker.hpp>
#include <penstock/receipt_desk.hpp>

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

namespace penstock {
namespace {

struct Taker final : ReceiptTaker {
  void on_receipt(const Receipt& receipt) override {
    offsets.push_back(receipt.offset);
    if (throws) throw std::runtime_error{"mine"};
  }
  std::vector<std::uint64_t> offsets;
  bool throws = false;
};

Receipt receipt(std::uint64_t tag, std::uint64_t offset) { return {.tag = tag, .offset = offset}; }

TEST(ReceiptDesk, GivesEachTakerHisOwn) {
  ReceiptDesk desk{[] {}};
  Taker a;
  Taker b;
  const std::vector<Receipt> came{receipt(desk.expect(a), 1), receipt(desk.expect(b), 2)};
  desk.on_receipts(came);
  EXPECT_TRUE(a.offsets.empty()) << "not on the thread that brings them";
  desk.give_out();
  EXPECT_EQ(a.offsets, std::vector<std::uint64_t>{1});
  EXPECT_EQ(b.offsets, std::vector<std::uint64_t>{2});
  desk.give_out();
  EXPECT_EQ(a.offsets.size(), 1U);
}

TEST(ReceiptDesk, WakesOnceForAllThatCameSinceItWasEmptied) {
  int wakes = 0;
  ReceiptDesk desk{[&wakes] { ++wakes; }};
  Taker taker;
  for (int round = 1; round <= 2; ++round) {
    for (int i = 0; i < 3; ++i) {
      const Receipt one = receipt(desk.expect(taker), 1);
      desk.on_receipts({&one, 1});
    }
    EXPECT_EQ(wakes, round);
    desk.give_out();
  }
  EXPECT_EQ(taker.offsets.size(), 6U);
}

TEST(ReceiptDesk, KnowsAnOldTagFromTheNextOneOfItsPlace) {
  ReceiptDesk desk{[] {}};
  Taker gone;
  Taker next;
  const std::uint64_t old = desk.expect(gone);
  desk.forget(old);
  const std::uint64_t tag = desk.expect(next);
  const std::vector<Receipt> came{receipt(old, 1), receipt(tag, 2), receipt(0, 3), receipt(~std::uint64_t{0}, 4)};
  desk.on_receipts({came.data(), 2});
  desk.give_out();
  EXPECT_TRUE(gone.offsets.empty());
  EXPECT_EQ(next.offsets, std::vector<std::uint64_t>{2});
  desk.forget(tag);
}

TEST(ReceiptDesk, ServesTheOthersWhenATakerThrows) {
  ReceiptDesk desk{[] {}};
  Taker bad;
  Taker good;
  bad.throws = true;
  const std::vector<Receipt> came{receipt(desk.expect(bad), 1), receipt(desk.expect(good), 2)};
  desk.on_receipts(came);
  EXPECT_THROW(desk.give_out(), std::runtime_error);
  EXPECT_EQ(good.offsets, std::vector<std::uint64_t>{2});
}

TEST(ReceiptDesk, OwesNothingForAnEventThatWasRefused) {
  ReceiptDesk desk{[] {}};
  Taker taker;
  for (int i = 0; i < 1'000; ++i) desk.withdraw(desk.expect(taker));
  const Receipt one = receipt(desk.expect(taker), 7);
  desk.on_receipts({&one, 1});
  desk.give_out();
  EXPECT_EQ(taker.offsets, std::vector<std::uint64_t>{7});
}

TEST(ReceiptDesk, LosesNoneBetweenTwoThreads) {
  std::atomic<int> wakes{0};
  ReceiptDesk desk{[&wakes] { ++wakes; }};
  Taker taker;
  constexpr std::uint64_t count = 20'000;
  std::vector<std::uint64_t> tags(count);
  std::atomic<std::uint64_t> published{0};
  std::thread broker{[&] {
    for (std::uint64_t i = 0; i < count; ++i) {
      while (published <= i) std::this_thread::yield();
      const Receipt one = receipt(tags[i], i + 1);
      desk.on_receipts({&one, 1});
    }
  }};
  for (std::uint64_t i = 0; i < count; ++i) {
    tags[i] = desk.expect(taker);
    published = i + 1;
    if (wakes.exchange(0) != 0) desk.give_out();
  }
  broker.join();
  if (wakes != 0) desk.give_out();
  ASSERT_EQ(taker.offsets.size(), count) << "a batch lies here, and nobody was woken for it";
  for (std::uint64_t i = 0; i < count; ++i) ASSERT_EQ(taker.offsets[i], i + 1);
}

BrokerOptions with_journal(const test::TemporaryFolder& folder) {
  return {.workers = 1, .dedup_bytes_max = 1U << 20U, .journal = JournalOptions{.dir = folder.text()}};
}

TEST(ReceiptDesks, AreNoneWithoutAJournalAndNobodyNeedsThem) {
  Broker broker{{.workers = 1}};
  EXPECT_EQ(ReceiptDesks::make(broker, 2), nullptr);
  EXPECT_NO_THROW(ReceiptDesks::require(broker, nullptr, 2));
}

TEST(ReceiptDesks, AreNeededForEachThreadWhereThereIsAJournal) {
  const test::TemporaryFolder folder;
  Broker broker{with_journal(folder)};
  const auto desks = ReceiptDesks::make(broker, 2);
  ASSERT_NE(desks, nullptr);
  EXPECT_NO_THROW(ReceiptDesks::require(broker, desks.get(), 2));
  EXPECT_THROW(ReceiptDesks::require(broker, desks.get(), 3), SetupError);
  EXPECT_THROW(ReceiptDesks::require(broker, nullptr, 1), SetupError);
}

TEST(ReceiptDesks, WakeTheThreadThatPublishedAlsoWhenTheirOwnerIsGone) {
  const test::TemporaryFolder folder;
  Broker broker{with_journal(folder)};
  auto desks = ReceiptDesks::make(broker, 3);
  std::atomic<std::size_t> woken{99};
  desks->wake_with([&woken](std::size_t thread) { woken = thread; });
  ReceiptDesk& desk = desks->at(2);
  Taker taker;
  Publisher publisher = broker.publisher();
  ASSERT_EQ(publisher.publish(publisher.event("t", 0), desk, desk.expect(taker)), Verdict::accepted);
  EXPECT_TRUE(test::eventually([&] { return woken == 2; }));
  desk.give_out();
  EXPECT_EQ(taker.offsets, std::vector<std::uint64_t>{1});
  woken = 99;
  ASSERT_EQ(publisher.publish(publisher.event("t", 0), desk, desk.expect(taker)), Verdict::accepted);
  desks.reset();
  EXPECT_TRUE(test::eventually([&] { return woken == 2; })) << "the broker holds them until the last receipt";
}

}  // namespace
}  // namespace penstock
