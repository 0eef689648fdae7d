// What a draining server does with requests begun before, with new ones, and with its listener.

#include "adapters/http/test_handler.hpp"
#include "adapters/http/test_peer.hpp"
#include "http/server.hpp"
#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>

namespace penstock::http {
namespace {

using std::chrono::milliseconds;
using Strings = std::vector<std::string>;

/// POST /a answers when the test says so, POST /now at once, and GET /healthz also while the server drains.
class Draining : public testing::Test {
 protected:
  explicit Draining(std::size_t threads = 1) {
    Script later;
    later.end = [this](const std::string&, Responder& responder) { keep(responder.later()); };
    Route health = scripted_route("/healthz", notes_, {}, "GET");
    health.while_draining = true;
    server_.emplace(ServerOptions{.threads = threads, .retry_after = "4"},
                    std::vector<Route>{scripted_route("/a", notes_, later), scripted_route("/now", notes_), health});
    server_->start();
  }
  void TearDown() override {
    server_->stop();
    if (draining_.joinable()) draining_.join();
  }

  void keep(std::shared_ptr<Responder> responder) {
    const std::lock_guard lock{mutex_};
    kept_.push_back(std::move(responder));
  }
  std::shared_ptr<Responder> kept(std::size_t index) {
    EXPECT_TRUE(comes_true([this, index] {
      const std::lock_guard lock{mutex_};
      return kept_.size() > index;
    }));
    const std::lock_guard lock{mutex_};
    return kept_.at(index);
  }
  void answer(std::size_t index, const std::string& body) {
    const auto responder = kept(index);
    responder->post([responder, body] { responder->answer({.body = body}); });
  }
  /// Returns when new requests are turned away.
  void begin_drain() {
    draining_ = std::thread{[this] {
      server_->drain(Peer::kPatience);
      is_drained_ = true;
    }};
    EXPECT_TRUE(comes_true([this] {
      Peer peer{server_->port()};
      peer.send(post("/now", ""));
      return peer.answer().status == 503;
    }));
  }
  [[nodiscard]] bool is_drained() {
    return comes_true([this] { return is_drained_.load(); });
  }

