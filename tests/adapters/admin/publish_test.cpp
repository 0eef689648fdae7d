#include "admin/publish.hpp"

#include "http/server.hpp"
#include "support/http_client.hpp"
#include "support/temporary_folder.hpp"
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace penstock::admin {
namespace {

using namespace std::chrono_literals;
using support::HttpClient;
using support::Response;

struct Seen {
  std::string id, source, topic, base_topic, payload;
  HttpClient::Fields metadata;
};

/// A broker whose events are all seen, and a listener that takes new ones.
class PublishTest : public testing::Test {
 protected:
  static constexpr std::size_t kPayloadMax = 1U << 20U;

  void SetUp() override {
    broker_.route("github", Route::header("x-github-event"));
    all_ = broker_.subscribe(std::vector<std::string>{"*", "*.>"}, [this](const Event& event) { keep(event); });
    http::ServerOptions listener;
    listener.name = "admin";
    server_.emplace(std::move(listener), std::vector{publish_route(broker_, {.payload_bytes_max = kPayloadMax})});
    server_->start();
  }

  void keep(const Event& event) {
    Seen seen{event.id().text(),
              std::string{event.source()},
              std::string{event.topic()},
              std::string{event.base_topic()},
              std::string{event.payload()},
              {}};
    for (const auto& [name, value] : event.metadata()) seen.metadata.emplace_back(name, value);
    const std::lock_guard lock{mutex_};
    seen_.push_back(std::move(seen));
  }

  /// The events seen, once there are `count`.
  std::vector<Seen> seen(std::size_t count) {
    const auto limit = std::chrono::steady_clock::now() + 10s;
    for (;;) {
      {
        const std::lock_guard lock{mutex_};
        if (seen_.size() >= count || std::chrono::steady_clock::now() > limit) return seen_;
      }
      std::this_thread::sleep_for(1ms);
    }
  }

  Response post(const std::string& target, const HttpClient::Fields& fields, std::string_view body) {
    return HttpClient{server_->port()}.ask("POST", target, fields, body);
  }

  SourceStats counters() {
    for (const SourceStats& source : broker_.stats().sources) {
      if (source.name == "admin") return source;
    }
    return {};
  }

  std::uint64_t refused(Refusal reason) { return counters().refused.at(static_cast<std::size_t>(reason)); }

  Broker broker_{{.workers = 1, .memory_bytes_max = 64U << 20U, .payload_bytes_max = kPayloadMax}};
  std::mutex mutex_;
  std::vector<Seen> seen_;
  Subscription all_;
  std::optional<http::Server> server_;
};

TEST_F(PublishTest, TakesTheBodyAsItIsAndFieldsAsMetadata) {
  const Response answer =
      post("/v1/topics/jobs.nightly/events",
           {{"Content-Type", "text/plain"}, {"X-Meta-Color", "red"}, {"x-meta-color", "blue"}, {"X-Other", "no"}},
           "5.0\r\n");
  EXPECT_EQ(answer.status, 200);
  const std::vector<Seen> events = seen(1);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].payload, "5.0\r\n");
  EXPECT_EQ(events[0].topic, "jobs.nightly");
  EXPECT_EQ(events[0].source, "admin");
  ASSERT_EQ(events[0].metadata.size(), 3U);
  EXPECT_EQ(events[0].metadata[0], (std::pair<std::string, std::string>{"content-type", "text/plain"}));
  EXPECT_EQ(events[0].metadata[1].second, "red");
  EXPECT_EQ(events[0].metadata[2].second, "blue");
  EXPECT_EQ(answer.body, R"({"id":")" + events[0].id + R"(","topic":"jobs.nightly","receipt":"memory"})");
}

TEST_F(PublishTest, RoutesLikeAnyEventOfTheTopic) {
  const Response answer = post("/v1/topics/github/events", {{"x-meta-x-github-event", "push"}}, "{}");
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.body.find(R"("topic":"github.push")"), std::string::npos) << answer.body;
  const std::vector<Seen> events = seen(1);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].topic, "github.push");
  EXPECT_EQ(events[0].base_topic, "github");
}

