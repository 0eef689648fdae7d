// Answers given later, from other threads, too late or not at all.

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

/// Keeps the right to answer every request, for the test's thread to use.
class Later : public testing::Test {
 protected:
  explicit Later(ServerOptions options = {}) {
    Script script;
    script.end = [this](const std::string&, Responder& responder) { keep(responder.later()); };
    server_.emplace(std::move(options), std::vector<Route>{scripted_route("/a", notes_, script)});
    server_->start();
  }
  void TearDown() override { server_->stop(); }  // Before what its callbacks use ends.

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
  void drop_all() {
    const std::lock_guard lock{mutex_};
    kept_.clear();
  }
  static void answer(const std::shared_ptr<Responder>& responder, const std::string& body) {
    responder->post([responder, body] { responder->answer({.body = body}); });
  }

  std::shared_ptr<Notes> notes_ = std::make_shared<Notes>();
  std::mutex mutex_;
  std::vector<std::shared_ptr<Responder>> kept_;
  std::optional<Server> server_;
};

TEST_F(Later, AnAnswerComesFromAnotherThread) {
  Peer peer{server_->port()};
  peer.send(post("/a", "1"));
  answer(kept(0), "late");
  EXPECT_EQ(peer.answer().body, "late");
}

class LaterThanTheTimeToRead : public Later {
 protected:
  LaterThanTheTimeToRead() : Later{{.unread_time = milliseconds{300}}} {}
};

TEST_F(LaterThanTheTimeToRead, AnAnswerIsNotCutWhenASweepComesBeforeItsTurn) {
  Peer peer{server_->port()};
  peer.send(post("/a", "1"));
  const auto first = kept(0);
  Peer other{server_->port()};
  other.send(post("/a", "2"));
  const auto second = kept(1);
  // While the loop is held up, a turn of another connection, in which the answer is given, and a sweep come due; the
  // answering connection's own turn comes behind both.
  std::atomic<bool> is_held{false};
  std::atomic<bool> is_posted{false};
  second->post([&is_held, &is_posted] {
    is_held = true;
    while (!is_posted) std::this_thread::yield();
    std::this_thread::sleep_for(milliseconds{600});
  });
  ASSERT_TRUE(comes_true([&is_held] { return is_held.load(); }));
  second->post([first] { first->answer({.body = "late"}); });
  is_posted = true;
  EXPECT_EQ(peer.answer().body, "late");
}

TEST_F(Later, ARequestWaitsForTheAnswerOfTheOneBefore) {
  Peer peer{server_->port()};
  peer.send(post("/a", "1") + post("/a", "2"));
  const auto first = kept(0);
  EXPECT_TRUE(peer.is_quiet(milliseconds{50}));
  EXPECT_EQ(notes_->bodies().size(), 1U);
  answer(first, "first");
  answer(kept(1), "second");
  EXPECT_EQ(peer.answer().body, "first");
  EXPECT_EQ(peer.answer().body, "second");
}

TEST_F(Later, AnAnswerToAnEarlierRequestDoesNothing) {
  Peer peer{server_->port()};
  peer.send(post("/a", "1"));
  const auto first = kept(0);
  answer(first, "first");
  EXPECT_EQ(peer.answer().body, "first");
  peer.send(post("/a", "2"));
  const auto second = kept(1);
  answer(first, "again");
  answer(second, "second");
  EXPECT_EQ(peer.answer().body, "second");
}

TEST_F(Later, ASecondAnswerDoesNothing) {
  Peer peer{server_->port()};
  peer.send(post("/a", "1"));
  const auto responder = kept(0);
  responder->post([responder] {
    responder->answer({.body = "one"});
    responder->answer({.body = "two"});
  });
  EXPECT_EQ(peer.answer().body, "one");
  EXPECT_TRUE(peer.is_quiet(milliseconds{50}));
}

