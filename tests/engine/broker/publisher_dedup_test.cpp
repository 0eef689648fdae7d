// What a Publisher makes of delivery ids, given or found. Two copies at the same moment, and the window:
// tests/promises/deduplicated_test.cpp.

#include "support/broker_maker.hpp"
#include <gtest/gtest.h>
#include <penstock/publisher.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace penstock {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

class PublisherDedup : public testing::Test {
 protected:
  EventBuilder event(std::string_view payload = {}) {
    EventBuilder made = publisher_.event(source_, payload.size());
    std::copy(payload.begin(), payload.end(), made.payload(payload.size()).begin());
    return made;
  }
  Verdict publish_with(std::string_view id) {
    EventBuilder made = event();
    made.delivery_id(id, hours{1});
    return publisher_.publish(std::move(made));
  }
  Verdict publish_of(const Dedup& dedup, std::string_view payload) {
    EventBuilder made = event(payload);
    made.deduplicate(dedup);
    return publisher_.publish(std::move(made));
  }
  Verdict publish_of(const Dedup& dedup, std::initializer_list<MetadataField> fields) {
    EventBuilder made = event();
    for (const auto& [name, value] : fields) made.metadata(name, value);
    made.deduplicate(dedup);
    return publisher_.publish(std::move(made));
  }
  [[nodiscard]] SourceStats stats() const {
    const BrokerStats all = broker_.stats();
    return *std::find_if(all.sources.begin(), all.sources.end(), [](const auto& one) { return one.name == "s"; });
  }

  Broker broker_{{.workers = 1}};
  Source source_ = broker_.source("s");
  Publisher publisher_ = broker_.publisher();
  Dedup by_header_{Route::header("X-Id"), hours{1}};
  Dedup by_json_{Route::json("/id"), hours{1}};
};

TEST_F(PublisherDedup, TakesEventsWithoutAnIdAsOftenAsTheyCome) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(publisher_.publish(event("{}")), Verdict::accepted);
  EXPECT_EQ(stats().without_delivery_id, 0U) << "nobody looked for one";
}

TEST_F(PublisherDedup, CountsAndTakesEventsWhoseIdIsNone) {
  const std::string longest(kDeliveryIdBytesMax, 'x');
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(publish_with(""), Verdict::accepted);
    EXPECT_EQ(publish_with(longest + 'x'), Verdict::accepted);
    EXPECT_EQ(publish_of(by_header_, {{"x-other", "1"}}), Verdict::accepted);
    EXPECT_EQ(publish_of(by_header_, {{"x-id", "1"}, {"X-ID", "1"}}), Verdict::accepted) << "which one is meant?";
    EXPECT_EQ(publish_of(by_json_, R"({"id":null})"), Verdict::accepted);
    EXPECT_EQ(publish_of(by_json_, R"({"id":["a"]})"), Verdict::accepted);
    EXPECT_EQ(publish_of(by_json_, "no json"), Verdict::accepted);
  }
  EXPECT_EQ(stats().without_delivery_id, 14U);
  EXPECT_EQ(publish_with(longest), Verdict::accepted);
  EXPECT_EQ(publish_with(longest), Verdict::duplicate);
  EXPECT_EQ(stats().without_delivery_id, 14U);
}

TEST_F(PublisherDedup, FindsTheIdInAHeaderWhateverItsCase) {
  EXPECT_EQ(publish_of(by_header_, {{"x-id", "1"}}), Verdict::accepted);
  EXPECT_EQ(publish_of(by_header_, {{"a", "b"}, {"X-ID", "1"}}), Verdict::duplicate);
  EXPECT_EQ(publish_of(by_header_, {{"x-id", "2"}}), Verdict::accepted);
}

TEST_F(PublisherDedup, FindsTheIdInThePayloadHoweverItIsWritten) {
  EXPECT_EQ(publish_of(by_json_, R"({"a":1,"id":"ab"})"), Verdict::accepted);
  EXPECT_EQ(publish_of(by_json_, R"({ "id" : "\u0061b" })"), Verdict::duplicate);
  EXPECT_EQ(publish_of(by_json_, R"({"id":17})"), Verdict::accepted);
  EXPECT_EQ(publish_of(by_json_, R"({"id":17 })"), Verdict::duplicate);
  EXPECT_EQ(publish_of(by_json_, R"({"id":170})"), Verdict::accepted);
}

