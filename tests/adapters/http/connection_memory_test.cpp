// What connections charge the budget, and what becomes of them when it is spent. Real sockets.

#include "adapters/http/test_handler.hpp"
#include "adapters/http/test_peer.hpp"
#include "http/server.hpp"
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>

namespace penstock::http {
namespace {

constexpr std::size_t kMoreThanSocketsHold = 20'000'000;

class Memory : public testing::Test {
 protected:
  ServerOptions options() {
    ServerOptions options{.retry_after = "7"};
    options.idle_time = std::chrono::minutes{2};  // A sanitizer may need 15 s to read the answer next door.
    options.charge = [this](std::size_t bytes) {
      if (charged_ + bytes > max_) return false;
      charged_ += bytes;
      return true;
    };
    options.uncharge = [this](std::size_t bytes) { charged_ -= bytes; };
    return options;
  }
  void start(const Script& script = {}) {
    server_.emplace(options(), std::vector<Route>{scripted_route("/a", notes_, script)});
    server_->start();
  }
  void TearDown() override {
    server_->stop();
    EXPECT_EQ(charged_, 0U) << "all is given back";
  }

  std::shared_ptr<Notes> notes_ = std::make_shared<Notes>();
  std::atomic<std::size_t> charged_{0};
  std::atomic<std::size_t> max_{1U << 30U};
  std::optional<Server> server_;
};

TEST_F(Memory, IsChargedInStepsAndGivenBack) {
  start();
  std::vector<std::unique_ptr<Peer>> peers;
  for (int i = 0; i < 40; ++i) {
    peers.push_back(std::make_unique<Peer>(server_->port()));
    peers.back()->send(post("/a", "1"));
    EXPECT_EQ(peers.back()->answer().status, 200);
    EXPECT_GE(charged_, server_->memory_bytes());
    EXPECT_EQ(charged_ % (64U << 10U), 0U);
  }
  EXPECT_TRUE(comes_true([this] { return charged_ <= 240'000U; })) << "idle connections give their buffers back";
  peers.clear();
  EXPECT_TRUE(comes_true([this] { return server_->memory_bytes() == 0 && charged_ <= 64U << 10U; }));
}

TEST_F(Memory, ThatIsNotThereTurnsNewConnectionsAway) {
  max_ = 64U << 10U;
  start();
  std::vector<std::unique_ptr<Peer>> peers;
  int served = 0;
  for (int i = 0; i < 10; ++i) {
    peers.push_back(std::make_unique<Peer>(server_->port()));
    peers.back()->send(post("/a", "1"));
    const PeerAnswer answer = peers.back()->answer();
    if (answer.status == 200) {
      ++served;
    } else {
      EXPECT_EQ(answer.status, 503);
      EXPECT_TRUE(answer.has("retry-after: 7\r\n"));
      EXPECT_TRUE(peers.back()->is_closed());
    }
  }
  EXPECT_GE(served, 2);
  EXPECT_LT(served, 10);
  max_ = 1U << 30U;
  Peer peer{server_->port()};
  peer.send(post("/a", "there is room again"));
  EXPECT_EQ(peer.answer().status, 200);
}

TEST_F(Memory, ThatAnAnswerTakesPastTheBudgetClosesTheConnectionBehindIt) {
  Script script;
  script.end = [](const std::string& body, Responder& responder) {
    responder.answer({.body = std::string(body == "much" ? kMoreThanSocketsHold : 1, 'x')});
  };
  max_ = 1U << 20U;
  start(script);
  Peer peer{server_->port(), 4'096};
  peer.send(post("/a", "little"));
  ASSERT_EQ(peer.answer().status, 200);
  Peer neighbour{server_->port()};
  neighbour.send(post("/a", "little"));
  ASSERT_EQ(neighbour.answer().status, 200);
  peer.send(post("/a", "much"));
  ASSERT_TRUE(comes_true([this] { return notes_->bodies().size() == 3; }));
  EXPECT_EQ(peer.answer().body.size(), kMoreThanSocketsHold) << "whole";
  EXPECT_TRUE(peer.is_closed());
  neighbour.send(post("/a", "little"));
  EXPECT_EQ(neighbour.answer().status, 200);
}

TEST_F(Memory, ThatARequestTakesPastTheBudgetClosesTheConnectionBehindItsAnswer) {
  start();
  std::vector<std::unique_ptr<Peer>> peers;
  for (int i = 0; i < 20; ++i) {
    peers.push_back(std::make_unique<Peer>(server_->port()));
    peers.back()->send(post("/a", "1"));
    ASSERT_FALSE(peers.back()->answer().has("connection: close"));
  }
  ASSERT_TRUE(comes_true([this] { return server_->memory_bytes() < 120'000U; })) << "buffers are given back";
  max_ = 0;
  // Each takes a buffer again: the first perhaps from what is charged already, the last for certain not.
  for (const auto& peer : peers) peer->send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n");
  ASSERT_TRUE(comes_true([this] { return server_->memory_bytes() > 400'000U; }));
  int closed = 0;
  for (const auto& peer : peers) {
    peer->send("\r\n2");
    const PeerAnswer answer = peer->answer();
    EXPECT_EQ(answer.body, "2");
    closed += answer.has("connection: close\r\n") ? 1 : 0;
  }
  EXPECT_GE(closed, 15);
}

TEST_F(Memory, ThatAStreamTakesPastTheBudgetCutsIt) {
  std::shared_ptr<Stream> stream;
  std::atomic<bool> gone{false};
  std::shared_ptr<Responder> kept;
  Script script;
  script.end = [&](const std::string&, Responder& responder) {
    kept = responder.later();
    stream = kept->stream({.body = "hello"});
    stream->on_event([&gone](bool is_gone) {
      if (is_gone) gone = true;
    });
  };
  max_ = 1U << 20U;
  start(script);
  Peer peer{server_->port(), 4'096};
  peer.send(post("/a", "1"));
  ASSERT_NE(peer.receive_until("hello"), "");
  kept->post([&stream] { stream->write(std::string(kMoreThanSocketsHold, 'x')); });
  EXPECT_TRUE(comes_true([&gone] { return gone.load(); }));
  EXPECT_TRUE(peer.is_closed());
  EXPECT_EQ(server_->memory_bytes(), 0U);
  server_->stop();
}

/// Holds a megabyte from its first request on.
class Hoarder : public ScriptedHandler {
 public:
  using ScriptedHandler::ScriptedHandler;
  [[nodiscard]] std::size_t memory_bytes() const noexcept override { return 1U << 20U; }
};

TEST_F(Memory, OfHandlersCountsAndIsGivenBackByIdleConnections) {
  Route hoard = scripted_route("/hoard", notes_);
  hoard.make = [this](std::size_t) { return std::make_unique<Hoarder>(notes_, Script{}); };
  server_.emplace(options(), std::vector<Route>{std::move(hoard), scripted_route("/a", notes_)});
  server_->start();
  Peer peer{server_->port()};
  peer.send(post("/hoard", "1") + post("/a", "2"));
  EXPECT_EQ(peer.answer().body, "1");
  EXPECT_EQ(peer.answer().body, "2");
  EXPECT_TRUE(comes_true([this] { return server_->memory_bytes() > 1U << 20U && charged_ > 1U << 20U; }));
  EXPECT_TRUE(comes_true([this] { return server_->memory_bytes() < 8'192; }));
  EXPECT_EQ(notes_->handlers(), 2);
  peer.send(post("/hoard", "3") + post("/a", "4"));
  EXPECT_EQ(peer.answer().body, "3");
  EXPECT_EQ(peer.answer().body, "4");
  EXPECT_EQ(notes_->handlers(), 3) << "the one that holds nothing was kept";
}

TEST_F(Memory, OfTheHandlerReceivesStraightWhatDidNotComeWithTheHead) {
  const std::string body(65'536, 'b');
  const std::string whole = post("/a", body);
  const std::size_t head_bytes = whole.size() - body.size();
  std::optional<Peer> peer;
  Script script;
  script.begin = [&](const RequestHead&, Responder&) {
    peer->send(whole.substr(head_bytes + 10));  // All of it waits in the socket when the connection asks for more.
    return Begin::read_body;
  };
  start(script);
  peer.emplace(server_->port());
  peer->send(whole.substr(0, head_bytes + 10));
  EXPECT_EQ(peer->answer().body, body);
  const std::vector<std::size_t> commits = notes_->commits();
  ASSERT_GE(commits.size(), 2U);
  EXPECT_EQ(commits.front(), 10U) << "what came with the head is copied, at once";
  constexpr std::size_t buffer_bytes = 20U << 10U;
  EXPECT_GT(*std::max_element(commits.begin(), commits.end()), buffer_bytes) << "nothing so long fits into the buffer";
}

}  // namespace
}  // namespace penstock::http
