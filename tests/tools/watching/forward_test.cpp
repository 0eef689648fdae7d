#include "watching/forward.hpp"

#include <gmock/gmock.h>

namespace penstock::watching {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(Forwarded, IsThePayloadAndItsMetadata) {
  const auto event = forwarded(
      R"({"id":"1","source":"github","topic":"github.push","time":"t","metadata":{"host":"h","content-length":"3",)"
      R"("content-type":"application/json","x-many":["a","b"],"x-bad":"a\r\nb"},"payload_base64":"eyJhIjogNS4wDQp9"})");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->payload, "{\"a\": 5.0\r\n}") << "every byte";
  EXPECT_EQ(event->topic, "github.push");
  EXPECT_THAT(event->fields,
              ElementsAre(Pair("x-penstock-id", "1"), Pair("x-penstock-source", "github"),
                          Pair("x-penstock-topic", "github.push"), Pair("content-type", "application/json"),
                          Pair("x-many", "a"), Pair("x-many", "b")));
}

TEST(Forwarded, DecodesEveryLengthOfBase64) {
  const auto payload = [](const std::string& text) {
    const auto event = forwarded(R"({"payload_base64":")" + text + "\"}");
    return event ? event->payload : "none";
  };
  EXPECT_EQ(payload(""), "");
  EXPECT_EQ(payload("Zg=="), "f");
  EXPECT_EQ(payload("Zm8="), "fo");
  EXPECT_EQ(payload("Zm9v"), "foo");
  EXPECT_EQ(payload("//79"), "\xFF\xFE\xFD");
  EXPECT_EQ(payload("Z*=="), "none");
}

TEST(Forwarded, OfWhatIsNoEnvelopeIsNothing) {
  for (const char* text :
       {"", "[]", "{}", R"({"payload_base64":1})", R"({"payload":{}})", R"({"payload_base64":"Zg==")"}) {
    EXPECT_FALSE(forwarded(text)) << text;
  }
}

TEST(WithPayload, PutsJsonBackAsItWas) {
  const std::string envelope = R"({"id":"1","metadata":{"x":"\"payload_base64\""},"payload_base64":"NS4w"})";
  EXPECT_EQ(with_payload(envelope, "5.0"), R"({"id":"1","metadata":{"x":"\"payload_base64\""},"payload":5.0})");
  EXPECT_EQ(with_payload(envelope, "no json"), envelope);
}

}  // namespace
}  // namespace penstock::watching
