#include "streams/event_search.hpp"

#include "adapters/streams/journaled.hpp"
#include "http/server.hpp"
#include "support/http_client.hpp"
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::streams {
namespace {

using support::HttpClient;

class EventSearchTest : public testing::Test {
 protected:
  void SetUp() override { serve(*journaled_); }

  void serve(Broker& broker) {
    http::ServerOptions listener;
    listener.name = "admin";
    server_.emplace(std::move(listener), std::vector{event_route(broker, std::chrono::seconds{1})});
    server_->start();
  }
  support::Response get(const std::string& id) { return HttpClient{server_->port()}.ask("GET", "/v1/events/" + id); }

  std::string id_at(std::uint64_t offset) {
    std::string id;
    journaled_->read_journal(offset).read(1, [&](const Event& event) { id = event.id().text(); });
    return id;
  }

  Journaled journaled_;
  std::optional<http::Server> server_;
};

TEST_F(EventSearchTest, GivesTheEventWithItsOffset) {
  for (int i = 1; i <= 200; ++i) journaled_.publish("github.push", "{\"n\":" + std::to_string(i) + ".0}");
  const std::string id = id_at(150);
  const support::Response answer = get(id);
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.body.starts_with("{\"offset\":150,\"id\":\"" + id + "\",\"source\":\"github.push\""))
      << answer.body;
  EXPECT_TRUE(answer.body.ends_with("\"payload\":{\"n\":150.0}}")) << answer.body;
}

TEST_F(EventSearchTest, GivesInBase64WhatIsNoJsonOrIsAskedFor) {
  journaled_.publish("a", "no json");
  journaled_.publish("a", "1");
  EXPECT_TRUE(get(id_at(1)).body.ends_with("\"payload_base64\":\"bm8ganNvbg==\"}"));
  EXPECT_TRUE(get(id_at(2) + "?encoding=base64").body.ends_with("\"payload_base64\":\"MQ==\"}"));
  EXPECT_EQ(get(id_at(2) + "?encoding=gzip").status, 400);
}

TEST_F(EventSearchTest, FindsNothingElse) {
  journaled_.publish("a", "1");
  std::string other = id_at(1);
  other.back() = other.back() == '0' ? '1' : '0';
  for (const std::string& id :
       {other, std::string{"0190163d-8694-739b-aea5-966c26f8ad90"}, std::string{"ffffffff-ffff-ffff-ffff-ffffffffffff"},
        std::string{"1"}, other + "0", std::string{"0190163d+8694-739b-aea5-966c26f8ad90"}}) {
    const support::Response answer = get(id);
    EXPECT_EQ(answer.status, 404) << id;
    EXPECT_TRUE(answer.body.starts_with(R"({"error":"not_found","message":")")) << answer.body;
  }
}

TEST_F(EventSearchTest, SaysSoWhenThereIsNoMemoryForTheAnswer) {
  journaled_.publish("a", "1");
  const std::string id = id_at(1);
  std::size_t charged = 0;
  while (journaled_->charge(1U << 10U)) charged += 1U << 10U;
  const support::Response answer = get(id);
  journaled_->uncharge(charged);
  EXPECT_EQ(answer.status, 503);
  EXPECT_TRUE(answer.body.starts_with(R"({"error":"full")")) << answer.body;
  EXPECT_EQ(get(id).status, 200);
}

TEST_F(EventSearchTest, HasNothingToShowWithoutAJournal) {
  Broker broker{{.workers = 1}};
  serve(broker);
  const support::Response answer = get("0190163d-8694-739b-aea5-966c26f8ad90");
  EXPECT_EQ(answer.status, 404);
  EXPECT_TRUE(answer.body.starts_with(R"({"error":"not_found","message":"this broker keeps no journal)"))
      << answer.body;
  server_.reset();
}

TEST(EventIdOf, ReadsWhatTextWrites) {
  const auto id = event_id_of("0190163D-8694-739b-aea5-966c26f8ad90");
  ASSERT_TRUE(id);
  EXPECT_EQ(id->text(), "0190163d-8694-739b-aea5-966c26f8ad90");
  EXPECT_EQ(time_of(*id).time_since_epoch(), std::chrono::milliseconds{0x0190163d8694});
  EXPECT_FALSE(event_id_of(""));
  EXPECT_FALSE(event_id_of("0190163d-8694-739b-aea5-966c26f8ad9g"));
}

}  // namespace
}  // namespace penstock::streams