TEST_F(PublishTest, TakesAnEmptyBodyAndATopicWithASlash) {
  EXPECT_EQ(post("/v1/topics/a%2Fb/events", {}, "").status, 200);
  EXPECT_EQ(post("/v1/topics/a/b/events", {}, "").status, 200);
  const std::vector<Seen> events = seen(2);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].topic, "a/b");
  EXPECT_EQ(events[1].topic, "a/b");
  EXPECT_EQ(events[0].payload, "");
}

TEST_F(PublishTest, TakesChunkedBodies) {
  HttpClient client{server_->port()};
  client.send(
      "POST /v1/topics/a/events HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n");
  EXPECT_EQ(client.read_response().status, 200);
  const std::vector<Seen> events = seen(1);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].payload, "abcdefg");
}

TEST_F(PublishTest, KeepsSecretsOutOfMetadata) {
  ASSERT_EQ(
      post("/v1/topics/a/events",
           {{"Authorization", "Bearer t0ken"}, {"X-Meta-Authorization", "t0ken"}, {"X-Meta-Cookie", "t0ken"}}, "1")
          .status,
      200);
  const std::vector<Seen> events = seen(1);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_TRUE(events[0].metadata.empty());
}

TEST_F(PublishTest, RefusesAndCountsBadTopics) {
  for (const char* topic : {"a..b", "a%20b", "a*", "%3E", "", ".", "a%0d%0ab"}) {
    const Response answer = post("/v1/topics/" + std::string{topic} + "/events", {}, "1");
    EXPECT_EQ(answer.status, 400) << topic;
    EXPECT_TRUE(answer.body.starts_with(R"({"error":"bad_topic","message":")")) << answer.body;
  }
  EXPECT_EQ(post("/v1/topics/" + std::string(kBaseTopicBytesMax + 1, 'x') + "/events", {}, "1").status, 400);
  EXPECT_EQ(refused(Refusal::bad_topic), 8U);
  EXPECT_EQ(counters().received, 8U);
  EXPECT_EQ(post("/v1/topics/a", {}, "1").status, 404);
  EXPECT_EQ(post("/v1/topics/events", {}, "1").status, 404);
}

TEST_F(PublishTest, RefusesAndCountsWhatIsTooLarge) {
  const std::string large(kPayloadMax + 1, 'x');
  EXPECT_EQ(post("/v1/topics/a/events", {{"Expect", "100-continue"}}, "").status, 200);
  HttpClient client{server_->port()};
  client.send("POST /v1/topics/a/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1048577\r\n\r\n");
  EXPECT_EQ(client.read_response().status, 413);
  EXPECT_EQ(refused(Refusal::too_large), 1U);
  HttpClient chunked{server_->port()};
  chunked.send("POST /v1/topics/a/events HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n100001\r\n" +
               large + "\r\n0\r\n\r\n");
  EXPECT_EQ(chunked.read_response().status, 413);
  EXPECT_EQ(refused(Refusal::too_large), 2U);
}

TEST_F(PublishTest, RefusesAndCountsARequestThatSaysNoLength) {
  HttpClient client{server_->port()};
  client.send("POST /v1/topics/a/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(client.read_response().status, 411);
  EXPECT_EQ(refused(Refusal::no_length), 1U);
  EXPECT_EQ(counters().accepted, 0U);
}

TEST_F(PublishTest, CountsWhatTheListenerItselfTurnsAway) {
  EXPECT_EQ(post("/v1/topics/a/events", {{"Expect", "200-ok"}}, "1").status, 417);
  EXPECT_EQ(refused(Refusal::malformed), 1U);
  server_->drain(10s);
  EXPECT_EQ(post("/v1/topics/a/events", {}, "1").status, 503);
  EXPECT_EQ(refused(Refusal::closed), 1U);
  const SourceStats counted = counters();
  EXPECT_EQ(counted.received, 2U);
  EXPECT_EQ(counted.refused_total(), 2U);
}

TEST_F(PublishTest, RefusesACodedBody) {
  EXPECT_EQ(post("/v1/topics/a/events", {{"Content-Encoding", "gzip"}}, "1").status, 415);
  EXPECT_EQ(refused(Refusal::bad_encoding), 1U);
  EXPECT_EQ(post("/v1/topics/a/events", {{"Content-Encoding", "identity"}}, "1").status, 200);
}

TEST_F(PublishTest, RefusesACodedBodyWhoseFirstLineNamesNoCoding) {
  for (const char* first : {"identity", ""}) {
    EXPECT_EQ(post("/v1/topics/a/events", {{"Content-Encoding", first}, {"content-encoding", "gzip"}}, "1").status,
              415);
  }
  EXPECT_EQ(refused(Refusal::bad_encoding), 2U);
  EXPECT_EQ(counters().accepted, 0U);
}

TEST_F(PublishTest, CountsABodyThatNeverCame) {
  {
    HttpClient client{server_->port()};
    client.send("POST /v1/topics/a/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc");
  }
  const auto limit = std::chrono::steady_clock::now() + 10s;
  while (refused(Refusal::cut_short) == 0 && std::chrono::steady_clock::now() < limit) std::this_thread::sleep_for(1ms);
  EXPECT_EQ(refused(Refusal::cut_short), 1U);
  EXPECT_EQ(counters().received, 1U);
}

TEST_F(PublishTest, SaysLaterWhenTheBudgetIsUsedUp) {
  // A reader that holds its events for ever, and publishers that may not pass it.
  std::promise<void> release;
  SubscribeOptions options;
  options.overflow = Overflow::refuse;
  options.queue_bytes_max = 1U << 20U;
  const std::shared_future<void> released = release.get_future().share();
  Subscription stuck = broker_.subscribe(
      "full", [released](const Event&) { released.wait(); }, options);
  const std::string body(512U << 10U, 'x');
  Response answer;
  for (int i = 0; i < 100 && answer.status != 503; ++i) answer = post("/v1/topics/full/events", {}, body);
  EXPECT_EQ(answer.status, 503);
  EXPECT_TRUE(answer.body.starts_with(R"({"error":"full","message":")")) << answer.body;
  EXPECT_NE(answer.head.find("retry-after: 1\r\n"), std::string::npos) << answer.head;
  EXPECT_EQ(refused(Refusal::full), 1U);
  release.set_value();
}

TEST_F(PublishTest, SaysLaterOnceTheBrokerIsClosed) {
  EXPECT_TRUE(broker_.close());
  const Response answer = post("/v1/topics/a/events", {}, "1");
  EXPECT_EQ(answer.status, 503);
  EXPECT_TRUE(answer.body.starts_with(R"({"error":"closed","message":")")) << answer.body;
  EXPECT_NE(answer.head.find("retry-after: 1\r\n"), std::string::npos) << answer.head;
}

TEST_F(PublishTest, CountsEveryEventOnce) {
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(post(i % 2 == 0 ? "/v1/topics/a/events" : "/v1/topics/b*/events", {}, "1").status,
              i % 2 == 0 ? 200 : 400);
  }
  const SourceStats counted = counters();
  EXPECT_EQ(counted.received, 100U);
  EXPECT_EQ(counted.accepted, 50U);
  EXPECT_EQ(counted.refused_total(), 50U);
}

TEST(PublishToAJournal, IsAnsweredWithItsOffsetOnceItIsOnTheDisk) {
  const test::TemporaryFolder folder;
  Broker broker{{.workers = 1, .dedup_bytes_max = 1U << 20U, .journal = JournalOptions{.dir = folder.text()}}};
  broker.route("github", Route::header("x-github-event"));
  EXPECT_THROW((void)publish_route(broker, {}), SetupError) << "its answers would wait for ever";
  const auto desks = ReceiptDesks::make(broker, 1);
  http::ServerOptions options;
  options.woken = [desks](std::size_t io_thread) { desks->at(io_thread).give_out(); };
  http::Server server{std::move(options), {publish_route(broker, {.receipts = desks})}};
  desks->wake_with(server.waker());
  server.start();
  const auto publish = [&server](const char* path) {
    return HttpClient{server.port()}.ask("POST", path, {{"x-meta-x-github-event", "push"}}, "{}");
  };
  for (const char* offset : {"1", "2"}) {
    const Response answer = publish("/v1/topics/github/events");
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(answer.body.ends_with(std::string{R"(","topic":"github.push","offset":)"} + offset +
                                      R"(,"receipt":"durable"})"))
        << answer.body;
  }
  EXPECT_EQ(publish("/v1/topics/a..b/events").status, 400);
  EXPECT_EQ(broker.stats().journal.next_offset, 3U);
  broker.close();
  EXPECT_EQ(publish("/v1/topics/github/events").status, 503);
}

}  // namespace
}  // namespace penstock::admin
