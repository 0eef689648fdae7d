#include "topic/source_table.hpp"

#include <gtest/gtest.h>
#include <penstock/error.hpp>

#include <memory>
#include <string>

namespace penstock::topic {
namespace {

class Sources : public testing::Test {
 protected:
  Sources() : topics_{std::make_unique<TopicTable>(*memory_)}, table_{std::make_unique<SourceTable>(*memory_)} {}
  void TearDown() override {
    table_.reset();
    topics_.reset();
    memory_->unref();
  }

  std::string text_of_refusal(std::string_view name, const TopicEntry& topic) {
    try {
      table_->insert(name, topic);
    } catch (const SetupError& error) {
      return error.what();
    }
    return "taken";
  }

  event::Memory* memory_ = event::Memory::make(16U << 20U);
  std::unique_ptr<TopicTable> topics_;
  std::unique_ptr<SourceTable> table_;
};

TEST_F(Sources, BeginWithOtherWhichHasNoTopic) {
  EXPECT_EQ(table_->all().size(), 1U);
  EXPECT_EQ(table_->other().name, "other");
  EXPECT_EQ(table_->other().topic, nullptr);
  EXPECT_EQ(table_->other().index, 0U);
}

TEST_F(Sources, AreFoundByNameAndNumberedInOrder) {
  const TopicEntry& topic = topics_->insert("github");
  const SourceEntry& first = table_->insert("github", topic);
  const SourceEntry& second = table_->insert("github-legacy", topic);
  EXPECT_EQ(first.index, 1U);
  EXPECT_EQ(second.index, 2U);
  EXPECT_EQ(second.topic, &topic) << "two sources may share a topic";
  EXPECT_EQ(table_->find("github-legacy"), &second);
  EXPECT_EQ(table_->find("gitlab"), nullptr);
}

TEST_F(Sources, AreTheSameWhenInsertedAgainWithTheSameTopic) {
  const TopicEntry& topic = topics_->insert("github");
  const SourceEntry& first = table_->insert("github", topic);
  EXPECT_EQ(&table_->insert("github", topic), &first);
  EXPECT_EQ(table_->all().size(), 2U);
}

TEST_F(Sources, AreRefusedWithAnotherTopicAndTheErrorNamesBoth) {
  table_->insert("github", topics_->insert("github"));
  const std::string text = text_of_refusal("github", topics_->insert("forge"));
  EXPECT_NE(text.find("source 'github'"), std::string::npos) << text;
  EXPECT_NE(text.find("'forge'"), std::string::npos) << text;
}

TEST_F(Sources, MayNotBeCalledOtherNorNothing) {
  const TopicEntry& topic = topics_->insert("github");
  EXPECT_NE(text_of_refusal("other", topic).find("choose another name"), std::string::npos);
  EXPECT_NE(text_of_refusal("", topic).find("choose another name"), std::string::npos);
}

TEST_F(Sources, AreBounded) {
  const TopicEntry& topic = topics_->insert("t");
  for (std::size_t i = 0; i < kSourcesMax; ++i) table_->insert(std::to_string(i), topic);
  const std::string text = text_of_refusal("one-more", topic);
  EXPECT_NE(text.find("'one-more'"), std::string::npos) << text;
  EXPECT_NE(text.find("10000"), std::string::npos) << text;
}

}  // namespace
}  // namespace penstock::topic
