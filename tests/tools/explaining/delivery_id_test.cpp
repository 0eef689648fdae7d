#include "explaining/delivery_id.hpp"

#include <gmock/gmock.h>

namespace penstock::explaining {
namespace {

TEST(DeliveryId, OfAHeaderMustStandThereOnce) {
  EXPECT_EQ(delivery_id("header:X-Id", {{"x-ID", "a b"}, {"X-Other", "c"}}, "").text, "a b");
  EXPECT_EQ(delivery_id("header:X-Id", {}, "").why, "X-Id is missing");
  EXPECT_EQ(delivery_id("header:X-Id", {{"X-Id", ""}}, "").why, "X-Id is empty");
  const DeliveryId twice = delivery_id("header:X-Id", {{"X-Id", "a"}, {"x-id", "a"}}, "");
  EXPECT_FALSE(twice.text);
  EXPECT_EQ(twice.why, "X-Id stands more than once");
}

TEST(DeliveryId, HasAtMost256Bytes) {
  const std::string longest(256, 'x');
  EXPECT_EQ(delivery_id("header:X-Id", {{"X-Id", longest}}, "").text, longest);
  const DeliveryId longer = delivery_id("json:/id", {}, R"({"id":")" + longest + R"(x"})");
  EXPECT_FALSE(longer.text);
  EXPECT_EQ(longer.why, "it has 257 bytes, and at most 256 are an id");
}

TEST(DeliveryId, OfABodyIsATextOrANumber) {
  EXPECT_EQ(delivery_id("json:/id", {}, R"({"x":{"id":1},"id":"a\u00e4\"b"})").text, "a\xC3\xA4\"b");
  EXPECT_EQ(delivery_id("json:/a/id", {}, R"({"a":{"id": 17 }})").text, "17");
  EXPECT_EQ(delivery_id("json:/id", {}, R"({"id":12345678901234567890123})").text, "12345678901234567890123");
  for (const char* body : {R"({"id":null})", R"({"id":true})", R"({"id":{}})", R"({"id":["a"]})", R"({"id":""})",
                           R"({"id":"a)", R"({"id":"\x"})", R"({"id":)"}) {
    const DeliveryId id = delivery_id("json:/id", {}, body);
    EXPECT_FALSE(id.text) << body;
    EXPECT_NE(id.why, "") << body;
  }
  EXPECT_EQ(delivery_id("json:/id", {}, "{}").why, "the body has nothing at /id");
  EXPECT_EQ(delivery_id("json:/id", {}, "").why, "the body has nothing at /id");
}

}  // namespace
}  // namespace penstock::explaining
