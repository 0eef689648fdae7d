// Deadlines and memory of a connection, over real sockets. Limits are set short; nothing is asserted about how soon.

#include "adapters/http/test_handler.hpp"
#include "adapters/http/test_peer.hpp"
#include "http/server.hpp"
#include <gtest/gtest.h>

#include <optional>

namespace penstock::http {
namespace {

using std::chrono::milliseconds;

class Deadlines : public testing::Test {
 protected:
  /// A sign of life every 20 ms, until the server says something. Gives up after ten seconds.
  static void drip(Peer& peer, std::string_view bytes) {
    for (int i = 0; i < 500 && peer.is_quiet(milliseconds{20}); ++i) peer.send(bytes);
  }

  Server& start(ServerOptions options, const Script& script = {}) {
    server_.emplace(std::move(options), std::vector<Route>{scripted_route("/a", notes_, script)});
    server_->start();
    return *server_;
  }

  std::shared_ptr<Notes> notes_ = std::make_shared<Notes>();
  std::optional<Server> server_;
};

TEST_F(Deadlines, EndAHeadThatIsDripped) {
  Peer peer{start({.head_time = milliseconds{300}}).port()};
  peer.send("POST /a HTTP/1.1\r\nHost: a\r\nX: ");
  drip(peer, "b");
  EXPECT_EQ(peer.answer().status, 408);
  EXPECT_TRUE(peer.is_closed());
}

TEST_F(Deadlines, EndABodyThatIsDripped) {
  Peer peer{start({.body_time = milliseconds{300}}).port()};
  peer.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
  drip(peer, "b");
  EXPECT_EQ(peer.answer().status, 408);
  EXPECT_EQ(notes_->cuts(), std::vector{Cut::too_slow});
  EXPECT_EQ(notes_->bodies(), std::vector<std::string>{});
}

TEST_F(Deadlines, EndAChunkedBodyThatIsDripped) {
  Peer peer{start({.body_time = milliseconds{300}}).port()};
  peer.send("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  drip(peer, "1\r\nb\r\n");
  EXPECT_EQ(peer.answer().status, 408);
  EXPECT_EQ(notes_->cuts(), std::vector{Cut::too_slow});
}

TEST_F(Deadlines, CloseAnIdleConnectionInSilence) {
  start({.idle_time = milliseconds{300}});
  Peer silent{server_->port()};
  EXPECT_EQ(silent.receive(), "");
  Peer after_a_request{server_->port()};
  after_a_request.send(post("/a", "1"));
  EXPECT_EQ(after_a_request.answer().status, 200);
  EXPECT_EQ(after_a_request.receive(), "");
  EXPECT_TRUE(after_a_request.is_closed());
}

TEST_F(Deadlines, TakeAnEmptyLineBehindARequestForIdleness) {
  ServerOptions options{.head_time = milliseconds{200}};
  options.idle_time = milliseconds{2'000};
  Peer peer{start(options).port()};
  peer.send(post("/a", "1") + "\r\n");
  EXPECT_EQ(peer.answer().status, 200);
  // Longer than a head may take, and than an idle connection keeps its buffer.
  EXPECT_TRUE(peer.is_quiet(milliseconds{1'400})) << "no answer that nobody asked for";
  peer.send(post("/a", "2"));
  EXPECT_EQ(peer.answer().body, "2");
  peer.send("\r");
  EXPECT_EQ(peer.receive(), "") << "closed in silence when it was idle for too long";
  EXPECT_EQ(server_->stats().answers_by_status, (std::map<int, std::uint64_t>{{200, 2}}));
}

TEST_F(Deadlines, AreNotPutOffByEmptyLines) {
  Peer peer{start({.idle_time = milliseconds{600}}).port()};
  peer.send(post("/a", "1"));
  EXPECT_EQ(peer.answer().status, 200);
  for (int i = 0; i < 3; ++i) {
    std::this_thread::sleep_for(milliseconds{400});
    peer.send("\r\n");
  }
  // Each line came within the idle time of the one before; but the last answer counts.
  peer.send(post("/a", "too late"));
  EXPECT_EQ(peer.answer().status, 0);
}

TEST_F(Deadlines, CloseInSilenceBehindAnEmptyLineAndTheEndOfInput) {
  Peer peer{start({}).port()};
  peer.send(post("/a", "1") + "\r\n");
  peer.half_close();
  EXPECT_EQ(peer.answer().status, 200);
  EXPECT_EQ(peer.receive(), "");
  EXPECT_TRUE(comes_true([this] { return server_->stats().connections == 0; }));
}

TEST_F(Deadlines, DoNotTouchARequestThatIsBeingAnswered) {
  std::shared_ptr<Responder> kept;
  Script script;
  script.end = [&kept](const std::string&, Responder& responder) { kept = responder.later(); };
  ServerOptions options{.head_time = milliseconds{100}, .body_time = milliseconds{100}};
  options.idle_time = milliseconds{100};
  Peer peer{start(options, script).port()};
  peer.send(post("/a", "1"));
  EXPECT_TRUE(peer.is_quiet(milliseconds{900}));
  kept->post([&kept] { kept->answer({.body = "late"}); });
  EXPECT_EQ(peer.answer().body, "late");
  server_->stop();
}

TEST_F(Deadlines, CutAPeerThatDoesNotReadItsAnswers) {
  static constexpr std::size_t more_than_sockets_hold = 20'000'000;
  Script script;
  script.end = [](const std::string&, Responder& responder) {
    responder.answer({.body = std::string(more_than_sockets_hold, 'x')});
  };
  Peer peer{start({.unread_time = milliseconds{300}}, script).port()};
  peer.send(post("/a", "1"));
  EXPECT_TRUE(comes_true([this] { return notes_->bodies().size() == 1 && server_->stats().connections == 0; }));
}

TEST_F(Deadlines, EndTheLingeringForAPeerThatStays) {
  Peer peer{start({.linger_time = milliseconds{300}}).port()};
  peer.send(post("/a", "1", "Connection: close\r\n"));
  EXPECT_EQ(peer.answer().status, 200);
  EXPECT_EQ(peer.receive(), "") << "the server has shut its side";
  EXPECT_TRUE(comes_true([this] { return server_->stats().connections == 0; }));
}

TEST_F(Deadlines, DoNotLingerForAPeerThatHasEndedToo) {
  Peer peer{start({.linger_time = std::chrono::hours{1}}).port()};
  peer.send(post("/a", "1"));
  peer.half_close();
  EXPECT_EQ(peer.answer().status, 200);
  EXPECT_TRUE(comes_true([this] { return server_->stats().connections == 0; }));
}

TEST_F(Deadlines, LetAnIdleConnectionGiveItsBufferBackAndGoOn) {
  Peer peer{start({}).port()};
  peer.send(post("/a", "1"));
  EXPECT_EQ(peer.answer().status, 200);
  const std::size_t busy = server_->memory_bytes();
  EXPECT_GT(busy, 16'384U);
  EXPECT_LT(busy, 24'576U) << "what one connection may hold";
  EXPECT_TRUE(comes_true([this] { return server_->memory_bytes() < 8'192; }));
  peer.send(post("/a", "after the rest"));
  EXPECT_EQ(peer.answer().body, "after the rest");
}

TEST_F(Deadlines, LeaveNoMemoryBehind) {
  start({});
  {
    std::vector<std::unique_ptr<Peer>> peers;
    peers.reserve(50);
    for (int i = 0; i < 50; ++i) peers.push_back(std::make_unique<Peer>(server_->port()));
    for (const auto& peer : peers) peer->send(post("/a", std::string(5'000, 'x')) + "POST /a HTT");
    for (const auto& peer : peers) EXPECT_EQ(peer->answer().status, 200);
    EXPECT_EQ(server_->stats().connections, 50U);
  }
  EXPECT_TRUE(comes_true([this] { return server_->stats().connections == 0; }));
  EXPECT_EQ(server_->memory_bytes(), 0U);
}

}  // namespace
}  // namespace penstock::http
