#include "client/client.hpp"

#include "tools/client/scripted_server.hpp"
#include <gtest/gtest.h>

namespace penstock::client {
namespace {

constexpr const char* kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

Url url_of(std::uint16_t port) { return {.host = "127.0.0.1", .port = port}; }

TEST(Client, SendsWhatItIsGivenAndNothingElse) {
  ScriptedServer server{{{kOk}}};
  {
    Client client{url_of(server.port())};
    const Answer answer = client.send({.method = "POST", .target = "/a?b", .fields = {{"X-A", "b"}}, .body = "body"});
    EXPECT_EQ(answer.head.status, 200);
    EXPECT_EQ(answer.body, "ok");
  }
  EXPECT_EQ(server.received(0), "POST /a?b HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
                                    "\r\nX-A: b\r\nContent-Length: 4\r\n\r\nbody");
}

TEST(Client, UsesItsConnectionAgain) {
  ScriptedServer server{{{kOk, kOk}}};  // One connection only.
  Client client{url_of(server.port())};
  EXPECT_EQ(client.send({}).body, "ok");
  EXPECT_EQ(client.send({}).body, "ok");
}

TEST(Client, OpensAConnectionThatTheServerHadClosedAgain) {
  ScriptedServer server{{{kOk}, {kOk}}};
  Client client{url_of(server.port())};
  EXPECT_EQ(client.send({}).body, "ok");
  EXPECT_EQ(client.send({}).body, "ok");
}

TEST(Client, ABrokenAnswerIsNotAskedForTwice) {
  ScriptedServer server{{{kOk, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncut"}}};
  Client client{url_of(server.port())};
  EXPECT_EQ(client.send({}).body, "ok");
  EXPECT_THROW((void)client.send({}), ClientError);
}

TEST(Client, AnswersAreBounded) {
  ScriptedServer server{{{"HTTP/1.1 200 OK\r\n\r\n" + std::string(2'000, 'x')}}};
  Client client{url_of(server.port()), {.body_bytes_max = 1'000}};
  EXPECT_THROW((void)client.send({}), ClientError);
}

TEST(Client, AStreamIsGivenAsItComesUntilNoMoreIsWanted) {
  ScriptedServer server{{{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n"}}};
  Client client{url_of(server.port())};
  std::string got;
  const Answer answer = client.stream({}, [&](std::string_view bytes) {
    got += bytes;
    return got.size() < 6;
  });
  EXPECT_EQ(answer.head.status, 200);
  EXPECT_EQ(got, "abcdef");
}

TEST(Client, WhatIsNoStreamComesBackWhole) {
  ScriptedServer server{{{"HTTP/1.1 409 Conflict\r\nContent-Length: 2\r\n\r\nno"}}};
  Client client{url_of(server.port())};
  const Answer answer = client.stream({}, [](std::string_view) -> bool { throw std::logic_error{"no event"}; });
  EXPECT_EQ(answer.head.status, 409);
  EXPECT_EQ(answer.body, "no");
}

}  // namespace
}  // namespace penstock::client
