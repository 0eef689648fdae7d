#include "client/answer_reader.hpp"

#include "client/socket.hpp"
#include <gtest/gtest.h>

#include <string>

namespace penstock::client {
namespace {

struct ReadAnswer {
  AnswerReader reader = {};
  std::string body = {};

  void feed(std::string_view bytes) {
    reader.feed(bytes, [&](std::string_view part) { body += part; });
  }
};

/// Fed in pieces of `step` bytes.
ReadAnswer read(std::string_view text, std::size_t step) {
  ReadAnswer answer;
  for (std::size_t at = 0; at < text.size(); at += step) answer.feed(text.substr(at, step));
  return answer;
}

constexpr std::string_view kLength = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A:  b \r\n\r\nhello";
constexpr std::string_view kChunked =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\nA;x=y\r\nllo, there\r\n0\r\nT: x\r\n\r\n";
constexpr std::string_view kInterim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n";

TEST(AnswerReader, ReadsTheSameHoweverTheBytesAreCut) {
  for (std::size_t step = 1; step <= kChunked.size(); ++step) {
    const ReadAnswer length = read(kLength, step);
    EXPECT_TRUE(length.reader.done()) << step;
    EXPECT_EQ(length.body, "hello") << step;
    EXPECT_EQ(length.reader.head().field("x-a"), "b") << step;
    const ReadAnswer chunked = read(kChunked, step);
    EXPECT_TRUE(chunked.reader.done()) << step;
    EXPECT_EQ(chunked.body, "hello, there") << step;
    const ReadAnswer interim = read(kInterim, step);
    EXPECT_TRUE(interim.reader.done()) << step;
    EXPECT_EQ(interim.reader.head().status, 201) << step;
  }
}

TEST(AnswerReader, ABodyWithoutALengthEndsWithTheConnection) {
  ReadAnswer answer = read("HTTP/1.1 200 OK\r\n\r\nabc", 4);
  EXPECT_FALSE(answer.reader.done());
  EXPECT_FALSE(answer.reader.head().keep_alive);
  answer.reader.end();
  EXPECT_TRUE(answer.reader.done());
  EXPECT_EQ(answer.body, "abc");
}

TEST(AnswerReader, KnowsWhenTheConnectionEnds) {
  EXPECT_TRUE(read(kLength, 99).reader.head().keep_alive);
  EXPECT_FALSE(read("HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 0\r\n\r\n", 99).reader.head().keep_alive);
  EXPECT_FALSE(read("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", 99).reader.head().keep_alive);
  EXPECT_TRUE(read("HTTP/1.1 204 No Content\r\n\r\n", 99).reader.done());
}

TEST(AnswerReader, AnEndInsideTheAnswerIsAnError) {
  for (const std::string_view whole : {kLength, kChunked}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      ReadAnswer answer = read(whole.substr(0, size), 7);
      EXPECT_THROW(answer.reader.end(), ClientError) << whole.substr(0, size);
    }
  }
}

TEST(AnswerReader, WhatIsNoHttpIsAnError) {
  for (const std::string& text :
       {std::string{"SSH-2.0-x\r\n\r\n"}, std::string{"HTTP/2 200\r\n\r\n"}, std::string{"HTTP/1.1 2x0 OK\r\n\r\n"},
        std::string{"HTTP/1.1 200 OK\r\nno colon\r\n\r\n"}, std::string{"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"},
        std::string{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"},
        std::string{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n"},
        std::string{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\n"},
        std::string{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n11111111111111111\r\n"},
        std::string{kLength} + "more"}) {
    EXPECT_THROW(read(text, text.size()), ClientError) << text;
  }
}

TEST(AnswerReader, HeadsAndLinesAreBounded) {
  EXPECT_THROW(read("HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'x'), 1'000), ClientError);
  EXPECT_THROW(read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(10'000, 'x'), 1'000),
               ClientError);
}

}  // namespace
}  // namespace penstock::client