  std::shared_ptr<Notes> notes_ = std::make_shared<Notes>();
  std::mutex mutex_;
  std::vector<std::shared_ptr<Responder>> kept_;
  std::atomic<bool> is_drained_{false};
  std::thread draining_;
  std::optional<Server> server_;
};

TEST_F(Draining, TellsNewRequestsOnNewAndKeptConnectionsToComeAgain) {
  Peer kept_alive{server_->port()};
  kept_alive.send(post("/now", "before"));
  EXPECT_EQ(kept_alive.answer().status, 200);
  Peer silent{server_->port()};
  ASSERT_TRUE(comes_true([this] { return server_->stats().connections == 2; }));
  server_->drain(Peer::kPatience);
  Peer fresh{server_->port()};
  for (Peer* const peer : {&kept_alive, &silent, &fresh}) {
    peer->send(post("/now", "new") + post("/now", "behind"));
    const PeerAnswer answer = peer->answer();
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.body, R"({"error":"draining"})");
    EXPECT_TRUE(answer.has("retry-after: 4\r\n"));
    EXPECT_TRUE(answer.has("connection: close\r\n"));
    EXPECT_TRUE(peer->is_closed());
  }
  EXPECT_EQ(notes_->bodies(), Strings{"before"});
  EXPECT_EQ(notes_->refusals(), (std::vector<int>{503, 503, 503}));
}

TEST_F(Draining, ServesTheRoutesThatSaySo) {
  server_->drain(Peer::kPatience);
  Peer peer{server_->port()};
  peer.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
  const PeerAnswer answer = peer.answer();
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.has("connection: close\r\n"));
  Peer lost{server_->port()};
  lost.send("GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(lost.answer().status, 503);
}

TEST_F(Draining, EndsWhatWasBegunAndReturnsThen) {
  Peer answered_later{server_->port()};
  answered_later.send(post("/a", "1"));
  static_cast<void>(kept(0));
  Peer in_body{server_->port()};
  in_body.send("POST /now HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n\r\nin");
  Peer in_head{server_->port()};
  in_head.send("P");
  ASSERT_TRUE(comes_true([this] { return notes_->handlers() == 2 && server_->stats().connections == 3; }));
  Peer marker{server_->port()};  // Its answer tells that what was sent before it has been read.
  marker.send(post("/now", "marker"));
  ASSERT_EQ(marker.answer().status, 200);
  begin_drain();
  answer(0, "done");
  const PeerAnswer done = answered_later.answer();
  EXPECT_EQ(done.body, "done");
  EXPECT_TRUE(done.has("connection: close\r\n"));
  EXPECT_TRUE(answered_later.is_closed());
  answered_later.half_close();
  in_body.send(" body");
  EXPECT_EQ(in_body.answer().body, "in body");
  in_body.half_close();
  EXPECT_FALSE(is_drained_) << "a head is still coming";
  in_head.send(post("/now", "in head").substr(1));
  const PeerAnswer last = in_head.answer();
  EXPECT_EQ(last.body, "in head");
  EXPECT_TRUE(last.has("connection: close\r\n"));
  in_head.half_close();
  EXPECT_TRUE(is_drained());
  marker.send(post("/now", "new"));
  EXPECT_EQ(marker.answer().status, 503) << "an idle connection is kept, to be told";
}

TEST_F(Draining, AnswersPipelinedRequestsThatHadCome) {
  Peer peer{server_->port()};
  peer.send(post("/a", "1") + post("/a", "2") + "POST /n");
  static_cast<void>(kept(0));
  begin_drain();
  peer.send(post("/now", "3").substr(7) + post("/now", "4"));
  answer(0, "one");
  const PeerAnswer one = peer.answer();
  EXPECT_EQ(one.body, "one");
  EXPECT_FALSE(one.has("connection: close"));
  answer(1, "two");
  EXPECT_EQ(peer.answer().body, "two");
  const PeerAnswer three = peer.answer();
  EXPECT_EQ(three.body, "3");
  EXPECT_TRUE(three.has("connection: close\r\n")) << "the fourth came after the drain began";
  EXPECT_TRUE(peer.is_closed());
  peer.half_close();
  EXPECT_TRUE(is_drained());
}

TEST_F(Draining, DoesNotWaitForNewRequests) {
  Peer idle{server_->port()};
  idle.send(post("/now", "before") + "\r\n");
  ASSERT_EQ(idle.answer().status, 200);
  begin_drain();
  Peer fresh{server_->port()};
  fresh.send("POST /now HTTP/1.1\r\n");
  idle.send("POST /now HTTP/1.1\r\n");
  EXPECT_TRUE(is_drained());
  EXPECT_TRUE(fresh.is_quiet(milliseconds{20})) << "neither answered nor cut";
  EXPECT_TRUE(idle.is_quiet(milliseconds{20}));
  server_->stop();
  EXPECT_TRUE(fresh.is_closed());
}

TEST_F(Draining, EndsAStreamThatIsOpenedInItForARequestBegunBefore) {
  Peer peer{server_->port()};
  peer.send(post("/a", "1"));
  const auto responder = kept(0);
  begin_drain();
  std::atomic<bool> gone{false};
  std::shared_ptr<Stream> stream;
  responder->post([&] {
    stream = responder->stream({.body = "hello"});
    stream->on_event([&gone](bool is_gone) { gone = is_gone; });
  });
  EXPECT_EQ(peer.answer().body, "hello");
  EXPECT_TRUE(peer.is_closed());
  peer.half_close();
  EXPECT_TRUE(is_drained());
  EXPECT_TRUE(gone);
}

TEST_F(Draining, CutsWhatIsNotDoneWithinItsLimitAndNothingElse) {
  Peer slow{server_->port()};
  slow.send("POST /now HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
  Peer kept_alive{server_->port()};
  kept_alive.send(post("/now", "before"));
  EXPECT_EQ(kept_alive.answer().status, 200);
  ASSERT_TRUE(comes_true([this] { return notes_->handlers() == 2; }));
  server_->drain(milliseconds{50});
  EXPECT_EQ(notes_->cuts(), std::vector{Cut::stopped});
  EXPECT_TRUE(slow.is_closed());
  kept_alive.send(post("/now", "new"));
  EXPECT_EQ(kept_alive.answer().status, 503);
}

TEST(DrainedStream, IsNotWaitedForOnceItsReaderHasAllOfIt) {
  std::shared_ptr<Stream> stream;
  Script script;
  script.end = [&stream](const std::string&, Responder& responder) { stream = responder.stream({.body = "hello"}); };
  Server server{{.linger_time = std::chrono::hours{1}}, {scripted_route("/a", std::make_shared<Notes>(), script)}};
  server.start();
  Peer open{server.port()};
  open.send(post("/a", ""));
  EXPECT_NE(open.receive_until("hello"), "");
  server.drain(Peer::kPatience);
  EXPECT_EQ(server.stats().connections, 1U) << "the drain ran into its limit and cut it";
  EXPECT_TRUE(open.is_closed());
}

class DrainingOnManyThreads : public Draining {
 protected:
  DrainingOnManyThreads() : Draining{3} {}
};

TEST_F(DrainingOnManyThreads, WaitsForTheConnectionsOfAll) {
  std::vector<std::unique_ptr<Peer>> peers;
  for (std::size_t i = 0; i < 20; ++i) {
    peers.push_back(std::make_unique<Peer>(server_->port()));
    peers.back()->send(post("/a", "1"));
    static_cast<void>(kept(i));
  }
  begin_drain();
  for (std::size_t i = 0; i < peers.size(); ++i) {
    EXPECT_FALSE(is_drained_);
    answer(i, "done");
    EXPECT_EQ(peers[i]->answer().body, "done");
    peers[i]->half_close();
  }
  EXPECT_TRUE(is_drained());
  server_->drain(Peer::kPatience);  // Again: nothing is left.
}

}  // namespace
}  // namespace penstock::http
