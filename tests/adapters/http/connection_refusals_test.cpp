// Which refusals of a request are told to its route, and which to its handler: each once, and never to both.

#include "adapters/http/test_handler.hpp"
#include "adapters/http/test_peer.hpp"
#include "http/server.hpp"
#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>

namespace penstock::http {
namespace {

using std::chrono::milliseconds;

[[noreturn]] void fail() { throw std::runtime_error("fault on purpose"); }

class Refusals : public testing::Test {
 protected:
  void start(const Script& script = {}, ServerOptions options = {}) {
    Route route = scripted_route("/a", notes_, script);
    route.body_bytes_max = 1'000;
    route.length_required = true;
    start(std::move(route), std::move(options));
  }
  void start(Route route, ServerOptions options = {}) {
    server_.emplace(std::move(options), std::vector<Route>{std::move(route)});
    server_->start();
  }
  /// Asks, and expects `status`, told to the route if `is_told`, else to the handler.
  void expect(const std::string& request, int status, bool is_told) {
    Peer peer{server_->port()};
    peer.send(request);
    EXPECT_EQ(peer.answer().status, status);
    EXPECT_TRUE(peer.is_closed());
    EXPECT_EQ(notes_->refusals(), is_told ? std::vector{status} : std::vector<int>{});
    EXPECT_EQ(notes_->cuts().size(), is_told ? 0U : 1U);
  }

  std::shared_ptr<Notes> notes_ = std::make_shared<Notes>();
  std::optional<Server> server_;
};

std::string chunked(const std::string& chunks) {
  return "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks;
}

TEST_F(Refusals, OfALengthAreToldToTheRoute) {
  start();
  expect("POST /a HTTP/1.1\r\nHost: a\r\n\r\n", 411, true);
}

TEST_F(Refusals, OfASizeAreToldToTheRoute) {
  start();
  expect(post("/a", std::string(1'001, 'x')), 413, true);
}

TEST_F(Refusals, OfAnExpectationAreToldToTheRoute) {
  start();
  expect(post("/a", "1", "Expect: 200-ok\r\n"), 417, true);
}

TEST_F(Refusals, ForAHandlerThatCannotBeMadeAreToldToTheRoute) {
  Route route = scripted_route("/a", notes_);
  route.make = [](std::size_t) -> std::unique_ptr<RequestHandler> { fail(); };
  start(std::move(route));
  expect(post("/a", "1"), 500, true);
}

TEST_F(Refusals, ForAHandlerThatThrowsAtTheHeadAreToldToTheRoute) {
  Script script;
  script.begin = [](const RequestHead&, Responder&) -> Begin { fail(); };
  start(script);
  expect(post("/a", "1"), 500, true);
}

TEST_F(Refusals, ForAHandlerThatDoesNotAnswerAtTheHeadAreToldToTheRoute) {
  Script script;
  script.begin = [](const RequestHead&, Responder&) { return Begin::answered; };
  start(script);
  Peer peer{server_->port()};
  peer.send(post("/a", ""));
  EXPECT_EQ(peer.answer().status, 500);
  EXPECT_EQ(notes_->refusals(), std::vector{500});
}

TEST_F(Refusals, ForAHandlerThatHasTheWholeRequestAreItsOwnToCount) {
  Script script;
  script.end = [](const std::string& body, Responder& responder) {
    if (body == "throws") fail();
    if (body == "answers, then throws") {
      responder.answer({});
      fail();
    }
    if (body == "drops its right") static_cast<void>(responder.later());
  };
  start(script);
  for (const char* body : {"throws", "answers, then throws", "drops its right", "says nothing"}) {
    Peer peer{server_->port()};
    peer.send(post("/a", body));
    EXPECT_EQ(peer.answer().status, std::string{body} == "answers, then throws" ? 200 : 500) << body;
  }
  EXPECT_EQ(notes_->bodies().size(), 4U);
  EXPECT_EQ(notes_->refusals(), std::vector<int>{});
  EXPECT_EQ(notes_->cuts(), std::vector<Cut>{});
}

TEST_F(Refusals, OfABodyThatGrowsTooLargeAreToldToTheHandler) {
  start();
  expect(chunked("3\r\nabc\r\n3e8\r\n"), 413, false);
}

TEST_F(Refusals, OfMalformedChunksAreToldToTheHandler) {
  start();
  expect(chunked("3\r\nabcX"), 400, false);
}

TEST_F(Refusals, OfASlowBodyAreToldToTheHandler) {
  start(Script{}, {.body_time = milliseconds{100}});
  expect("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n1", 408, false);
}

TEST_F(Refusals, ForWantOfRoomAreToldToTheHandler) {
  start(Script{.room_bytes = 0});
  expect(post("/a", "1"), 503, false);
}

TEST_F(Refusals, OfASlowHeadAreToldToNobody) {
  start(Script{}, {.head_time = milliseconds{100}});
  Peer peer{server_->port()};
  peer.send("POST /a HTTP/1.1\r\nHost: a\r\n");
  EXPECT_EQ(peer.answer().status, 408);
  EXPECT_EQ(notes_->refusals(), std::vector<int>{});
  EXPECT_EQ(notes_->cuts(), std::vector<Cut>{});
}

TEST_F(Refusals, ByAHandlerItselfAreToldToNobody) {
  Script script;
  script.begin = [](const RequestHead&, Responder& responder) {
    responder.answer({.status = 503});
    return Begin::answered;
  };
  start(script);
  Peer peer{server_->port()};
  peer.send(post("/a", "") + "GET /b HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(peer.answer().status, 503);
  EXPECT_EQ(peer.answer().status, 404) << "nor is what comes behind it taken for one of that route";
  EXPECT_EQ(notes_->refusals(), std::vector<int>{});
}

TEST_F(Refusals, SurviveARouteThatThrowsWhenTold) {
  Route route = scripted_route("/a", notes_);
  route.length_required = true;
  route.on_refused = [](std::size_t, int) { fail(); };
  start(std::move(route));
  Peer peer{server_->port()};
  peer.send("POST /a HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(peer.answer().status, 500);
}

}  // namespace
}  // namespace penstock::http
