#include "explaining/request.hpp"

#include <gmock/gmock.h>

namespace penstock::explaining {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(GivenRequest, StandsOnTheWireAsItWasGivenWithWhatFramesIt) {
  const GivenRequest request = given_request(
      {.method = "PUT", .target = "/hooks/a?b", .fields = {{"X-B", "1"}, {"X-A", ""}, {"X-B", "2"}}}, "a", "{}");
  EXPECT_EQ(request.wire(),
            "PUT /hooks/a?b HTTP/1.1\r\nHost: localhost\r\nX-B: 1\r\nX-A: \r\nX-B: 2\r\nContent-Length: 2\r\n\r\n{}");
  EXPECT_EQ(given_request({}, "a", "").wire(),
            "POST /hooks/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
}

TEST(GivenRequest, KeepsItsOwnFraming) {
  EXPECT_EQ(given_request({.fields = {{"HOST", "h"}, {"content-length", "2"}}}, "a", "{}").wire(),
            "POST /hooks/a HTTP/1.1\r\nHOST: h\r\ncontent-length: 2\r\n\r\n{}");
  EXPECT_EQ(given_request({.fields = {{"Transfer-Encoding", "Chunked"}}}, "a", std::string(17, 'x')).wire(),
            "POST /hooks/a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: Chunked\r\n\r\n11\r\n" +
                std::string(17, 'x') + "\r\n0\r\n\r\n");
  EXPECT_EQ(given_request({.fields = {{"Transfer-Encoding", "chunked"}}}, "a", "").wire(),
            "POST /hooks/a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
}

TEST(GivenRequest, HasALengthThatIsTheBodys) {
  const GivenRequest wrong = given_request({.fields = {{"Content-Length", "3"}}}, "a", "{}");
  EXPECT_THAT(wrong.fields, ElementsAre(Pair("Content-Length", "2")));
  EXPECT_THAT(wrong.notes, ElementsAre("content-length says '3', and the body has 2 bytes: taken as that"));
  const GivenRequest nonsense = given_request({.fields = {{"Content-Length", "0x2"}}}, "a", "{}");
  EXPECT_THAT(nonsense.fields, ElementsAre(Pair("Content-Length", "0x2"))) << "for the ingress to refuse";
  EXPECT_THAT(nonsense.notes, IsEmpty());
}

TEST(GivenRequest, KnowsThePathTokenBehindItsSource) {
  const auto token = [](const std::string& target) { return given_request({.target = target}, "a", "").path_token; };
  EXPECT_EQ(token("/hooks/a/t0ken?x=/y"), "t0ken");
  EXPECT_EQ(token("/hooks/a/t/u"), "t/u");
  EXPECT_EQ(token("/hooks/a/"), "");
  EXPECT_EQ(token("/hooks/a"), "");
  EXPECT_EQ(token("/hooks/ab/t"), "");
  EXPECT_EQ(token("/x/hooks/a/t"), "");
}

TEST(SourceInATarget, IsTheLevelBehindHooks) {
  EXPECT_EQ(source_in("/hooks/github"), "github");
  EXPECT_EQ(source_in("/hooks/github/x?y"), "github");
  EXPECT_EQ(source_in("/hooks/github?y"), "github");
  EXPECT_EQ(source_in("https://h.example/hooks/github/x"), "github");
  EXPECT_EQ(given_request({.target = "http://h/hooks/a/hush?b"}, "a", "").path_token, "hush");
  EXPECT_EQ(source_in("https://h.example"), "");
  EXPECT_EQ(source_in("/hooks/"), "");
  EXPECT_EQ(source_in("/github"), "");
}

}  // namespace
}  // namespace penstock::explaining
