// Requests over real sockets: bodies in every shape, refusals, pipelining, handlers that fail.

#include "adapters/http/test_handler.hpp"
#include "adapters/http/test_peer.hpp"
#include "http/server.hpp"
#include <gtest/gtest.h>

#include <array>
#include <charconv>
#include <optional>
#include <stdexcept>

namespace penstock::http {
namespace {

using Strings = std::vector<std::string>;

class Requests : public testing::Test {
 protected:
  Server& start(const Script& script = {}, ServerOptions options = {}, std::size_t body_bytes_max = 1U << 20U) {
    Route route = scripted_route("/a", notes_, script);
    route.body_bytes_max = body_bytes_max;
    route.length_required = true;
    server_.emplace(std::move(options), std::vector<Route>{std::move(route)});
    server_->start();
    return *server_;
  }
  [[nodiscard]] std::uint64_t answers(int status) const {
    const auto by_status = server_->stats().answers_by_status;
    const auto found = by_status.find(status);
    return found == by_status.end() ? 0 : found->second;
  }

  std::shared_ptr<Notes> notes_ = std::make_shared<Notes>();
  std::optional<Server> server_;
};

std::string chunked(const std::string& chunks) {
  return "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks;
}

std::string hex(std::size_t number) {
  std::array<char, 16> digits{};
  return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr};
}

std::string pattern(std::size_t bytes) {
  std::string text(bytes, '\0');
  for (std::size_t i = 0; i < bytes; ++i) text[i] = static_cast<char>('a' + i * 7 % 26);
  return text;
}

TEST_F(Requests, AreAnsweredInOrderAndTogetherWhenPipelined) {
  Peer peer{start().port()};
  for (int round = 0; round < 20; ++round) {
    peer.send(post("/a", "one") + post("/a", "two") + post("/a", "three"));
    // One send arrives as one piece.
    const std::string received = peer.receive();
    const std::size_t one = received.find("\r\n\r\none");
    const std::size_t two = received.find("\r\n\r\ntwo");
    const std::size_t three = received.find("\r\n\r\nthree");
    ASSERT_NE(three, std::string::npos) << received;
    EXPECT_LT(one, two);
    EXPECT_LT(two, three);
  }
  EXPECT_EQ(notes_->handlers(), 1) << "the handler of a connection is used again";
}

TEST_F(Requests, DeliverTheirBodyHoweverItComes) {
  Peer peer{start().port()};
  for (const std::size_t bytes : {1U, 1'000U, 8'000U, 21'000U, 200'000U, 1'048'576U}) {
    const std::string body = pattern(bytes);
    peer.send(post("/a", body));
    EXPECT_EQ(peer.answer().body, body) << bytes;
  }
  const std::string request = post("/a", "dripped");
  for (const char byte : request) peer.send({&byte, 1});
  EXPECT_EQ(peer.answer().body, "dripped");
}

TEST_F(Requests, FillRoomsOfAnySize) {
  Peer peer{start({.room_bytes = 7}).port()};
  const std::string body = pattern(30'000);
  peer.send(post("/a", body));
  EXPECT_EQ(peer.answer().body, body);
  peer.send(chunked("7530\r\n" + body + "\r\n0\r\n\r\n"));
  EXPECT_EQ(peer.answer().body, body);
}

TEST_F(Requests, JoinChunksOfAnySize) {
  Peer peer{start().port()};
  std::string chunks;
  const std::string body = pattern(300'000);
  std::size_t size = 1;
  for (std::size_t at = 0; at < body.size(); at += size, size = size * 5 % 70'001) {
    const std::string piece = body.substr(at, size);
    chunks += hex(piece.size()) + ";x=y\r\n" + piece + "\r\n";
  }
  peer.send(chunked(chunks + "0\r\nX-Trailer: 1\r\n\r\n"));
  EXPECT_EQ(peer.answer().body, body);
}

TEST_F(Requests, ArePipelinedAcrossTheEndOfTheBuffer) {
  Peer peer{start().port()};
  std::string bytes;
  Strings bodies;
  for (std::size_t i = 0; i < 60; ++i) {
    bodies.push_back(pattern(500 + i * 97));
    const std::string length = std::to_string(bodies.back().size());
    const std::string filler = "X: " + std::string(i * 200, 'f') + "\r\n";
    const std::string size = hex(bodies.back().size()) + "\r\n";
    bytes += i % 3 == 0 ? chunked(size + bodies.back() + "\r\n0\r\n\r\n") : post("/a", bodies.back(), filler);
  }
  peer.send(bytes);
  for (const std::string& body : bodies) ASSERT_EQ(peer.answer().body, body);
  EXPECT_EQ(notes_->bodies(), bodies);
}

TEST_F(Requests, HaveSpaceForChunksWhereverTheirHeadEnds) {
  // The buffer is full when the head of the chunked request ends in it: behind that head nothing could be received.
  constexpr std::size_t buffer_bytes = (16U << 10U) + (4U << 10U);
  const std::size_t chunked_head = chunked("").size();
  const std::size_t known_head = post("/a", std::string(10'000, 'x')).size() - 10'000;
  for (const std::size_t spare : {0U, 1U, 5U}) {
    Peer peer{start().port()};
    const std::string body = pattern(buffer_bytes - chunked_head - known_head - spare);
    peer.send(post("/a", body) + chunked("3\r\nabc\r\n0\r\n\r\n"));
    EXPECT_EQ(peer.answer().body, body);
    EXPECT_EQ(peer.answer().body, "abc") << spare;
  }
}

TEST_F(Requests, DeliverNothingWhenTheirBodyIsCut) {
  Peer peer{start().port()};
  peer.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345");
  peer.half_close();
  EXPECT_EQ(peer.answer().status, 400);
  EXPECT_TRUE(peer.is_closed());
  EXPECT_EQ(notes_->bodies(), Strings{});
  EXPECT_EQ(notes_->cuts(), std::vector{Cut::disconnected});
}

TEST_F(Requests, DeliverNothingWhenTheirTrailersAreCut) {
  Peer peer{start().port()};
  peer.send(chunked("3\r\nabc\r\n0\r\n"));
  peer.half_close();
  EXPECT_EQ(peer.answer().status, 400);
  EXPECT_EQ(notes_->bodies(), Strings{});
}

TEST_F(Requests, DeliverNothingWhenTheConnectionIsReset) {
  Peer peer{start().port()};
  peer.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345");
  ASSERT_TRUE(comes_true([this] { return notes_->handlers() == 1; }));
  peer.reset();
  ASSERT_TRUE(comes_true([this] { return notes_->cuts().size() == 1; }));
  EXPECT_EQ(notes_->cuts(), std::vector{Cut::disconnected});
  EXPECT_EQ(notes_->bodies(), Strings{});
  EXPECT_EQ(server_->stats().answers_by_status, (std::map<int, std::uint64_t>{}));
}

TEST_F(Requests, AreAnsweredAfterTheEndOfInputThenClosed) {
  Peer peer{start().port()};
  peer.send(post("/a", "1") + post("/a", "2"));
  peer.half_close();
  EXPECT_EQ(peer.answer().body, "1");
  EXPECT_EQ(peer.answer().body, "2");
  EXPECT_TRUE(peer.is_closed());
}

TEST_F(Requests, BehindConnectionCloseAreNotRead) {
  Peer peer{start().port()};
  peer.send(post("/a", "1", "Connection: close\r\n") + post("/a", "2"));
  EXPECT_TRUE(peer.answer().has("connection: close"));
  EXPECT_TRUE(peer.is_closed());
  EXPECT_EQ(notes_->bodies(), Strings{"1"});
}

TEST_F(Requests, MayPersistInHttp1_0WhenAsked) {
  Peer peer{start().port()};
  const std::string request = "POST /a HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\n1";
  peer.send(request);
  EXPECT_TRUE(peer.answer().has("connection: keep-alive"));
  peer.send(request);
  EXPECT_EQ(peer.answer().status, 200);
  peer.send("POST /a HTTP/1.0\r\nContent-Length: 1\r\n\r\n1");
  EXPECT_TRUE(peer.answer().has("connection: close"));
  EXPECT_TRUE(peer.is_closed());
}

TEST_F(Requests, WithoutALengthAreRefusedWhereOneIsRequired) {
  Peer peer{start().port()};
  peer.send("POST /a HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(peer.answer().status, 411);
  EXPECT_TRUE(peer.is_closed());
  EXPECT_EQ(notes_->refusals(), std::vector{411});
}

TEST_F(Requests, TooLargeAreRefusedAtTheHeadBeforeAnyContinue) {
  Peer peer{start({}, {}, 4).port()};
  peer.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(peer.answer().status, 413);
  EXPECT_TRUE(peer.is_closed());
  EXPECT_EQ(notes_->refusals(), std::vector{413});
  EXPECT_EQ(notes_->handlers(), 0);
}

TEST_F(Requests, TooLargeLetTheirSenderFinishAndReadTheAnswer) {
  Peer peer{start({}, {}, 4).port()};
  peer.send(post("/a", pattern(3'000'000)));
  EXPECT_EQ(peer.answer().status, 413);
}

TEST_F(Requests, TooLargeInChunksAreRefusedWhenAChunkSaysSo) {
  Peer peer{start({}, {}, 4).port()};
  peer.send(chunked("3\r\nabc\r\n2\r\n"));
  EXPECT_EQ(peer.answer().status, 413);
  EXPECT_EQ(notes_->cuts(), std::vector{Cut::too_large});
  EXPECT_EQ(notes_->refusals(), std::vector<int>{}) << "after begin() it is cut() that tells";
}

TEST_F(Requests, WithMalformedChunksAreCut) {
  Peer peer{start().port()};
  peer.send(chunked("3\r\nabcX\r\n0\r\n\r\n"));
  EXPECT_EQ(peer.answer().status, 400);
  EXPECT_TRUE(peer.is_closed());
  EXPECT_EQ(notes_->cuts(), std::vector{Cut::malformed});
  EXPECT_EQ(notes_->bodies(), Strings{});
}

TEST_F(Requests, ToUnknownPathsKeepTheConnectionIfNoBodyIsDue) {
  Peer peer{start().port()};
  peer.send("GET /b HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(peer.answer().status, 404);
  peer.send(post("/b", "body") + post("/a", "smuggled"));
  EXPECT_EQ(peer.answer().status, 404);
  EXPECT_TRUE(peer.is_closed());
  EXPECT_EQ(notes_->bodies(), Strings{});
}

TEST_F(Requests, WithAnotherMethodAreToldWhichAreAllowed) {
  Peer peer{start().port()};
  peer.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\nHEAD /a HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(peer.answer().has("allow: POST\r\n"));
  EXPECT_EQ(peer.answer(true).status, 405);
  peer.send(post("/a", "next"));
  EXPECT_EQ(peer.answer().body, "next") << "the answer to HEAD had a body";
}

TEST_F(Requests, WithAnUnknownMethodAreNotImplemented) {
  Peer peer{start().port()};
  for (const char* method : {"BREW", "post", "TRACE"}) {
    peer.send(std::string(method) + " /a HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(peer.answer().status, 501) << method;
  }
  peer.send("CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(peer.answer().status, 501);
}

TEST_F(Requests, ThatExpectContinueGetItOnceTheirHeadIsAccepted) {
  Peer peer{start().port()};
  peer.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(peer.answer().status, 100);
  peer.send("ok");
  EXPECT_EQ(peer.answer().body, "ok");
  peer.send(post("/a", "came along", "Expect: 100-continue\r\n"));
  EXPECT_EQ(peer.answer().status, 200) << "no 100 when the body is there already";
}

TEST_F(Requests, AnsweredAtTheirHeadDropTheBodyAndClose) {
  Script script;
  script.begin = [](const RequestHead&, Responder& responder) {
    responder.answer({.status = 415});
    return Begin::answered;
  };
  Peer peer{start(script).port()};
  peer.send(post("/a", "") + post("/a", post("/a", "smuggled")));
  EXPECT_EQ(peer.answer().status, 415);
  const PeerAnswer second = peer.answer();
  EXPECT_EQ(second.status, 415);
  EXPECT_TRUE(second.has("connection: close"));
  EXPECT_TRUE(peer.is_closed());
  EXPECT_EQ(answers(415), 2U);
}

TEST_F(Requests, GetNoRoomAndAreToldToComeAgain) {
  Peer peer{start({.room_bytes = 0}, {.retry_after = "7"}).port()};
  peer.send(post("/a", "body"));
  const PeerAnswer answer = peer.answer();
  EXPECT_EQ(answer.status, 503);
  EXPECT_TRUE(answer.has("retry-after: 7\r\n"));
  EXPECT_TRUE(peer.is_closed());
  EXPECT_EQ(notes_->cuts(), std::vector{Cut::too_large});
}

TEST_F(Requests, AreStoppedByTheGuardBeforeAnyRoute) {
  ServerOptions options;
  options.guard = [](const RequestHead& head) {
    return head.host == "good" ? Answer{.status = 0} : Answer{.status = 421, .body = "no"};
  };
  Peer peer{start({}, options).port()};
  peer.send("POST /a HTTP/1.1\r\nHost: bad\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(peer.answer().status, 421);
  peer.send("POST /a HTTP/1.1\r\nHost: good\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(peer.answer().status, 200);
  EXPECT_EQ(notes_->handlers(), 1);
}

[[noreturn]] void fail() { throw std::runtime_error("fault on purpose"); }

TEST_F(Requests, SurviveAHandlerThatThrowsAtTheirHead) {
  Script script;
  script.begin = [](const RequestHead&, Responder&) -> Begin { fail(); };
  Peer peer{start(script).port()};
  peer.send(post("/a", "body"));
  EXPECT_EQ(peer.answer().status, 500);
  EXPECT_TRUE(peer.is_closed());
}

TEST_F(Requests, SurviveAHandlerThatThrowsAtTheirEnd) {
  Script script;
  script.end = [](const std::string& body, Responder& responder) {
    if (body == "bad") fail();
    responder.answer({});
  };
  Peer peer{start(script).port()};
  peer.send(post("/a", "bad") + post("/a", "not read"));
  EXPECT_EQ(peer.answer().status, 500);
  EXPECT_TRUE(peer.is_closed());
  EXPECT_EQ(answers(500), 1U);
  Peer other{server_->port()};
  other.send(post("/a", "good"));
  EXPECT_EQ(other.answer().status, 200);
}

TEST_F(Requests, SurviveAHandlerThatThrowsAfterItsAnswer) {
  Script script;
  script.end = [](const std::string&, Responder& responder) {
    responder.answer({});
    fail();
  };
  Peer peer{start(script).port()};
  peer.send(post("/a", "body"));
  EXPECT_EQ(peer.answer().status, 200);
  EXPECT_TRUE(peer.is_closed());
}

TEST_F(Requests, SurviveAHandlerThatCannotBeMade) {
  Route nothing = scripted_route("/a", notes_);
  nothing.make = [](std::size_t) { return nullptr; };
  server_.emplace(ServerOptions{}, std::vector<Route>{std::move(nothing)});
  server_->start();
  Peer peer{server_->port()};
  peer.send(post("/a", "body"));
  EXPECT_EQ(peer.answer().status, 500);
}

TEST_F(Requests, ThatAHandlerForgetsToAnswerGet500) {
  Script script;
  script.end = [](const std::string&, Responder&) {};
  Peer peer{start(script).port()};
  peer.send(post("/a", "body"));
  EXPECT_EQ(peer.answer().status, 500);
}

TEST_F(Requests, AreReadNoFurtherWhileTooManyAnswersWait) {
  // Each answer is 8 KiB. The peer reads none: some fill the sockets' buffers, then 64 KiB may wait, no more.
  Script script;
  script.end = [](const std::string&, Responder& responder) { responder.answer({.body = std::string(8'192, 'x')}); };
  Peer peer{start(script).port(), 4'096};
  std::string requests;
  for (int i = 0; i < 2'000; ++i) requests += post("/a", "x");
  peer.send(requests);
  std::size_t before = 0;
  ASSERT_TRUE(comes_true([&] {
    const std::size_t now = notes_->bodies().size();
    const bool stands = now > 0 && now == before;
    before = now;
    if (!stands) std::this_thread::sleep_for(std::chrono::milliseconds{100});
    return stands;
  }));
  EXPECT_LT(before, 2'000U);
  EXPECT_LT(server_->memory_bytes(), 300'000U);
  for (int i = 0; i < 2'000; ++i) ASSERT_EQ(peer.answer().body.size(), 8'192U) << i;
}

}  // namespace
}  // namespace penstock::http