TEST_F(PublisherDedup, FindsTheIdInALongPayload) {
  const std::string rest = R"(","rest":")" + std::string(300'000, 'x') + R"("})";
  EXPECT_EQ(publish_of(by_json_, R"({"id":"1)" + rest), Verdict::accepted);
  EXPECT_EQ(publish_of(by_json_, R"({"id":"1)" + rest), Verdict::duplicate);
}

TEST_F(PublisherDedup, GoesByTheLastIdThatWasGiven) {
  EventBuilder made = event();
  made.delivery_id("a", hours{1});
  made.delivery_id("b", hours{1});
  EXPECT_EQ(publisher_.publish(std::move(made)), Verdict::accepted);
  EXPECT_EQ(publish_with("a"), Verdict::accepted);
  EXPECT_EQ(publish_with("b"), Verdict::duplicate);
}

TEST_F(PublisherDedup, KeepsTheIdWhenTheBlockGrows) {
  EventBuilder made = publisher_.event(source_, 0);
  made.delivery_id("a", hours{1});
  for (int i = 0; i < 100; ++i) made.metadata("name", "a value that needs room");
  (void)made.payload(200'000);
  EXPECT_EQ(publisher_.publish(std::move(made)), Verdict::accepted);
  EXPECT_EQ(publish_with("a"), Verdict::duplicate);
}

TEST_F(PublisherDedup, LeavesADuplicateWithItsBuilder) {
  broker_.route("s", Route::header("kind"));
  test::Collected topics;
  const Subscription all = broker_.subscribe("s.>", [&](const Event& seen) { topics.add(seen.topic()); });
  ASSERT_EQ(publish_with("a"), Verdict::accepted);
  EventBuilder made = event("payload");
  made.metadata("kind", "push");
  made.delivery_id("a", hours{1});
  EXPECT_EQ(publisher_.publish(std::move(made)), Verdict::duplicate);
  EXPECT_EQ(publisher_.publish(std::move(made)), Verdict::duplicate);
  made.delivery_id("b", hours{1});
  EXPECT_EQ(made.payload(), "payload");
  EXPECT_EQ(publisher_.publish(std::move(made)), Verdict::accepted);
  ASSERT_TRUE(broker_.close());
  EXPECT_EQ(topics.texts(), std::vector<std::string>{"s.push"});
}

TEST_F(PublisherDedup, GoesByTheTopicWhereThereIsNoSource) {
  const auto publish_to = [&](std::string_view topic) {
    EventBuilder made = publisher_.event(topic, 0);
    made.delivery_id("a", hours{1});
    return publisher_.publish(std::move(made));
  };
  EXPECT_EQ(publish_to("nobodys.one"), Verdict::accepted);
  EXPECT_EQ(publish_to("nobodys.two"), Verdict::accepted);
  EXPECT_EQ(publish_to("nobodys.one"), Verdict::duplicate);
  EXPECT_EQ(publish_to("s"), Verdict::accepted);
  EXPECT_EQ(publish_with("a"), Verdict::duplicate) << "the topic's source is meant";
}

TEST_F(PublisherDedup, TakesTheLeastWindowForALessOne) {
  for (const seconds window : {seconds{0}, seconds{-1}, seconds::max()}) {
    const auto publish = [&] {
      EventBuilder made = event();
      made.delivery_id(std::to_string(window.count()), window);
      return publisher_.publish(std::move(made));
    };
    EXPECT_EQ(publish(), Verdict::accepted);
    if (window == seconds::max()) {
      EXPECT_EQ(publish(), Verdict::duplicate);
    }
  }
  EXPECT_EQ(stats().without_delivery_id, 0U);
}

TEST_F(PublisherDedup, IsRefusedAfterTheEndAsAnyEvent) {
  ASSERT_EQ(publish_with("a"), Verdict::accepted);
  ASSERT_TRUE(broker_.close());
  EXPECT_EQ(publish_with("a"), Verdict::closed);
}

TEST(PublisherDedupOptions, NeedRoomForIds) {
  EXPECT_THROW(Broker({.workers = 1, .dedup_bytes_max = 1'000}), SetupError);
}

}  // namespace
}  // namespace penstock
