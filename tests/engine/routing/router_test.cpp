#include "routing/router.hpp"

#include "event/block.hpp"
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace penstock::routing {
namespace {

using Fields = std::vector<MetadataField>;

struct Case {
  const char* name;
  Route route;
  Fields fields;
  std::string payload;
  Found status;
  std::string_view value;
};

class RouterTest : public testing::TestWithParam<Case> {};

TEST_P(RouterTest, Finds) {
  const Case& c = GetParam();
  const Router router{c.route};
  const std::string block = c.payload + std::string(event::kPayloadPadding, '"');
  JsonFieldReader reader;
  const SubTopic found = router.sub_topic(c.fields, {block.data(), c.payload.size()}, reader);
  EXPECT_EQ(found.status, c.status);
  EXPECT_EQ(found.value, c.value);
}

const Route kHeader = Route::header("X-GitHub-Event");
const Route kJson = Route::json("/type");
const Route kEither = Route::first_of({kHeader, kJson, Route::json("/kind")});

INSTANTIATE_TEST_SUITE_P(
    Places, RouterTest,
    testing::Values(
        Case{"AHeader", kHeader, {{"x-github-event", "push"}}, "", Found::found, "push"},
        Case{"AHeaderAmongOthers",
             kHeader,
             {{"a", "b"}, {"X-GITHUB-EVENT", "push"}, {"c", "d"}},
             "",
             Found::found,
             "push"},
        Case{"NoHeader", kHeader, {{"x-github-events", "push"}}, R"({"type":"x"})", Found::absent, ""},
        Case{
            "AHeaderTwice", kHeader, {{"x-github-event", "push"}, {"X-GitHub-Event", "push"}}, "", Found::repeated, ""},
        Case{"AnEmptyHeader", kHeader, {{"x-github-event", ""}}, "", Found::not_a_topic, ""},
        Case{"AHeaderWithALineBreak",
             kHeader,
             {{"x-github-event", "push\r\nSet-Cookie: a"}},
             "",
             Found::not_a_topic,
             ""},
        Case{"AHeaderWithAWildcard", kHeader, {{"x-github-event", "*"}}, "", Found::not_a_topic, ""},
        Case{"AHeaderWithEmptyLevels", kHeader, {{"x-github-event", "a..b"}}, "", Found::not_a_topic, ""},
        Case{"ALongHeader",
             kHeader,
             {{"x-github-event",
               "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
               "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}},
             "",
             Found::not_a_topic,
             ""},
        Case{"SeveralLevels", kHeader, {{"x-github-event", "git.push"}}, "", Found::found, "git.push"},
        Case{"AField", kJson, {}, R"({"type":"push"})", Found::found, "push"},
        Case{"NoField", kJson, {{"type", "header"}}, R"({"kind":"push"})", Found::absent, ""},
        Case{"AFieldThatIsANumber", kJson, {}, R"({"type":7})", Found::not_a_string, ""},
        Case{"AFieldThatIsNoTopic", kJson, {}, R"({"type":"a b"})", Found::not_a_topic, ""},
        Case{"AFieldWithALineBreak", kJson, {}, R"({"type":"a\r\nb"})", Found::not_a_topic, ""},
        Case{"APayloadThatIsNoJson", kJson, {}, "payload=%7B%7D", Found::absent, ""},
        Case{"ADamagedPayload", kJson, {}, R"({"type)", Found::malformed, ""},
        Case{"TheFirstOfSeveral", kEither, {{"x-github-event", "push"}}, R"({"type":"other"})", Found::found, "push"},
        Case{"TheSecondWhenTheFirstIsNotThere", kEither, {}, R"({"type":"other"})", Found::found, "other"},
        Case{"TheThirdWhenNoOtherIsThere", kEither, {}, R"({"kind":"third"})", Found::found, "third"},
        Case{"NoneOfSeveral", kEither, {}, R"({"a":1})", Found::absent, ""},
        Case{"TheFirstThatExistsWhateverItsValue",
             kEither,
             {{"x-github-event", "no topic"}},
             R"({"type":"good"})",
             Found::not_a_topic,
             ""},
        Case{"ANumberThoughALaterPlaceHasText", kEither, {}, R"({"type":7,"kind":"good"})", Found::not_a_string, ""}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(RouterText, NamesItsPlacesInOrder) {
  EXPECT_EQ(Router{kEither}.text(), "header:X-GitHub-Event, json:/type, json:/kind");
}

TEST(RouterPayload, IsReadOnlyWhenSomePlaceIsInIt) {
  EXPECT_FALSE(Router{kHeader}.reads_payload());
  EXPECT_TRUE(Router{kJson}.reads_payload());
  EXPECT_TRUE(Router{kEither}.reads_payload());
}

}  // namespace
}  // namespace penstock::routing
