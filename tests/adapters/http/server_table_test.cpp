#include "http/server_table.hpp"

#include "adapters/http/test_handler.hpp"
#include "adapters/http/test_peer.hpp"
#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>

namespace penstock::http {
namespace {

using std::chrono::milliseconds;

constexpr const char* kGetA = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";

Script saying(const std::string& word) {
  Script script;
  script.end = [word](const std::string& body, Responder& responder) { responder.answer({.body = word + body}); };
  return script;
}

/// POST /a answers `old` and what it was sent.
class SwitchedServer : public testing::Test {
 protected:
  SwitchedServer() : server_{ServerOptions{.threads = 2}, {scripted_route("/a", notes_, saying("old "))}} {
    server_.start();
  }

  void use(std::vector<Route> routes, ServerOptions options = {}) {
    server_.use(Server::prepare(std::move(options), std::move(routes)));
  }
  void use_new() { use({scripted_route("/a", new_notes_, saying("new "))}); }

  const std::shared_ptr<Notes> notes_ = std::make_shared<Notes>();
  const std::shared_ptr<Notes> new_notes_ = std::make_shared<Notes>();
  Server server_;
};

TEST(CurrentTable, TellsItsTableFromAnyOther) {
  const auto first = std::make_shared<const ServerTable>(ServerOptions{}, std::vector<Route>{});
  const auto second = std::make_shared<const ServerTable>(ServerOptions{}, std::vector<Route>{});
  CurrentTable current{first};
  EXPECT_TRUE(current.is(first.get()));
  current.set(second);
  EXPECT_FALSE(current.is(first.get()));
  EXPECT_EQ(current.get(), second);
  EXPECT_EQ(first.use_count(), 1) << "the old one is let go of";
}

TEST_F(SwitchedServer, ServesTheNextRequestOfAKeptConnectionByTheNewRoutes) {
  Peer peer{server_.port()};
  peer.send(post("/a", "1"));
  EXPECT_EQ(peer.answer().body, "old 1");
  use_new();
  peer.send(post("/a", "2"));
  EXPECT_EQ(peer.answer().body, "new 2");
  use({scripted_route("/b", new_notes_)});
  peer.send(post("/a", "3") + post("/b", "4"));
  EXPECT_EQ(peer.answer().status, 404) << "a route that is gone is unknown";
  EXPECT_TRUE(peer.is_closed()) << "as behind any body that nobody read";
}

TEST_F(SwitchedServer, EndsARequestByTheRoutesThatItsHeadMet) {
  Peer in_body{server_.port()};
  in_body.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n1");
  Peer in_head{server_.port()};
  in_head.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Le");
  ASSERT_TRUE(comes_true([this] { return notes_->handlers() == 1 && server_.stats().connections == 2; }));
  use_new();
  in_body.send("2");
  EXPECT_EQ(in_body.answer().body, "old 12");
  in_head.send("ngth: 1\r\n\r\n1");
  EXPECT_EQ(in_head.answer().body, "new 1");
}

TEST_F(SwitchedServer, SwitchesTheGuardAndTheTimesToo) {
  Peer peer{server_.port()};
  peer.send(post("/a", "1"));
  EXPECT_EQ(peer.answer().status, 200);
  ServerOptions options{.body_time = milliseconds{100}};
  options.guard = [](const RequestHead& head) { return Answer{.status = head.field("token") ? 0 : 401}; };
  use({scripted_route("/a", new_notes_)}, std::move(options));
  peer.send(post("/a", ""));
  EXPECT_EQ(peer.answer().status, 401);
  peer.send("POST /a HTTP/1.1\r\nHost: a\r\ntoken: 1\r\nContent-Length: 2\r\n\r\n1");
  EXPECT_EQ(peer.answer().status, 408);
}

TEST_F(SwitchedServer, TakesLargerHeadsFromConnectionsThatComeThen) {
  const std::string large = "GET /a HTTP/1.1\r\nHost: a\r\nX: " + std::string(20U << 10U, 'x') + "\r\n\r\n";
  Peer before{server_.port()};
  before.send(large);
  EXPECT_EQ(before.answer().status, 431);
  use({scripted_route("/a", new_notes_, {}, "GET")}, {.head_bytes_max = 32U << 10U});
  Peer after{server_.port()};
  after.send(large);
  EXPECT_EQ(after.answer().status, 200);
}

TEST_F(SwitchedServer, TurnsAwayConnectionsPastItsNewLimitAndKeepsThoseItHas) {
  Peer first{server_.port()};
  Peer second{server_.port()};
  ASSERT_TRUE(comes_true([this] { return server_.stats().connections == 2; }));
  use({scripted_route("/a", new_notes_)}, {.connections_max = 1});
  Peer third{server_.port()};
  EXPECT_EQ(third.answer().status, 503);
  for (Peer* const peer : {&first, &second}) {
    peer->send(post("/a", "1"));
    EXPECT_EQ(peer->answer().status, 200);
  }
}

TEST_F(SwitchedServer, LetsGoOfWhatOnlyQuietConnectionsHeld) {
  auto held = std::make_shared<int>(0);
  const std::weak_ptr<int> secret = held;
  Route stream = scripted_route("/a", new_notes_, {}, "GET");
  std::shared_ptr<Stream> kept;
  stream.make = [held = std::move(held), &kept, notes = new_notes_](std::size_t) {
    Script script;
    script.end = [held, &kept](const std::string&, Responder& responder) { kept = responder.stream({.body = "-"}); };
    return std::make_unique<ScriptedHandler>(notes, script);
  };
  use({scripted_route("/a", notes_, saying("old ")), stream});
  stream = {};
  Peer idle{server_.port()};
  idle.send(post("/a", "1"));
  EXPECT_EQ(idle.answer().status, 200);
  Peer reader{server_.port()};
  reader.send(kGetA);
  EXPECT_NE(reader.receive_until("-"), "");
  use_new();
  EXPECT_TRUE(comes_true([&] { return secret.expired(); })) << "an open stream or an idle connection holds old routes";
  EXPECT_EQ(server_.stats().connections, 2U) << "and neither was dropped for it";
}

TEST_F(SwitchedServer, RefusesRoutesThatCannotBeAndServesTheOldOnesOn) {
  EXPECT_THROW(static_cast<void>(Server::prepare({}, {scripted_route("a", new_notes_)})), std::invalid_argument);
  Peer peer{server_.port()};
  peer.send(post("/a", "1"));
  EXPECT_EQ(peer.answer().body, "old 1");
}

TEST_F(SwitchedServer, DropsNoRequestOfBusyConnections) {
  std::atomic<int> wrong{0};
  std::atomic<int> answered{0};
  std::atomic<bool> stop{false};
  std::vector<std::thread> senders;
  senders.reserve(4);
  for (int i = 0; i < 4; ++i) {
    senders.emplace_back([&] {
      Peer peer{server_.port()};
      while (!stop) {
        peer.send(post("/a", "1") + post("/a", "2"));
        for (const char* body : {"1", "2"}) {
          const std::string said = peer.answer().body;
          if (said != "old " + std::string{body} && said != "new " + std::string{body}) ++wrong;
          ++answered;
        }
      }
    });
  }
  // How many requests fall between the first switch and the 200th is the scheduler's choice: go on until some have.
  constexpr int switches_max = 200'000;
  for (int i = 0; i < 200 || (answered < 200 && i < switches_max); ++i) {
    use({scripted_route("/a", notes_, saying(i % 2 == 0 ? "new " : "old "))});
    std::this_thread::yield();
  }
  stop = true;
  for (std::thread& sender : senders) sender.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_GE(answered, 200);
}

TEST(UnstartedServer, BeginsWithWhatItWasSwitchedTo) {
  const auto notes = std::make_shared<Notes>();
  Server server{{}, {scripted_route("/a", notes)}};
  server.use(Server::prepare({}, {scripted_route("/b", notes)}));
  server.start();
  Peer peer{server.port()};
  peer.send(post("/b", "1"));
  EXPECT_EQ(peer.answer().status, 200);
}

}  // namespace
}  // namespace penstock::http
