#include "delivery/subscriber_table.hpp"

#include "engine/delivery/lives.hpp"
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace penstock::delivery {
namespace {

using Indexes = std::vector<std::uint32_t>;

class TableTest : public testing::Test {
 protected:
  std::shared_ptr<Live> live(std::vector<std::string> patterns) { return test::live(refusing_, std::move(patterns)); }

  RefusingCount refusing_{0};
};

TEST_F(TableTest, MatchesByTopicAndByBaseTopicAndEachOnce) {
  const SubscriberTable table{{live({"github"}), live({"github.push"}), live({"github.*"}), live({">"}),
                               live({"gitlab.>"}), live({"github", "github.push", "*.push", "*"})},
                              1};
  Indexes matched;
  table.match("github", "github.push", matched);
  EXPECT_EQ(matched, (Indexes{0, 1, 2, 3, 5}));
  table.match("github", "github.pull_request", matched);
  EXPECT_EQ(matched, (Indexes{0, 2, 3, 5}));
  table.match("github", "github", matched);
  EXPECT_EQ(matched, (Indexes{0, 3, 5}));
  table.match("gitlab", "gitlab.push", matched);
  EXPECT_EQ(matched, (Indexes{3, 4, 5}));
  table.match("a.b", "a.b.c", matched);
  EXPECT_EQ(matched, (Indexes{3}));
}

TEST_F(TableTest, MatchesNobodyWhenNobodyAsked) {
  Indexes matched{7};
  SubscriberTable{{}, 1}.match("a", "a.b", matched);
  EXPECT_TRUE(matched.empty());
  SubscriberTable{{live({"b"})}, 2}.match("a", "a.b", matched);
  EXPECT_TRUE(matched.empty());
}

TEST_F(TableTest, AgreesWithTheSubscriptionsThemselves) {
  const std::vector<std::string> patterns = {"a", "a.b", "a.*", "*.b", "*.*", "*",
                                             ">", "a.>", "*.>", "b",   "b.c", "a.b.c"};
  std::vector<std::shared_ptr<Live>> lives;
  for (const std::string& one : patterns) {
    lives.push_back(live({one}));
    for (const std::string& two : patterns) lives.push_back(live({one, two}));
  }
  const SubscriberTable table{lives, 1};
  Indexes matched;
  for (const auto& [base, topic] : std::vector<std::pair<std::string, std::string>>{
           {"a", "a"}, {"a", "a.b"}, {"a", "a.b.c"}, {"a.b", "a.b.c"}, {"b", "b.c"}, {"c", "c.b"}, {"c", "c"}}) {
    table.match(base, topic, matched);
    Indexes expected;
    for (std::uint32_t i = 0; i < lives.size(); ++i) {
      if (lives[i]->wants(base, topic)) expected.push_back(i);
    }
    EXPECT_EQ(matched, expected) << topic;
  }
}

TEST_F(TableTest, FreesATableThatNobodyNames) {
  SubscriberTables tables;
  const auto one = live({"a"});
  for (int i = 0; i < 5; ++i) {
    tables.add(one);
    tables.remove(*one);
  }
  EXPECT_EQ(tables.tables_alive(), 1U);
  EXPECT_EQ(one.use_count(), 1) << "no table holds it any more";
}

TEST_F(TableTest, KeepsATableThatIsPinnedUntilItIsUnpinned) {
  SubscriberTables tables;
  TableReader& reader = tables.add_reader();
  auto one = live({"a"});
  tables.add(one);
  const SubscriberTable& pinned = tables.pin(reader);
  tables.remove(*one);
  EXPECT_EQ(tables.tables_alive(), 2U);
  EXPECT_EQ(pinned.lives.size(), 1U);
  EXPECT_EQ(one.use_count(), 2);
  tables.unpin(reader);
  EXPECT_EQ(tables.tables_alive(), 1U);
  EXPECT_EQ(one.use_count(), 1);
}

TEST_F(TableTest, PinsTheNewestEachTime) {
  SubscriberTables tables;
  TableReader& reader = tables.add_reader();
  const std::uint64_t first = tables.pin(reader).version;
  EXPECT_EQ(tables.pin(reader).version, first);
  tables.add(live({"a"}));
  const SubscriberTable& second = tables.pin(reader);
  EXPECT_NE(second.version, first);
  EXPECT_EQ(second.lives.size(), 1U);
  tables.add(live({"b"}));
  EXPECT_EQ(tables.tables_alive(), 2U) << "the first one was let go when another was pinned";
  tables.unpin(reader);
}

TEST_F(TableTest, HasNoMoreTablesThanReadersAndOne) {
  SubscriberTables tables;
  std::vector<TableReader*> readers;
  readers.reserve(5);
  for (int i = 0; i < 5; ++i) readers.push_back(&tables.add_reader());
  for (int i = 0; i < 20; ++i) {
    (void)tables.pin(*readers[static_cast<std::size_t>(i) % 5]);
    tables.add(live({"a"}));
    ASSERT_LE(tables.tables_alive(), 6U);
  }
  EXPECT_EQ(tables.tables_alive(), 6U);
  for (TableReader* reader : readers) tables.unpin(*reader);
  EXPECT_EQ(tables.tables_alive(), 1U);
}

TEST_F(TableTest, HasAReaderForEveryClaimAndOneForTheClose) {
  SubscriberTables tables;
  for (std::size_t i = 0; i < kClaimsMax + 1; ++i) (void)tables.add_reader();
  EXPECT_ANY_THROW((void)tables.add_reader());
}

TEST_F(TableTest, KnowsWhoIsBeingCalled) {
  SubscriberTables tables;
  (void)tables.add_reader();
  TableReader& reader = tables.add_reader();
  const auto one = live({"a"});
  EXPECT_FALSE(tables.in_call(*one));
  reader.current.store(one.get());
  EXPECT_TRUE(tables.in_call(*one));
  EXPECT_FALSE(tables.in_call(*live({"b"})));
}

TEST_F(TableTest, DestroysAHandlerThatWasLeftOnlyWhenItsLastCallIsOver) {
  SubscriberTables tables;
  TableReader& reader = tables.add_reader();
  const auto held = std::make_shared<int>(1);
  const auto one = test::live(refusing_, {"a"}, [held](const Event&) {});
  (void)one->mark_closed();
  tables.destroy_if_left(*one);
  EXPECT_EQ(held.use_count(), 2) << "its unsubscribe waits, and destroys it itself";
  one->defer_destruction();
  reader.current.store(one.get());
  tables.destroy_if_left(*one);
  EXPECT_EQ(held.use_count(), 2) << "a call is running";
  reader.current.store(nullptr);
  tables.destroy_if_left(*one);
  EXPECT_EQ(held.use_count(), 1);
}

TEST_F(TableTest, ReaderNeverMeetsATableThatIsGone) {
  SubscriberTables tables;
  constexpr int readers = 2;
  std::atomic<bool> done{false};
  std::atomic<int> wrong{0};
  std::atomic<std::size_t> most{0};
  std::vector<std::thread> threads;
  threads.reserve(readers);
  for (int i = 0; i < readers; ++i) {
    threads.emplace_back([&, reader = &tables.add_reader()] {
      std::uint64_t last = 0;
      Indexes matched;
      while (!done) {
        for (int batch = 0; batch < 3; ++batch) {
          const SubscriberTable& table = tables.pin(*reader);
          table.match("a", "a.b", matched);
          if (table.version < last || matched.size() != table.lives.size()) ++wrong;
          last = table.version;
        }
        tables.unpin(*reader);
      }
    });
  }
  for (int i = 0; i < 2'000; ++i) {
    const auto one = live({"a.*"});
    tables.add(one);
    most = std::max(most.load(), tables.tables_alive());
    tables.remove(*one);
    most = std::max(most.load(), tables.tables_alive());
  }
  done = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_LE(most, readers + 1U);
}

}  // namespace
}  // namespace penstock::delivery
