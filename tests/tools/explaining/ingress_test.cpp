#include "explaining/ingress.hpp"

#include <gmock/gmock.h>

namespace penstock::explaining {
namespace {

using testing::HasSubstr;

webhook_in::Hook open_hook() {
  return {.source = "open",
          .topic = "base",
          .verifier = std::make_shared<const verify::Verifier>(verify::Scheme{}, std::vector<verify::Secret>{}),
          .event = {"header:X-Event"},
          .accepted_status = 202};
}

std::string post(const std::string& fields, const std::string& body) {
  return "POST /hooks/open HTTP/1.1\r\nHost: h\r\n" + fields + "Content-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

TEST(Passage, TellsTheAnswerAndTheTopic) {
  const Passage routed = pass(open_hook(), {}, post("X-Event: made\r\n", "{}"));
  EXPECT_EQ(routed.status, 202);
  EXPECT_THAT(routed.answer, HasSubstr("\"status\":\"accepted\""));
  EXPECT_EQ(routed.topic, "base.made");
  EXPECT_FALSE(routed.unrouted);
}

TEST(Passage, TellsWhatStaysOnItsBaseTopic) {
  const Passage unrouted = pass(open_hook(), {}, post("X-Event: a b\r\n", "{}"));
  EXPECT_EQ(unrouted.topic, "base");
  EXPECT_TRUE(unrouted.unrouted);
  webhook_in::Hook plain = open_hook();
  plain.event.clear();
  const Passage without = pass(plain, {}, post("", "{}"));
  EXPECT_EQ(without.topic, "base");
  EXPECT_FALSE(without.unrouted) << "nothing was to be read";
}

TEST(Passage, OfARefusedRequestHasNoTopic) {
  const Passage refused = pass(open_hook(), {}, "POST /hooks/open HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.topic, std::nullopt);
}

TEST(Passage, OfABodyThatIsRefusedByItsHeadEndsAllTheSame) {
  webhook_in::Hook small = open_hook();
  small.payload_bytes_max = 1000;
  EXPECT_EQ(pass(small, {}, post("", std::string(8U << 20U, 'x'))).status, 413);
}

}  // namespace
}  // namespace penstock::explaining
