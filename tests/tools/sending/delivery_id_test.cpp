#include "sending/delivery_id.hpp"

#include <gmock/gmock.h>

#include <set>

namespace penstock::sending {
namespace {

TEST(DeliveryIds, AreRandomUuids) {
  DeliveryIds ids;
  std::set<std::string> seen;
  for (int i = 0; i < 1'000; ++i) {
    const std::string id = ids.fresh();
    EXPECT_THAT(id, testing::MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
    EXPECT_TRUE(seen.insert(id).second) << id;
  }
}

TEST(DeliveryIds, AreReplacedInPlaceInTheirOwnShape) {
  const std::string before = R"({"id":"03c164c2-8912-4d5e-8009-3707d5f83734","x":"03c164c2"})";
  std::string body = before;
  DeliveryIds ids{1};
  ids.replace(body, *find_json(body, "/id"));

  EXPECT_NE(body, before);
  EXPECT_EQ(body.size(), before.size());
  EXPECT_EQ(body.substr(0, 7), before.substr(0, 7));
  EXPECT_EQ(body.substr(43), before.substr(43)) << "no other byte changes";
  EXPECT_THAT(body, testing::ContainsRegex("\"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\""));
}

TEST(DeliveryIds, StayJsonWhateverTheyAre) {
  DeliveryIds ids{1};
  for (const std::string before : {R"({"id":10750920})", R"({"id":"a\"\\z9\u00fc"})", R"({"id":"evt_1AbZ"})"}) {
    std::string body = before;
    ids.replace(body, *find_json(body, "/id"));
    EXPECT_EQ(body.size(), before.size());
    for (std::size_t i = 0; i < body.size(); ++i) {
      EXPECT_EQ(std::isdigit(static_cast<unsigned char>(body[i])) != 0,
                std::isdigit(static_cast<unsigned char>(before[i])) != 0)
          << body;
      EXPECT_EQ(std::isalpha(static_cast<unsigned char>(body[i])) != 0,
                std::isalpha(static_cast<unsigned char>(before[i])) != 0)
          << body;
    }
    EXPECT_EQ(body.find("\":0"), std::string::npos) << "a number never begins with 0";
  }
}

TEST(DeliveryIds, OfABodyBelongToItsBytes) {
  EXPECT_EQ(id_of("{}"), id_of("{}"));
  EXPECT_NE(id_of("{}"), id_of("{ }"));
}

}  // namespace
}  // namespace penstock::sending
