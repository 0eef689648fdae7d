#include "support/broker_maker.hpp"
#include <gtest/gtest.h>
#include <penstock/publisher.hpp>

#include <algorithm>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace penstock {
namespace {

constexpr std::size_t kPayloadMax = 1U << 20U;

/// A broker whose events of every topic are kept as they were delivered, inline.
class PublisherTest : public testing::Test {
 protected:
  static void fill(std::span<char> room, char with) { std::fill(room.begin(), room.end(), with); }

  /// Forgets what was delivered before, publishes, and waits for the delivery.
  Verdict deliver(EventBuilder&& event, EventId* id = nullptr) {
    {
      const std::lock_guard lock{mutex_};
      events_.clear();
    }
    const Verdict verdict = publisher_.publish(std::move(event), id);
    if (verdict == Verdict::accepted) {
      EXPECT_TRUE(test::eventually([this] {
        const std::lock_guard lock{mutex_};
        return !events_.empty();
      }));
    }
    return verdict;
  }

  [[nodiscard]] const Event& last() const {
    const std::lock_guard lock{mutex_};
    return events_.back();
  }

  /// Appends `text` piece by piece, as a body without a length arrives. False: there was no room.
  static bool append(EventBuilder& event, std::string_view text, std::size_t piece) {
    while (!text.empty()) {
      const std::span<char> room = event.room(std::min(piece, text.size()));
      if (room.empty()) return false;
      const std::size_t bytes = std::min(room.size(), text.size());
      std::copy_n(text.begin(), bytes, room.begin());
      event.commit(bytes);
      text.remove_prefix(bytes);
    }
    return true;
  }

