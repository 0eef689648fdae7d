#include "http/answer.hpp"

#include <gtest/gtest.h>

#include <array>

namespace penstock::http {
namespace {

std::string bytes_of(const Answer& answer, const AnswerFrame& frame = {}) {
  std::string out;
  append_answer(out, answer, frame);
  return out;
}

TEST(Answer, HasAStatusLineALengthAndABody) {
  EXPECT_EQ(bytes_of({.status = 200, .body = "{}"}),
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}");
  EXPECT_EQ(bytes_of({.status = 404, .content_type = ""}), "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
}

TEST(Answer, SaysWhenTheConnectionCloses) {
  EXPECT_EQ(bytes_of({.content_type = ""}, {.close = true}),
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
  EXPECT_EQ(bytes_of({.content_type = ""}, {.keep_alive = true}),
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: keep-alive\r\n\r\n");
}

TEST(Answer, CarriesTheDateAndMoreFields) {
  const std::array fields{Field{"allow", "POST"}, Field{"penstock-receipt", "memory"}};
  EXPECT_EQ(bytes_of({.status = 405, .content_type = "", .fields = fields}, {.date = "date: x\r\n"}),
            "HTTP/1.1 405 Method Not Allowed\r\ndate: x\r\ncontent-length: 0\r\nallow: POST\r\n"
            "penstock-receipt: memory\r\n\r\n");
}

TEST(Answer, KeepsTheLengthButNotTheBodyForHead) {
  EXPECT_EQ(bytes_of({.body = "abc", .content_type = ""}, {.without_body = true}),
            "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n");
}

TEST(Answer, HasNeitherLengthNorBodyWhereNoneIsAllowed) {
  EXPECT_EQ(bytes_of({.status = 204, .body = "abc"}), "HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_EQ(bytes_of({.status = 304, .body = "abc"}), "HTTP/1.1 304 Not Modified\r\n\r\n");
}

TEST(Answer, OpensAStream) {
  EXPECT_EQ(bytes_of({.content_type = ""}, {.chunked = true}), "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
  EXPECT_EQ(bytes_of({.content_type = ""}, {.close = true, .until_close = true}),
            "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n");
}

TEST(Answer, WritesChunksButNeverAnEmptyOne) {
  std::string out;
  append_chunk(out, "0123456789abcdef");
  append_chunk(out, "");
  EXPECT_EQ(out, "10\r\n0123456789abcdef\r\n");
}

TEST(AnswerDeathTest, LetsNoFieldSplitTheAnswer) {
  const std::array fields{Field{"location", "/a\r\nx: 1"}};
#ifdef NDEBUG
  EXPECT_EQ(bytes_of({.content_type = "", .fields = fields}), "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
#else
  EXPECT_DEATH(bytes_of({.content_type = "", .fields = fields}), "is_clean");
#endif
}

TEST(Answer, HasWordsForEveryStatusTheServerGivesItself) {
  for (const int status : {400, 404, 405, 408, 411, 413, 414, 417, 431, 500, 501, 503, 505}) {
    EXPECT_NE(reason_phrase(status), "Unknown") << status;
    EXPECT_TRUE(refusal_body(status).starts_with(R"({"error":")")) << status;
  }
  EXPECT_EQ(reason_phrase(299), "Unknown");
  EXPECT_EQ(refusal_body(200), "");
}

}  // namespace
}  // namespace penstock::http
