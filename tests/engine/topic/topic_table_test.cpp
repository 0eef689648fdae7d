#include "topic/topic_table.hpp"

#include <gtest/gtest.h>
#include <penstock/error.hpp>

#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <thread>

namespace penstock::topic {
namespace {

class Topics : public testing::Test {
 protected:
  void TearDown() override {
    table_.reset();
    memory_->unref();
  }

  static std::string text_of_refusal(TopicTable& table, std::string_view name) {
    try {
      table.insert(name);
    } catch (const SetupError& error) {
      return error.what();
    }
    return "taken";
  }

  event::Memory* memory_ = event::Memory::make(16U << 20U);
  std::unique_ptr<TopicTable> table_ = std::make_unique<TopicTable>(*memory_);
};

TEST_F(Topics, AreFoundOnceTheyWereInserted) {
  EXPECT_EQ(table_->find("github"), nullptr);
  const TopicEntry& entry = table_->insert("github");
  EXPECT_EQ(table_->find("github"), &entry);
  EXPECT_EQ(entry.name, "github");
  EXPECT_EQ(entry.hash, hash_of("github"));
  EXPECT_EQ(table_->find("githu"), nullptr);
  EXPECT_EQ(table_->find(""), nullptr);
}

TEST_F(Topics, AreTheSameWhenInsertedAgain) {
  const TopicEntry& first = table_->insert("a.b");
  EXPECT_EQ(&table_->insert("a.b"), &first);
  EXPECT_EQ(table_->all().size(), 1U);
}

TEST_F(Topics, KeepTheirNamesWhenTheCallersIsGone) {
  std::string name = "passing.name";
  const TopicEntry& entry = table_->insert(name);
  name.assign(name.size(), 'x');
  EXPECT_EQ(entry.name, "passing.name");
}

TEST_F(Topics, AreListedInOrderOfInsertion) {
  for (const char* name : {"c", "a", "b", "a"}) table_->insert(name);
  std::string order;
  for (const TopicEntry* entry : table_->all()) order += entry->name;
  EXPECT_EQ(order, "cab");
}

TEST_F(Topics, AreRefusedWhenTheyAreNoBaseTopicAndTheErrorSaysWhatIs) {
  const std::string text = text_of_refusal(*table_, "a..b");
  EXPECT_NE(text.find("'a..b'"), std::string::npos) << text;
  EXPECT_NE(text.find("levels"), std::string::npos) << text;
  EXPECT_NE(text_of_refusal(*table_, std::string(129, 'a')).find("128"), std::string::npos);
  EXPECT_TRUE(table_->all().empty());
}

TEST_F(Topics, AreBoundedAndTheErrorSaysHowToMend) {
  for (std::size_t i = 0; i < kTopicsMax; ++i) table_->insert("t" + std::to_string(i));
  const std::string text = text_of_refusal(*table_, "one-more");
  EXPECT_NE(text.find("'one-more'"), std::string::npos) << text;
  EXPECT_NE(text.find("10000"), std::string::npos) << text;
  EXPECT_NE(text.find("patterns"), std::string::npos) << text;
  EXPECT_EQ(table_->find("one-more"), nullptr);
  EXPECT_EQ(&table_->insert("t7"), table_->find("t7")) << "those that are there stay usable";
  for (std::size_t i = 0; i < kTopicsMax; ++i) ASSERT_NE(table_->find("t" + std::to_string(i)), nullptr) << i;
}

TEST_F(Topics, AreFoundByOthersWhileOneInserts) {
  constexpr int names = 3'000;
  std::atomic<int> inserted{0};
  std::thread inserter{[&] {
    for (int i = 0; i < names; ++i) {
      table_->insert("name" + std::to_string(i));
      inserted.store(i + 1, std::memory_order_release);
    }
  }};
  int missed = 0;
  int wrong = 0;
  while (inserted.load(std::memory_order_acquire) < names) {
    const int there = inserted.load(std::memory_order_acquire);
    for (int i = there > 20 ? there - 20 : 0; i < there; ++i) {
      const std::string name = "name" + std::to_string(i);
      const TopicEntry* entry = table_->find(name);
      if (entry == nullptr) {
        ++missed;
      } else if (entry->name != name) {
        ++wrong;
      }
    }
  }
  inserter.join();
  EXPECT_EQ(missed, 0);
  EXPECT_EQ(wrong, 0);
}

TEST(TopicHash, TellsNeighboursApart) {
  std::set<std::uint64_t> hashes;
  std::string name;
  for (int i = 0; i < 300; ++i) {
    hashes.insert(hash_of(name));
    name += 'a';
  }
  for (int i = 0; i < 1'000; ++i) hashes.insert(hash_of("github.event" + std::to_string(i)));
  EXPECT_EQ(hashes.size(), 1'300U);
}

}  // namespace
}  // namespace penstock::topic
