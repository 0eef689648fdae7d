#include "streams/sse.hpp"

#include "http/server.hpp"
#include "support/http_client.hpp"
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace penstock::streams {
namespace {

using namespace std::chrono_literals;
using support::HttpClient;

bool eventually(const std::function<bool()>& holds) {
  const auto limit = std::chrono::steady_clock::now() + 10s;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > limit) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

std::uint64_t sum_of(const std::string& text, const std::string& before) {
  std::uint64_t sum = 0;
  for (std::size_t at = 0; (at = text.find(before, at)) != std::string::npos; at += before.size()) {
    sum += std::stoull(text.substr(at + before.size(), 20));
  }
  return sum;
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++count;
  return count;
}

/// A broker and the listener of its streams.
class SseTest : public testing::Test {
 protected:
  void serve(const StreamsOptions& options = {}) {
    streams_.emplace(broker_, options);
    http::ServerOptions listener;
    listener.name = "admin";
    listener.unread_time = 60s;  // How the server treats a peer that reads nothing is not asked here.
    server_.emplace(std::move(listener), streams_->routes());
    server_->start();
  }

  /// HTTP/1.0: what follows the head is the stream itself, without chunks. Returns when the subscription stands.
  static void open(HttpClient& client, const std::string& query) {
    client.send("GET /v1/stream?" + query + " HTTP/1.0\r\nHost: localhost\r\n\r\n");
    const std::string head = client.read_through("\r\n\r\n");
    ASSERT_TRUE(head.starts_with("HTTP/1.1 200 ")) << head;
  }

  Verdict publish(const std::string& topic, std::string_view payload) {
    EventBuilder event = publisher_.event(topic, payload.size());
    const auto bytes = event.payload(payload.size());
    if (!bytes.empty()) std::copy(payload.begin(), payload.end(), bytes.begin());
    return publisher_.publish(std::move(event));
  }

  SubscriptionStats stats() {
    SubscriptionStats sum;
    for (const SubscriptionStats& one : broker_.stats().subscriptions) {
      if (one.name != "stream") continue;
      sum.matched += one.matched;
      sum.ok += one.ok;
      sum.dropped += one.dropped;
      sum.lag += one.lag;
    }
    return sum;
  }

  HttpClient client(int receive_bytes = 0) { return HttpClient{server_->port(), receive_bytes}; }

  Broker broker_{{.workers = 1, .memory_bytes_max = 256U << 20U}};
  Publisher publisher_ = broker_.publisher();
  std::optional<Streams> streams_;
  std::optional<http::Server> server_;
};

std::string large() { return "\"" + std::string(64U << 10U, 'x') + "\""; }
constexpr int kSmallWindow = 64 << 10;

TEST_F(SseTest, GivesWhatIsPublishedByteForByte) {
  serve();
  HttpClient reader = client();
  open(reader, "topic=github.%3E&topic=gitlab");
  ASSERT_EQ(publish("other", "{}"), Verdict::accepted);
  ASSERT_EQ(publish("github.push", R"({"n":5.0})"), Verdict::accepted);
  ASSERT_EQ(publish("gitlab", "no json"), Verdict::accepted);
  const std::string first = reader.read_through("\n\n");
  EXPECT_TRUE(first.starts_with("event: github.push\ndata: {\"id\":\"")) << first;
  EXPECT_TRUE(first.ends_with("\"metadata\":{},\"payload\":{\"n\":5.0}}\n\n")) << first;
  const std::string second = reader.read_through("\n\n");
  EXPECT_TRUE(second.starts_with("event: gitlab\ndata: ")) << second;
  EXPECT_TRUE(second.ends_with("\"payload_base64\":\"bm8ganNvbg==\"}\n\n")) << second;
}

TEST_F(SseTest, IsAnEventStreamInChunksThatNobodyMayKeep) {
  serve();
  HttpClient reader = client();
  reader.send("GET /v1/stream?topic=a HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: 7\r\n\r\n");
  const std::string head = reader.read_through("\r\n\r\n");
  EXPECT_TRUE(head.starts_with("HTTP/1.1 200 ")) << head;
  for (const char* line :
       {"content-type: text/event-stream\r\n", "cache-control: no-store\r\n", "transfer-encoding: chunked\r\n"}) {
    EXPECT_NE(head.find(line), std::string::npos) << line << " in " << head;
  }
  ASSERT_EQ(publish("a", "1"), Verdict::accepted);
  const std::string chunk = reader.read_through("\n\n\r\n");
  const std::size_t size_end = chunk.find("\r\n");
  EXPECT_EQ(std::stoul(chunk.substr(0, size_end), nullptr, 16), chunk.size() - size_end - 4);
}

TEST_F(SseTest, GivesAnEventThatMatchesTwiceOnce) {
  serve();
  HttpClient reader = client();
  open(reader, "topic=a&topic=*&topic=%3E");
  ASSERT_EQ(publish("a", "1"), Verdict::accepted);
  ASSERT_EQ(publish("a", "2"), Verdict::accepted);
  EXPECT_NE(reader.read_through("\n\n").find("\"payload\":1}"), std::string::npos);
  EXPECT_NE(reader.read_through("\n\n").find("\"payload\":2}"), std::string::npos);
}

TEST_F(SseTest, KeepsTheOrderOfOnePublisher) {
  serve();
  HttpClient reader = client();
  open(reader, "topic=a");
  for (int i = 0; i < 5000; ++i) ASSERT_EQ(publish("a", std::to_string(i)), Verdict::accepted);
  for (int i = 0; i < 5000; ++i) {
    const std::string frame = reader.read_through("\n\n");
    ASSERT_TRUE(frame.ends_with("\"payload\":" + std::to_string(i) + "}\n\n")) << frame;
  }
}

TEST_F(SseTest, AnswersABadRequestAsJsonAndKeepsTheConnection) {
  serve();
  HttpClient asker = client();
  const support::Response bad = asker.ask("GET", "/v1/stream?topic=a..b");
  EXPECT_EQ(bad.status, 400);
  EXPECT_TRUE(bad.body.starts_with(R"({"error":"bad_request","message":"'a..b' is no pattern)")) << bad.body;
  const support::Response late = asker.ask("GET", "/v1/stream?topic=a&from=earliest");
  EXPECT_EQ(late.status, 409);
  EXPECT_TRUE(late.body.starts_with(R"({"error":"no_journal","message":")")) << late.body;
  EXPECT_EQ(asker.ask("GET", "/v1/stream?topic=a", {}, "{}").status, 413);
  EXPECT_EQ(streams_->open(), 0U);
}

TEST_F(SseTest, AnswersHeadWithoutAStream) {
  serve();
  HttpClient asker = client();
  asker.send("HEAD /v1/stream?topic=a HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_NE(asker.read_through("\r\n\r\n").find("text/event-stream"), std::string::npos);
  EXPECT_EQ(streams_->open(), 0U);
}

TEST_F(SseTest, EndsASlowReaderAndDelaysNoOther) {
  serve();
  HttpClient slow = client(kSmallWindow);
  HttpClient good = client();
  open(slow, "topic=a&queue=256KiB");
  open(good, "topic=a&queue=64MiB");
  constexpr int event_count = 400;
  for (int i = 0; i < event_count; ++i) ASSERT_EQ(publish("a", large()), Verdict::accepted);
  for (int i = 0; i < event_count; ++i) ASSERT_TRUE(good.read_through("\n\n").starts_with("event: a\n")) << i;

  const std::string rest = slow.read_to_end();
  const std::uint64_t got = count_of(rest, "event: a\n");
  EXPECT_LT(got, std::uint64_t{event_count});
  EXPECT_GT(sum_of(rest, "event: !gap\ndata: {\"dropped\":"), 0U);
  EXPECT_TRUE(rest.ends_with("\n: disconnected: the queue of 262144 bytes was full\n\n"))
      << rest.substr(rest.size() - 200);
  EXPECT_TRUE(eventually([&] { return streams_->open() == 1; }));
  ASSERT_EQ(publish("a", "1"), Verdict::accepted);
  EXPECT_NE(good.read_through("\n\n").find("\"payload\":1}"), std::string::npos);
}

TEST_F(SseTest, TellsTheGapOfDroppedEventsWhereItIs) {
  serve();
  HttpClient slow = client(kSmallWindow);
  open(slow, "topic=a&queue=256KiB&overflow=drop_oldest");
  constexpr std::uint64_t event_count = 400;
  for (std::uint64_t i = 0; i < event_count; ++i) ASSERT_EQ(publish("a", large()), Verdict::accepted);
  ASSERT_EQ(publish("a", "\"last\""), Verdict::accepted);
  const std::string all = slow.read_through("\"last\"}\n\n");
  const std::uint64_t dropped = sum_of(all, "event: !gap\ndata: {\"dropped\":");
  EXPECT_GT(dropped, 0U);
  EXPECT_EQ(count_of(all, "event: a\n") + dropped, event_count + 1);
  EXPECT_EQ(stats().dropped, dropped);
  EXPECT_EQ(streams_->open(), 1U);
}

TEST_F(SseTest, MakesPublishersWaitWhereTheReaderAsksForIt) {
  serve();
  HttpClient slow = client(kSmallWindow);
  open(slow, "topic=a&queue=256KiB&overflow=refuse");
  std::uint64_t accepted = 0;
  Verdict verdict = Verdict::accepted;
  while (accepted < 2000 && (verdict = publish("a", large())) == Verdict::accepted) ++accepted;
  EXPECT_EQ(verdict, Verdict::full);
  EXPECT_EQ(publish("other", "1"), Verdict::accepted);  // Only who publishes to this reader waits.
  for (std::uint64_t i = 0; i < accepted; ++i) ASSERT_TRUE(slow.read_through("\n\n").starts_with("event: a\n")) << i;
  EXPECT_TRUE(eventually([&] { return publish("a", "1") == Verdict::accepted; }));
  EXPECT_NE(slow.read_through("\n\n").find("\"payload\":1}"), std::string::npos);
  EXPECT_EQ(stats().dropped, 0U);
}

TEST_F(SseTest, GivesALargeEventThatNoQueueWouldHold) {
  serve();
  HttpClient reader = client();
  open(reader, "topic=a&queue=64KiB");
  const std::string huge = "\"" + std::string(8U << 20U, 'y') + "\"";
  ASSERT_EQ(publish("a", huge), Verdict::accepted);
  const std::string frame = reader.read_through("\n\n");
  EXPECT_NE(frame.find(huge), std::string::npos);
}

TEST_F(SseTest, KeepsAQuietStreamAliveWithComments) {
  serve({.heartbeat = 20ms});
  HttpClient reader = client();
  open(reader, "topic=a");
  EXPECT_EQ(reader.read_through("\n\n"), ": heartbeat\n\n");
  EXPECT_EQ(reader.read_through("\n\n"), ": heartbeat\n\n");
  ASSERT_EQ(publish("a", "1"), Verdict::accepted);
  EXPECT_NE(reader.read_through("\"payload\":1}\n\n").find("event: a\n"), std::string::npos);
}

TEST_F(SseTest, ForgetsAReaderThatLeft) {
  serve();
  {
    HttpClient reader = client();
    open(reader, "topic=a");
    EXPECT_EQ(streams_->open(), 1U);
  }
  EXPECT_TRUE(eventually([&] { return streams_->open() == 0; }));
  ASSERT_EQ(publish("a", "1"), Verdict::accepted);
  EXPECT_EQ(stats().matched, 0U);
}

TEST_F(SseTest, GivesAllThatWasAcceptedBeforeABrokerCloses) {
  serve();
  HttpClient reader = client();
  open(reader, "topic=a");
  for (int i = 0; i < 100; ++i) ASSERT_EQ(publish("a", large()), Verdict::accepted);
  std::thread closer{[&] { EXPECT_TRUE(broker_.close()); }};
  const std::string all = reader.read_to_end();
  closer.join();
  EXPECT_EQ(count_of(all, "event: a\n"), 100U);
  EXPECT_TRUE(all.ends_with("\n: closed: the broker stops\n\n")) << all.substr(all.size() - 100);
  EXPECT_EQ(streams_->open(), 0U);
  EXPECT_EQ(client().ask("GET", "/v1/stream?topic=a").status, 503);
}

TEST_F(SseTest, EndsAllStreamsAtOnceWhenClosed) {
  serve();
  HttpClient one = client();
  HttpClient two = client();
  open(one, "topic=a");
  open(two, "topic=a");
  streams_->close();
  EXPECT_EQ(one.read_to_end(), ": closed: the broker stops\n\n");
  EXPECT_EQ(two.read_to_end(), ": closed: the broker stops\n\n");
  const support::Response late = client().ask("GET", "/v1/stream?topic=a");
  EXPECT_EQ(late.status, 503);
  EXPECT_NE(late.head.find("retry-after: 1\r\n"), std::string::npos) << late.head;
}

TEST_F(SseTest, LetsADrainingServerEndItsStreams) {
  serve();
  std::thread drain;
  {
    HttpClient reader = client();
    open(reader, "topic=a");
    drain = std::thread{[&] { server_->drain(10s); }};
    EXPECT_EQ(reader.read_to_end(), "");
  }
  drain.join();
  EXPECT_TRUE(eventually([&] { return streams_->open() == 0; }));
}

TEST_F(SseTest, CountsEverythingExactlyOnce) {
  serve();
  HttpClient reader = client();
  open(reader, "topic=a");
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(publish("a", "1"), Verdict::accepted);
  for (int i = 0; i < 1000; ++i) static_cast<void>(reader.read_through("\n\n"));
  EXPECT_TRUE(eventually([&] { return stats().lag == 0; }));
  EXPECT_EQ(stats().matched, 1000U);
  EXPECT_EQ(stats().ok, 1000U);
}

}  // namespace
}  // namespace penstock::streams
