// Start, drain, stop and figures of a server.

#include "http/server.hpp"

#include "adapters/http/test_handler.hpp"
#include "adapters/http/test_peer.hpp"
#include <gtest/gtest.h>

#include <atomic>
#include <set>

namespace penstock::http {
namespace {

using std::chrono::milliseconds;

std::string error_of(const ServerOptions& options) {
  try {
    Server server{options, {}};
    server.start();
  } catch (const ListenError& error) {
    return error.what();
  }
  return "";
}

TEST(Server, SaysWhereItCannotListenAndHowToMendIt) {
  Server first{{.name = "ingress"}, {}};
  first.start();
  const std::string port = std::to_string(first.port());
  for (const std::size_t threads : {1U, 2U}) {
    const std::string error = error_of({.name = "ingress", .port = first.port(), .threads = threads});
    EXPECT_NE(error.find("127.0.0.1 port " + port), std::string::npos) << error;
    EXPECT_NE(error.find("(ingress)"), std::string::npos) << error;
    EXPECT_NE(error.find("another address or port"), std::string::npos) << error;
  }
}

TEST(Server, DoesNotShareThePortOfAServerWithSeveralThreads) {
  Server first{{.threads = 2}, {}};
  first.start();
  EXPECT_NE(error_of({.port = first.port(), .threads = 2}), "");
}

TEST(Server, TakesNumericAddressesOnly) {
  EXPECT_NE(error_of({.address = "localhost"}).find("'localhost'"), std::string::npos);
  EXPECT_NE(error_of({.address = "[::1]"}).find("without brackets"), std::string::npos);
}

TEST(Server, StartsOnce) {
  Server server{{}, {}};
  server.start();
  EXPECT_THROW(server.start(), ListenError);
}

TEST(Server, AcceptsWhenStartReturnsAndServesOnAllItsThreads) {
  const auto notes = std::make_shared<Notes>();
  std::mutex mutex;
  std::set<std::size_t> served;
  std::atomic<int> started{0};
  Route route = scripted_route("/a", notes);
  route.make = [&, notes](std::size_t io_thread) {
    const std::lock_guard lock{mutex};
    served.insert(io_thread);
    return std::make_unique<ScriptedHandler>(notes, Script{});
  };
  Server server{{.threads = 3, .on_thread_start = [&started](std::size_t) { ++started; }}, {std::move(route)}};
  server.start();
  EXPECT_EQ(started, 3);
  std::vector<std::unique_ptr<Peer>> peers;
  for (int i = 0; i < 60; ++i) {
    peers.push_back(std::make_unique<Peer>(server.port()));
    peers.back()->send(post("/a", "1"));
    ASSERT_EQ(peers.back()->answer().status, 200);
  }
  EXPECT_EQ(server.stats().connections, 60U);
  EXPECT_EQ(server.stats().answers_by_status, (std::map<int, std::uint64_t>{{200, 60}}));
  server.stop();
  EXPECT_EQ(served, (std::set<std::size_t>{0, 1, 2}));
}

TEST(Server, TellsWhatAThreadsStartThrew) {
  Server server{{.on_thread_start = [](std::size_t) { throw std::runtime_error("no such core"); }}, {}};
  EXPECT_THROW(server.start(), std::runtime_error);
}

TEST(Server, DrainsWhenNobodyIsThere) {
  Server never_started{{}, {}};
  never_started.drain(milliseconds{0});
  Server server{{}, {}};
  server.start();
  server.drain(Peer::kPatience);
  server.stop();
  server.stop();
}

TEST(Server, DrainsIdleConnectionsAtOnceAndRequestsWhenTheyAreAnswered) {
  const auto notes = std::make_shared<Notes>();
  std::shared_ptr<Responder> kept;
  Script script;
  script.end = [&kept](const std::string&, Responder& responder) { kept = responder.later(); };
  Server server{{}, {scripted_route("/a", notes, script)}};
  server.start();
  Peer idle{server.port()};
  Peer busy{server.port()};
  Peer halfway{server.port()};
  busy.send(post("/a", "1"));
  halfway.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n");
  ASSERT_TRUE(comes_true([&] { return notes->handlers() == 2 && server.stats().connections == 3; }));
  ASSERT_TRUE(comes_true([&] { return notes->bodies().size() == 1; }));
  const auto first = kept;
  std::thread draining{[&server] { server.drain(Peer::kPatience); }};
  EXPECT_TRUE(idle.is_closed());
  EXPECT_THROW(Peer{server.port()}, std::runtime_error) << "no more are accepted";
  first->post([&first] { first->answer({.body = "done"}); });
  const PeerAnswer answer = busy.answer();
  EXPECT_EQ(answer.body, "done");
  EXPECT_TRUE(answer.has("connection: close"));
  halfway.send("2");
  ASSERT_TRUE(comes_true([&] { return notes->bodies().size() == 2; }));
  std::shared_ptr<Responder> second;
  first->post([] {});
  ASSERT_TRUE(comes_true([&] { return (second = kept) != first; }));
  second->post([&second] { second->answer({.body = "too"}); });
  EXPECT_EQ(halfway.answer().body, "too");
  busy.half_close();
  halfway.half_close();
  draining.join();
  EXPECT_EQ(server.stats().connections, 0U);
  server.stop();
}

TEST(Server, CutsWhatIsNotDoneWhenDrainingTakesTooLong) {
  const auto notes = std::make_shared<Notes>();
  Server server{{}, {scripted_route("/a", notes)}};
  server.start();
  Peer peer{server.port()};
  peer.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
  ASSERT_TRUE(comes_true([&] { return notes->handlers() == 1; }));
  server.drain(milliseconds{50});
  EXPECT_EQ(notes->cuts(), std::vector{Cut::stopped});
  EXPECT_EQ(server.stats().connections, 0U);
  EXPECT_TRUE(peer.is_closed());
}

TEST(Server, CutsRequestsWhenItStops) {
  const auto notes = std::make_shared<Notes>();
  {
    Server server{{}, {scripted_route("/a", notes)}};
    server.start();
    Peer peer{server.port()};
    peer.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
    ASSERT_TRUE(comes_true([&] { return notes->handlers() == 1; }));
  }
  EXPECT_EQ(notes->cuts(), std::vector{Cut::stopped});
}

}  // namespace
}  // namespace penstock::http