TEST_F(Later, AnAnswerToAPeerThatLeftDoesNothing) {
  std::shared_ptr<Responder> responder;
  {
    Peer peer{server_->port()};
    peer.send(post("/a", "1"));
    responder = kept(0);
    peer.reset();
  }
  answer(responder, "late");
  EXPECT_TRUE(comes_true([this] { return server_->stats().connections == 0; }));
  answer(responder, "later still");
  Peer other{server_->port()};
  other.send(post("/a", "2"));
  answer(kept(1), "still here");
  EXPECT_EQ(other.answer().body, "still here");
}

TEST_F(Later, AnAnswerAfterTheServerHasGoneDoesNothing) {
  Peer peer{server_->port()};
  peer.send(post("/a", "1"));
  const auto responder = kept(0);
  server_.reset();
  bool ran = false;
  responder->post([&ran] { ran = true; });
  responder->answer({.body = "late"});
  EXPECT_FALSE(ran);
  EXPECT_TRUE(peer.is_closed());
  server_.emplace(ServerOptions{}, std::vector<Route>{});
}

TEST_F(Later, ARequestThatNobodyCanAnswerAnyMoreGets500) {
  Peer peer{server_->port()};
  peer.send(post("/a", "1"));
  static_cast<void>(kept(0));
  drop_all();
  EXPECT_EQ(peer.answer().status, 500);
}

class LaterThanTheTimeToAnswer : public Later {
 protected:
  LaterThanTheTimeToAnswer() : Later{{.answer_time = milliseconds{100}}} {}
};

TEST_F(LaterThanTheTimeToAnswer, ARequestIsTold503AndItsConnectionGoesOn) {
  Peer peer{server_->port()};
  peer.send(post("/a", "1") + post("/a", "2"));
  const auto first = kept(0);
  const PeerAnswer told = peer.answer();
  EXPECT_EQ(told.status, 503);
  EXPECT_TRUE(told.has("retry-after: ")) << told.head;
  const auto second = kept(1);
  answer(first, "much too late");
  answer(second, "in time");
  EXPECT_EQ(peer.answer().body, "in time");
}

TEST_F(Later, WithoutATimeToAnswerARequestWaits) {
  Peer peer{server_->port()};
  peer.send(post("/a", "1"));
  const auto responder = kept(0);
  EXPECT_TRUE(peer.is_quiet(milliseconds{600})) << "two sweeps";
  answer(responder, "late");
  EXPECT_EQ(peer.answer().body, "late");
}

TEST_F(Later, WorkThatThrowsEndsItsConnectionOnly) {
  Peer peer{server_->port()};
  peer.send(post("/a", "1"));
  kept(0)->post([] { throw std::runtime_error("fault on purpose"); });
  EXPECT_TRUE(peer.is_closed());
  Peer other{server_->port()};
  other.send(post("/a", "2"));
  answer(kept(1), "still here");
  EXPECT_EQ(other.answer().body, "still here");
}

TEST_F(Later, ManyThreadsMayPostAtOnce) {
  Peer peer{server_->port()};
  peer.send(post("/a", "1"));
  const auto responder = kept(0);
  int runs = 0;  // On the I/O thread only.
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 250; ++n) {
        responder->post([&runs, responder] {
          if (++runs == 1'000) responder->answer({.body = "all"});
        });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(peer.answer().body, "all");
}

TEST(Answers, CarryTheDate) {
  const auto notes = std::make_shared<Notes>();
  Server server{{}, {scripted_route("/a", notes)}};
  server.start();
  Peer peer{server.port()};
  peer.send(post("/a", "1"));
  const PeerAnswer answer = peer.answer();
  const std::size_t at = answer.head.find("date: ");
  ASSERT_NE(at, std::string::npos);
  // RFC 9110 5.6.7: date: Tue, 24 Nov 2026 17:00:00 GMT
  const std::string date = answer.head.substr(at, 37);
  EXPECT_EQ(date.substr(9, 2), ", ") << date;
  EXPECT_EQ(date.substr(31), " GMT\r\n") << date;
}

}  // namespace
}  // namespace penstock::http
