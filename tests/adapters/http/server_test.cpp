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

TEST(Server, CutsRequestsWhenItStops) {
  const auto notes = std::make_shared<Notes>();
  {
    Server server{{}, {scripted_route("/a", notes)}};
    server.start();
    Peer peer{server.port()};
    peer.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
    ASSERT_TRUE(comes_true([&] { return notes->handlers() == 1; }));
    server.stop();  // Before the peer goes, which would be a cut of another name.
  }
  EXPECT_EQ(notes->cuts(), std::vector{Cut::stopped});
}

TEST(Server, TellsOnceAfterTheRequestsThatWereReadyTogether) {
  const auto notes = std::make_shared<Notes>();
  std::atomic<int> ended{0};
  std::atomic<int> told{0};
  std::atomic<int> told_of{0};
  ServerOptions options;
  options.after_requests = [&](std::size_t io_thread) {
    EXPECT_EQ(io_thread, 0U);
    ++told;
    told_of = ended.load();
  };
  Script script;
  script.end = [&](const std::string&, Responder& responder) {
    ++ended;
    responder.answer({});
  };
  Server server{options, {scripted_route("/a", notes, script)}};
  server.start();
  Peer peer{server.port()};
  constexpr int requests = 30;
  std::string pipelined;
  for (int i = 0; i < requests; ++i) pipelined += post("/a", "x");
  peer.send(pipelined);
  for (int i = 0; i < requests; ++i) EXPECT_EQ(peer.answer().status, 200);
  EXPECT_TRUE(comes_true([&] { return told_of == requests; })) << "the last is told too";
  EXPECT_LT(told, requests) << "one receive brings many of them";
}

}  // namespace
}  // namespace penstock::http
