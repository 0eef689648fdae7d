// deduplicated: within a source's window an event id is taken once, also when two copies arrive at the same moment.
// What was refused has left no trace. The ids are bounded; when they are too many, the window shortens and says so.

#include "support/broker_maker.hpp"
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <barrier>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace penstock {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

struct Answer {
  Verdict verdict = Verdict::closed;
  EventId id = {};
};

Answer publish(Publisher& publisher, const Source& source, std::string_view delivery_id, seconds window = hours{24}) {
  EventBuilder event = publisher.event(source, 0);
  event.delivery_id(delivery_id, window);
  Answer answer;
  answer.verdict = publisher.publish(std::move(event), &answer.id);
  return answer;
}

SourceStats stats_of(const Broker& broker, std::string_view name) {
  for (const SourceStats& source : broker.stats().sources) {
    if (source.name == name) return source;
  }
  return {};
}

/// Counts the deliveries of each event id.
class Deliveries {
 public:
  void add(const EventId& id) {
    const std::lock_guard lock{mutex_};
    ++counts_[id.bytes];
  }
  [[nodiscard]] int of(const EventId& id) const {
    const std::lock_guard lock{mutex_};
    const auto found = counts_.find(id.bytes);
    return found == counts_.end() ? 0 : found->second;
  }
  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock{mutex_};
    return counts_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::array<std::uint8_t, 16>, int> counts_;
};

class Deduplicated : public testing::TestWithParam<Dispatch> {};

TEST_P(Deduplicated, TwoCopiesThatArriveAtTheSameMomentAreOneEvent) {
  constexpr std::size_t copies = 3;
  constexpr std::size_t rounds = 5'000;
  Broker broker{{.dispatch = GetParam()}};
  const Source source = broker.source("github");
  Deliveries deliveries;
  const Subscription all = broker.subscribe("github", [&](const Event& event) { deliveries.add(event.id()); });
  std::vector<std::array<Answer, copies>> answers(rounds);
  std::barrier<> together{copies};
  std::vector<std::thread> threads;
  threads.reserve(copies);
  for (std::size_t copy = 0; copy < copies; ++copy) {
    threads.emplace_back([&, copy] {
      Publisher publisher = broker.publisher();
      for (std::size_t round = 0; round < rounds; ++round) {
        if (round % 50 == 0) together.arrive_and_wait();  // Between them they race along by themselves.
        answers[round].at(copy) = publish(publisher, source, "delivery " + std::to_string(round));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(broker.close());

  for (const std::array<Answer, copies>& round : answers) {
    int accepted = 0;
    for (const Answer& answer : round) {
      ASSERT_TRUE(answer.verdict == Verdict::accepted || answer.verdict == Verdict::duplicate);
      accepted += answer.verdict == Verdict::accepted ? 1 : 0;
      ASSERT_EQ(answer.id, round[0].id) << "all are told the first one's id";
    }
    ASSERT_EQ(accepted, 1);
    ASSERT_EQ(deliveries.of(round[0].id), 1);
  }
  EXPECT_EQ(deliveries.size(), rounds);
  const SourceStats stats = stats_of(broker, "github");
  EXPECT_EQ(stats.received, copies * rounds);
  EXPECT_EQ(stats.accepted, rounds);
  EXPECT_EQ(stats.duplicate, (copies - 1) * rounds);
}

INSTANTIATE_TEST_SUITE_P(Dispatches, Deduplicated, testing::Values(Dispatch::workers, Dispatch::caller),
                         [](const auto& test) { return test.param == Dispatch::workers ? "Workers" : "Caller"; });

TEST(DeduplicatedTest, EndsWithTheWindow) {
  Broker broker{{.workers = 1}};
  const Source source = broker.source("s");
  Publisher publisher = broker.publisher();
  const Answer first = publish(publisher, source, "a", seconds{1});
  ASSERT_EQ(first.verdict, Verdict::accepted);
  Answer again;
  ASSERT_TRUE(test::eventually([&] {
    again = publish(publisher, source, "a", seconds{1});
    return again.verdict == Verdict::accepted;
  }));
  EXPECT_NE(again.id, first.id);
  EXPECT_EQ(publish(publisher, source, "a", hours{1}).id, again.id);
}

TEST(DeduplicatedTest, IsOfOneSource) {
  Broker broker{{.workers = 1}};
  const Source a = broker.source("a", "topic");
  const Source b = broker.source("b", "topic");
  Publisher publisher = broker.publisher();
  EXPECT_EQ(publish(publisher, a, "1").verdict, Verdict::accepted);
  EXPECT_EQ(publish(publisher, b, "1").verdict, Verdict::accepted);
  EXPECT_EQ(publish(publisher, a, "1").verdict, Verdict::duplicate);
}

TEST(DeduplicatedTest, OutlivesThePublisherThatBroughtTheFirst) {
  Broker broker{{.workers = 1}};
  const Source source = broker.source("s");
  Answer first;
  {
    Publisher publisher = broker.publisher();
    first = publish(publisher, source, "1");
  }
  Publisher publisher = broker.publisher();
  const Answer again = publish(publisher, source, "1");
  EXPECT_EQ(again.verdict, Verdict::duplicate);
  EXPECT_EQ(again.id, first.id);
}

TEST(DeduplicatedTest, LeavesNoTraceOfWhatWasRefused) {
  Broker broker{{.workers = 1}};
  const Source source = broker.source("s");
  broker.route("s", Route::header("kind"));
  test::Gate gate;
  Subscription slow =
      broker.subscribe("s.a", [&](const Event&) { gate.wait(); }, {.queue_bytes_max = 1, .overflow = Overflow::refuse});
  Publisher publisher = broker.publisher();
  const auto publish_a = [&](std::string_view id) {
    EventBuilder event = publisher.event(source, 0);
    event.metadata("kind", "a");
    event.delivery_id(id, hours{1});
    return publisher.publish(std::move(event));
  };
  // An empty queue takes one batch of any size, so somewhere behind the first it is full.
  std::string refused;
  for (int i = 0; refused.empty(); ++i) {
    const std::string id = std::to_string(i);
    if (publish_a(id) == Verdict::full) refused = id;
  }
  EXPECT_EQ(publish_a(refused), Verdict::full) << "not a duplicate of what nobody will ever get";
  gate.open();
  slow.unsubscribe();
  EXPECT_EQ(publish_a(refused), Verdict::accepted);
  EXPECT_EQ(publish_a(refused), Verdict::duplicate);
}

TEST(DeduplicatedTest, ShortensTheWindowWhenTheIdsAreTooManyAndSaysSo) {
  constexpr int many = 20'000;  // 64 KiB hold about 1,400.
  Broker broker{{.workers = 1, .dedup_bytes_max = 64U << 10U}};
  const Source source = broker.source("s");
  Publisher publisher = broker.publisher();
  ASSERT_EQ(publish(publisher, source, "0", hours{1}).verdict, Verdict::accepted);
  EXPECT_GT(broker.stats().dedup_known_seconds, 1e9) << "none had to go";
  for (int i = 1; i < many; ++i) {
    const std::string id = std::to_string(i);
    ASSERT_TRUE(test::eventually([&] { return publish(publisher, source, id).verdict == Verdict::accepted; })) << i;
  }
  EXPECT_LT(broker.stats().dedup_known_seconds, 3'600.0);
  EXPECT_EQ(publish(publisher, source, std::to_string(many - 1)).verdict, Verdict::duplicate) << "the newest stays";
  EXPECT_EQ(publish(publisher, source, "0").verdict, Verdict::accepted) << "the oldest went";
}

TEST(DeduplicatedTest, LeavesThreeQuartersOfTheBudgetToEvents) {
  Broker broker{{.workers = 1, .memory_bytes_max = 16U << 20U}};  // Ids alone might take 64 MiB.
  const Source source = broker.source("s");
  Publisher publisher = broker.publisher();
  for (int i = 0; i < 300'000; ++i) {
    const std::string id = std::to_string(i);
    ASSERT_TRUE(test::eventually([&] { return publish(publisher, source, id).verdict == Verdict::accepted; })) << i;
  }
  ASSERT_TRUE(broker.close());
  EXPECT_LE(broker.stats().memory_used_bytes, broker.stats().memory_budget_bytes);
}

}  // namespace
}  // namespace penstock