  static std::string text_of(std::size_t bytes) {
    std::string text(bytes, ' ');
    for (std::size_t i = 0; i < bytes; ++i) text[i] = static_cast<char>('a' + i % 23 + i / 1'000 % 3);
    return text;
  }

  Broker broker_{{.workers = 1, .memory_bytes_max = 32U << 20U, .payload_bytes_max = kPayloadMax}};
  mutable std::mutex mutex_;
  std::deque<Event> events_;
  Subscription all_ = broker_.subscribe(">",
                                        [this](const Event& event) {
                                          const std::lock_guard lock{mutex_};
                                          events_.push_back(event);
                                        },
                                        {.execution = Execution::in_worker});
  Publisher publisher_ = broker_.publisher();
};

TEST_F(PublisherTest, DeliversAPayloadThatWasWrittenInPlace) {
  EventBuilder event = publisher_.event("t", 5);
  const std::span<char> room = event.payload(5);
  ASSERT_EQ(room.size(), 5U);
  std::copy_n("hello", 5, room.begin());
  EXPECT_EQ(event.payload(), "hello");
  EventId id;
  EXPECT_EQ(deliver(std::move(event), &id), Verdict::accepted);
  EXPECT_EQ(last().payload(), "hello");
  EXPECT_EQ(last().id(), id);
  EXPECT_EQ(last().source(), "t");
  EXPECT_EQ(publisher_.last_topic(), "t");
}

TEST_F(PublisherTest, DeliversAnEventWithoutPayload) {
  EXPECT_EQ(deliver(publisher_.event("t", 0)), Verdict::accepted);
  EXPECT_EQ(last().payload(), "");
  EXPECT_TRUE(last().metadata().empty());
}

TEST_F(PublisherTest, KeepsTheBytesUpToTheSmallerSizeWhenAskedAgain) {
  EventBuilder event = publisher_.event("t", 4);
  fill(event.payload(4), 'a');
  ASSERT_EQ(event.payload(200'000).size(), 200'000U);
  EXPECT_EQ(event.payload().substr(0, 4), "aaaa") << "moved, and kept";
  ASSERT_EQ(event.payload(2).size(), 2U);
  EXPECT_EQ(event.payload(), "aa");
  EXPECT_EQ(deliver(std::move(event)), Verdict::accepted);
  EXPECT_EQ(last().payload(), "aa");
}

TEST_F(PublisherTest, TakesABodyInPiecesOfAnySize) {
  for (const std::size_t bytes : {1U, 4'095U, 4'096U, 4'097U, 100'000U, 131'072U, 300'000U, 1'048'576U}) {
    for (const std::size_t piece : {997U, 70'000U, 1'048'576U}) {
      const std::string text = text_of(bytes);
      EventBuilder event = publisher_.event("t", 0);
      event.metadata("x-a", "1");
      ASSERT_TRUE(append(event, text, piece)) << bytes << " by " << piece;
      ASSERT_EQ(deliver(std::move(event)), Verdict::accepted);
      ASSERT_EQ(last().payload(), text) << bytes << " by " << piece;
      ASSERT_EQ(last().metadata("X-A"), "1");
    }
  }
}

TEST_F(PublisherTest, GivesRoomForAtLeastOneByteAndAtMostWhatIsWanted) {
  EventBuilder event = publisher_.event("t", 0);
  EXPECT_TRUE(event.room(0).empty());
  for (int i = 0; i < 10'000; ++i) {
    const std::span<char> room = event.room(3);
    ASSERT_GE(room.size(), 1U);
    ASSERT_LE(room.size(), 3U);
    room[0] = 'x';
    event.commit(1);
  }
  EXPECT_EQ(event.payload(), std::string(10'000, 'x'));
}

TEST_F(PublisherTest, TakesAPayloadUpToTheLimitAndNoLonger) {
  EventBuilder exact = publisher_.event("t", kPayloadMax);
  ASSERT_EQ(exact.payload(kPayloadMax).size(), kPayloadMax);
  EXPECT_EQ(deliver(std::move(exact)), Verdict::accepted);

  EventBuilder larger = publisher_.event("t", kPayloadMax + 1);
  EXPECT_TRUE(larger.payload(kPayloadMax + 1).empty());
  EXPECT_EQ(deliver(std::move(larger)), Verdict::too_large);

  EventBuilder in_pieces = publisher_.event("t", 0);
  EXPECT_FALSE(append(in_pieces, std::string(kPayloadMax + 1, 'x'), 65'536));
  EXPECT_EQ(in_pieces.payload().size(), kPayloadMax);
  EXPECT_EQ(deliver(std::move(in_pieces)), Verdict::too_large);
}

TEST_F(PublisherTest, StaysTooLargeWhenASmallerPayloadIsSetAfterwards) {
  EventBuilder event = publisher_.event("t", 0);
  EXPECT_TRUE(event.payload(kPayloadMax + 1).empty());
  (void)event.payload(3);
  EXPECT_EQ(publisher_.publish(std::move(event)), Verdict::too_large);
}

TEST_F(PublisherTest, KeepsMetadataInOrderAlsoWhenItOutgrowsWhatWasExpected) {
  for (const std::size_t expected : {std::size_t{0}, std::size_t{256}, std::size_t{70'000}}) {
    EventBuilder event = publisher_.event("t", 3, expected);
    std::copy_n("abc", 3, event.payload(3).begin());
    for (int i = 0; i < 500; ++i)
      event.metadata("X-Name-" + std::to_string(i), std::string(50, 'v') + std::to_string(i));
    ASSERT_EQ(deliver(std::move(event)), Verdict::accepted) << expected;
    ASSERT_EQ(last().metadata().size(), 500U);
    for (int i = 0; i < 500; ++i) {
      const MetadataField& field = last().metadata()[static_cast<std::size_t>(i)];
      ASSERT_EQ(field.first, "X-Name-" + std::to_string(i));
      ASSERT_EQ(field.second, std::string(50, 'v') + std::to_string(i));
    }
    EXPECT_EQ(last().topic(), "t");
    EXPECT_EQ(last().source(), "t");
    EXPECT_EQ(last().payload(), "abc");
  }
}

TEST_F(PublisherTest, TakesSixtyFourKibibytesOfMetadataAndNoMoreHoweverItCame) {
  for (const std::size_t expected : {std::size_t{0}, std::size_t{256}, std::size_t{40'000}, std::size_t{65'536}}) {
    for (const std::size_t value_bytes : {std::size_t{10}, std::size_t{1'000}, std::size_t{31'000}}) {
      const std::string value(value_bytes, 'v');
      const std::size_t field_bytes = sizeof(MetadataField) + 1 + value.size();
      const std::size_t fitting = 65'536 / field_bytes;
      EventBuilder fits = publisher_.event("t", 0, expected);
      for (std::size_t i = 0; i < fitting; ++i) fits.metadata("n", value);
      ASSERT_EQ(deliver(std::move(fits)), Verdict::accepted) << expected << ", fields of " << field_bytes;
      ASSERT_EQ(last().metadata().size(), fitting);

      EventBuilder larger = publisher_.event("t", 0, expected);
      for (std::size_t i = 0; i * field_bytes < 65'536 + 1'024; ++i) larger.metadata("n", value);
      ASSERT_EQ(deliver(std::move(larger)), Verdict::too_large) << expected << ", fields of " << field_bytes;
    }
  }
}

TEST_F(PublisherTest, RefusesABadTopicWhateverElseIsDone) {
  for (const std::string_view topic : {"", "a..b", "a b", "a.*", ">", "a\r\nb"}) {
    EventBuilder event = publisher_.event(topic, 10);
    EXPECT_TRUE(event.payload(10).empty());
    EXPECT_TRUE(event.room(10).empty());
    event.commit(5);
    event.metadata("a", "b");
    EXPECT_EQ(event.payload(), "");
    EXPECT_EQ(deliver(std::move(event)), Verdict::bad_topic) << topic;
  }
  EXPECT_EQ(deliver(publisher_.event(std::string(129, 'a'), 0)), Verdict::bad_topic);
  EXPECT_EQ(deliver(publisher_.event(std::string(128, 'a'), 0)), Verdict::accepted);
}

TEST_F(PublisherTest, RefusesABuilderThatWasMovedFromOrPublished) {
  EventBuilder event = publisher_.event("t", 0);
  EventBuilder moved = std::move(event);
  EXPECT_EQ(publisher_.publish(std::move(event)), Verdict::bad_topic);  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(publisher_.publish(std::move(moved)), Verdict::accepted);
  EXPECT_EQ(publisher_.publish(std::move(moved)), Verdict::bad_topic);  // NOLINT(bugprone-use-after-move)
}

TEST_F(PublisherTest, GivesTheBlockOfABuilderBackThatIsDroppedOrAssignedTo) {
  const std::size_t before = broker_.stats().memory_used_bytes;
  for (int i = 0; i < 200; ++i) {
    EventBuilder event = publisher_.event("t", kPayloadMax);
    fill(event.payload(kPayloadMax), 'x');
    EventBuilder& same = event;
    event = std::move(same);
    ASSERT_EQ(event.payload().size(), kPayloadMax) << "an assignment to itself changes nothing";
    event = publisher_.event("t", kPayloadMax);
    fill(event.payload(kPayloadMax), 'x');
  }
  EXPECT_EQ(broker_.stats().memory_used_bytes, before);
}

TEST_F(PublisherTest, NamesTheFinalTopicOfTheLastAcceptedEvent) {
  broker_.route("github", Route::header("x-event"));
  EventBuilder event = publisher_.event("github", 0);
  event.metadata("X-Event", "push");
  EXPECT_EQ(deliver(std::move(event)), Verdict::accepted);
  EXPECT_EQ(publisher_.last_topic(), "github.push");
  EXPECT_EQ(last().topic(), "github.push");
  EXPECT_EQ(last().base_topic(), "github");
  EXPECT_EQ(deliver(publisher_.event("a..b", 0)), Verdict::bad_topic);
  EXPECT_EQ(publisher_.last_topic(), "github.push");
}

TEST_F(PublisherTest, KeepsTheLongestTopicThatThereCanBe) {
  const std::string base(kBaseTopicBytesMax, 'b');
  const std::string sub(kSubTopicBytesMax, 's');
  const std::string topic = base + "." + sub;
  broker_.route(base, Route::first_of({Route::header("x-event"), Route::json("/type")}));
  for (const std::size_t expected : {0U, 256U}) {
    EventBuilder event = publisher_.event(base, 0, expected);
    event.metadata("x-event", sub);
    EXPECT_EQ(deliver(std::move(event)), Verdict::accepted);
    EXPECT_EQ(last().topic(), topic);
    EXPECT_EQ(last().base_topic(), base);
    EXPECT_EQ(last().metadata("x-event"), sub);
  }
}

TEST_F(PublisherTest, MakesRoomForTheTopicWhenMetadataHasTakenIt) {
  broker_.route("github", Route::json("/type"));
  const std::string payload = R"({"type":"push"})";
  for (std::size_t filled = 0; filled < 700; filled += 7) {
    EventBuilder event = publisher_.event("github", payload.size(), 256);
    std::copy(payload.begin(), payload.end(), event.payload(payload.size()).begin());
    event.metadata("a", std::string(filled, 'v'));
    ASSERT_EQ(deliver(std::move(event)), Verdict::accepted);
    ASSERT_EQ(last().topic(), "github.push") << filled;
    ASSERT_EQ(last().metadata("a"), std::string(filled, 'v'));
    ASSERT_EQ(last().payload(), payload);
  }
}

TEST_F(PublisherTest, MayPublishAgainWhatWasRefusedAlsoWithMoreInIt) {
  broker_.route("github", Route::json("/type"));
  test::Gate gate;
  Subscription slow = broker_.subscribe("github.>", [&](const Event&) { gate.wait(); },
                                        {.queue_bytes_max = 1, .overflow = Overflow::refuse});
  const auto event_of = [&](const std::string& type) {
    EventBuilder event = publisher_.event("github", 0, 256);
    EXPECT_TRUE(append(event, R"({"type":")" + type + R"("})", 1'000));
    return event;
  };
  ASSERT_TRUE(test::eventually([&] { return publisher_.publish(event_of("fill")) == Verdict::full; }));

  EventBuilder event = event_of("a");
  EXPECT_EQ(publisher_.publish(std::move(event)), Verdict::full);
  event.metadata("x-try", std::string(60, '2'));  // NOLINT(bugprone-use-after-move): not moved from when refused.
  const std::string longer = R"({"type":"much-longer-than-before"})";
  std::copy(longer.begin(), longer.end(), event.payload(longer.size()).begin());
  EXPECT_EQ(publisher_.publish(std::move(event)), Verdict::full);
  gate.open();
  slow.unsubscribe();
  ASSERT_TRUE(test::eventually([&] { return all_.stats().lag == 0; }));
  EXPECT_EQ(deliver(std::move(event)), Verdict::accepted);  // NOLINT(bugprone-use-after-move): as above.
  EXPECT_EQ(last().topic(), "github.much-longer-than-before");
  EXPECT_EQ(last().base_topic(), "github");
  EXPECT_EQ(last().source(), "github");
  EXPECT_EQ(last().metadata("x-try"), std::string(60, '2'));
  EXPECT_EQ(last().payload(), longer);
}

TEST_F(PublisherTest, SendsOnAnotherTopicThanTheSources) {
  const Source source = broker_.source("sender", "home");
  EXPECT_EQ(source.name(), "sender");
  EXPECT_EQ(source.topic(), "home");
  EXPECT_EQ(deliver(publisher_.event(source, 0)), Verdict::accepted);
  EXPECT_EQ(last().topic(), "home");
  EXPECT_EQ(last().source(), "sender");
  EXPECT_EQ(deliver(publisher_.event(source, "elsewhere.x", 0)), Verdict::accepted);
  EXPECT_EQ(last().topic(), "elsewhere.x");
  EXPECT_EQ(last().source(), "sender");
  EXPECT_EQ(deliver(publisher_.event(source, "no topic", 0)), Verdict::bad_topic);
}

TEST_F(PublisherTest, AnswersClosedOnceTheBrokerIs) {
  EventBuilder begun = publisher_.event("t", 0);
  EXPECT_TRUE(broker_.close());
  EXPECT_EQ(publisher_.publish(std::move(begun)), Verdict::closed);
  EXPECT_EQ(publisher_.publish(publisher_.event("t", 10)), Verdict::closed);
  EXPECT_EQ(broker_.stats().sources.at(0).refused.at(static_cast<std::size_t>(Refusal::closed)), 2U);
}

TEST(PublisherLife, IsLongerThanItsBrokersIfNeedBe) {
  auto broker = std::make_unique<Broker>(BrokerOptions{.workers = 1});
  Publisher publisher = broker->publisher();
  const Source source = broker->source("s");
  broker.reset();
  EXPECT_EQ(test::publish(publisher, "t", "x"), Verdict::closed);
  EXPECT_EQ(source.name(), "s");
}

TEST(PublisherLimits, IsToldFullWhenTooManyOfItsEventsWait) {
  Broker broker{{.workers = 1}};
  test::Gate gate;
  const Subscription stuck =
      broker.subscribe("t", [&](const Event&) { gate.wait(); }, {.execution = Execution::in_worker});
  Publisher publisher = broker.publisher();
  Publisher other = broker.publisher();
  std::size_t accepted = 0;
  while (accepted < 70'000 && publisher.publish(publisher.event("t", 0)) == Verdict::accepted) ++accepted;
  EXPECT_GE(accepted, 65'536U);
  EXPECT_LE(accepted, 65'536U + 64U);
  EXPECT_EQ(publisher.publish(publisher.event("t", 0)), Verdict::full);
  EXPECT_EQ(other.publish(other.event("t", 0)), Verdict::accepted) << "each has a share of its own";
  gate.open();
  EXPECT_TRUE(test::eventually([&] { return publisher.publish(publisher.event("t", 0)) == Verdict::accepted; }));
}

TEST(PublisherLimits, ReadsJsonAlthoughWhatAnotherWasGivenBackHoldsTheBudget) {
  Broker broker{{.workers = 1, .memory_bytes_max = 16U << 20U}};
  broker.route("routed", Route::json("/type"));
  test::Gate gate;
  const Subscription stuck =
      broker.subscribe("big", [&](const Event&) { gate.wait(); }, {.queue_bytes_max = 1U << 30U});
  Publisher reader = broker.publisher();
  ASSERT_EQ(test::publish(reader, "plain", R"({"type":"x"})"), Verdict::accepted);  // Its blocks are at hand.
  Publisher hoarder = broker.publisher();
  while (test::publish(hoarder, "big", std::string(60'000, 'x')) == Verdict::accepted) {
  }
  gate.open();
  ASSERT_TRUE(test::eventually([&] { return stuck.stats().lag == 0; }));
  EXPECT_EQ(test::publish(reader, "routed", R"({"type":"x"})"), Verdict::accepted);
}

TEST(Names, AreOneForEachVerdictAndRefusal) {
  std::set<std::string_view> verdicts;
  for (int i = 0; i <= static_cast<int>(Verdict::closed); ++i) verdicts.insert(to_string(static_cast<Verdict>(i)));
  EXPECT_EQ(verdicts.size(), 6U);
  EXPECT_EQ(verdicts.count("unknown"), 0U);
  std::set<std::string_view> refusals;
  for (std::size_t i = 0; i < kRefusals; ++i) refusals.insert(to_string(static_cast<Refusal>(i)));
  EXPECT_EQ(refusals.size(), kRefusals);
  EXPECT_EQ(refusals.count("unknown"), 0U);
  EXPECT_EQ(to_string(Verdict::too_large), to_string(Refusal::too_large));
}

}  // namespace
}  // namespace penstock
