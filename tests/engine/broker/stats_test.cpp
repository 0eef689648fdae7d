#include "support/broker_maker.hpp"
#include <gtest/gtest.h>
#include <penstock/stats.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace penstock {
namespace {

/// The row of that name; an empty one when there is none.
template <class Row>
Row row_of(const std::vector<Row>& rows, std::string_view name) {
  const auto found = std::find_if(rows.begin(), rows.end(), [name](const Row& row) { return row.name == name; });
  return found == rows.end() ? Row{.name = "missing"} : *found;
}

template <class Row>
long count_of(const std::vector<Row>& rows, std::string_view name) {
  return std::count_if(rows.begin(), rows.end(), [name](const Row& row) { return row.name == name; });
}

class StatsTest : public testing::Test {
 protected:
  std::uint64_t refused(const Source& source, Refusal reason) {
    return row_of(broker_.stats().sources, source.name()).refused.at(static_cast<std::size_t>(reason));
  }

  void settle() {
    ASSERT_TRUE(test::eventually([&] {
      const BrokerStats stats = broker_.stats();
      return std::all_of(stats.subscriptions.begin(), stats.subscriptions.end(),
                         [](const SubscriptionStats& row) { return row.lag == 0; });
    }));
  }

  Broker broker_{{.workers = 1}};
  Publisher publisher_ = broker_.publisher();
};

TEST_F(StatsTest, NamesSourcesInOrderAndOtherOnlyOnceSomebodyPublishedSo) {
  const Source zulu = broker_.source("zulu");
  const Source alpha = broker_.source("alpha", "topic.a");
  BrokerStats stats = broker_.stats();
  ASSERT_EQ(stats.sources.size(), 2U);
  EXPECT_EQ(stats.sources[0].name, "alpha");
  EXPECT_EQ(stats.sources[0].topic, "topic.a");
  EXPECT_EQ(stats.sources[1].name, "zulu");

  test::publish_surely(publisher_, "nobody.s", "x");
  test::publish_surely(publisher_, "zulu", "x");
  EXPECT_EQ(test::publish(publisher_, "bad topic", "x"), Verdict::bad_topic);
  stats = broker_.stats();
  EXPECT_EQ(row_of(stats.sources, "other").received, 2U);
  EXPECT_EQ(row_of(stats.sources, "other").accepted, 1U);
  EXPECT_EQ(row_of(stats.sources, "other").refused_total(), 1U);
  EXPECT_EQ(row_of(stats.sources, "other").topic, "");
  EXPECT_EQ(row_of(stats.sources, "zulu").accepted, 1U) << "the source of the same name as the topic";
}

TEST_F(StatsTest, CountRefusalsAndHandshakesOfASource) {
  const Source source = broker_.source("s");
  publisher_.refuse(source, Refusal::unauthorized);
  publisher_.refuse(source, Refusal::overloaded);
  publisher_.refuse(source, Refusal::overloaded);
  publisher_.handshake(source);
  EXPECT_EQ(refused(source, Refusal::unauthorized), 1U);
  EXPECT_EQ(refused(source, Refusal::overloaded), 2U);
  const SourceStats row = row_of(broker_.stats().sources, "s");
  EXPECT_EQ(row.received, 3U) << "a handshake is no event";
  EXPECT_EQ(row.handshakes, 1U);
  EXPECT_EQ(row.refused_total(), 3U);
}

TEST_F(StatsTest, CountWhatWasUnroutedAndUnmatched) {
  const Source source = broker_.source("s");
  broker_.route("s", Route::header("x-event"));
  const Subscription some = broker_.subscribe("s.wanted", [](const Event&) {});
  ASSERT_EQ(test::publish(publisher_, "s", "x", {{"x-event", "wanted"}}), Verdict::accepted);
  ASSERT_EQ(test::publish(publisher_, "s", "x", {{"x-event", "unwanted"}}), Verdict::accepted);
  ASSERT_EQ(test::publish(publisher_, "s", "x", {{"x-event", "no topic"}}), Verdict::accepted);
  ASSERT_EQ(test::publish(publisher_, "s", "x"), Verdict::accepted);
  ASSERT_TRUE(test::eventually([&] { return row_of(broker_.stats().sources, "s").unmatched == 3; }));
  const SourceStats row = row_of(broker_.stats().sources, "s");
  EXPECT_EQ(row.unrouted, 2U);
  EXPECT_EQ(row.accepted, 4U);
}

TEST_F(StatsTest, KeepWhatAPublisherCountedThatIsGone) {
  const Source source = broker_.source("s");
  for (int i = 0; i < 3; ++i) {
    Publisher passing = broker_.publisher();
    EventBuilder event = passing.event(source, 0);
    ASSERT_EQ(passing.publish(std::move(event)), Verdict::accepted);
    passing.refuse(source, Refusal::stale);
  }
  const BrokerStats stats = broker_.stats();
  EXPECT_EQ(row_of(stats.sources, "s").received, 6U);
  EXPECT_EQ(row_of(stats.sources, "s").accepted, 3U);
  EXPECT_EQ(stats.receipt.count(), 3U);
  EXPECT_EQ(stats.publishers, 1U);
}

TEST_F(StatsTest, SumEndedSubscriptionsByName) {
  for (int i = 0; i < 3; ++i) {
    Subscription passing = broker_.subscribe("t", [](const Event&) {}, {.name = "passing"});
    test::publish_surely(publisher_, "t", "x");
    test::publish_surely(publisher_, "t", "x");
    ASSERT_TRUE(test::eventually([&] { return passing.stats().ok == 2; }));
  }
  const Subscription living = broker_.subscribe("t", [](const Event&) {}, {.name = "living"});
  ASSERT_TRUE(test::eventually([&] { return row_of(broker_.stats().subscriptions, "passing").ok == 6; }));
  const BrokerStats stats = broker_.stats();
  EXPECT_EQ(count_of(stats.subscriptions, "passing"), 1);
  EXPECT_EQ(row_of(stats.subscriptions, "passing").matched, 6U);
  EXPECT_EQ(row_of(stats.subscriptions, "passing").attempts_ok, 6U);
  EXPECT_EQ(stats.subscriptions.front().name, "living") << "the living first";
}

TEST_F(StatsTest, CountUnnamedSubscriptionsAsHandler) {
  const Subscription unnamed = broker_.subscribe("t", [](const Event&) {});
  test::publish_surely(publisher_, "t", "x");
  settle();
  ASSERT_TRUE(test::eventually([&] { return row_of(broker_.stats().subscriptions, "handler").ok == 1; }));
  EXPECT_EQ(row_of(broker_.stats().subscriptions, "handler").patterns, std::vector<std::string>{"t"});
}

TEST_F(StatsTest, RememberABoundedNumberOfEndedNames) {
  for (int i = 0; i < 300; ++i) {
    (void)broker_.subscribe("t", [](const Event&) {}, {.name = "name" + std::to_string(i)});
  }
  const BrokerStats stats = broker_.stats();
  EXPECT_LE(stats.subscriptions.size(), 201U);
  EXPECT_EQ(count_of(stats.subscriptions, "other"), 1);
}

TEST_F(StatsTest, ShowTopicsWithTheirRoutesAndSubscriptions) {
  broker_.route("github", Route::first_of({Route::header("x-github-event"), Route::json("/type")}));
  const Subscription one = broker_.subscribe("github", [](const Event&) {});
  const Subscription all = broker_.subscribe(">", [](const Event&) {});
  test::publish_surely(publisher_, "from.the.wire", "x");
  const BrokerStats stats = broker_.stats();
  ASSERT_EQ(stats.topics.size(), 1U) << "the wire never adds one";
  EXPECT_EQ(stats.topics[0].name, "github");
  EXPECT_EQ(stats.topics[0].route, "header:x-github-event, json:/type");
  EXPECT_EQ(stats.topics[0].subscriptions, 2U);
}

TEST_F(StatsTest, ShowHowMuchThereIsOfEverything) {
  Broker broker{{.workers = 3, .memory_bytes_max = 32U << 20U}};
  const Publisher one = broker.publisher();
  const BrokerStats stats = broker.stats();
  EXPECT_EQ(stats.workers, 3U);
  EXPECT_EQ(stats.shards, 3U);
  EXPECT_EQ(stats.publishers, 1U);
  EXPECT_EQ(stats.memory_budget_bytes, 32U << 20U);
  EXPECT_LE(stats.memory_used_bytes, stats.memory_budget_bytes);
}

TEST_F(StatsTest, TimeReceiptsOfSourcesAndDispatchOfEachBatch) {
  const Source source = broker_.source("s");
  const Subscription all = broker_.subscribe(">", [](const Event&) {}, {.execution = Execution::in_worker});
  test::publish_surely(publisher_, "t", "x");
  EXPECT_EQ(broker_.stats().receipt.count(), 0U);
  EventBuilder event = publisher_.event(source, 0);
  ASSERT_EQ(publisher_.publish(std::move(event)), Verdict::accepted);
  EXPECT_EQ(broker_.stats().receipt.count(), 1U);
  EXPECT_GT(broker_.stats().receipt.percentile(1), 0);
  EXPECT_TRUE(broker_.close());
  EXPECT_GE(broker_.stats().dispatch.count(), 1U);
  EXPECT_LE(broker_.stats().dispatch.count(), 2U);
}

}  // namespace
}  // namespace penstock
