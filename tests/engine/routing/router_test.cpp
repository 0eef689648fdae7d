#include "routing/router.hpp"

#include "event/block.hpp"
#include "event/block_pool.hpp"
#include "event/memory.hpp"
#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <stdexcept>
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

/// A block with what an event came with, and what a Router asks for to read it.
class Received {
 public:
  Received(const Fields& fields, std::string_view payload)
      : block_{*pool_.take(event::Block::size_for(4'096, payload.size()), 0)} {
    block_.lay_out(4'096);
    for (const auto& [name, value] : fields) EXPECT_TRUE(block_.add_field(name, value));
    std::copy(payload.begin(), payload.end(), block_.payload);
    std::fill_n(block_.payload + payload.size(), event::kPayloadPadding, '"');  // The worst that may stand there.
    block_.payload_bytes = payload.size();
    block_.topic = "base";
    block_.base_topic_bytes = 4;
  }
  ~Received() {
    pool_.give(&block_);
    memory_.leave_pool(pool_);
    memory_.unref();
  }
  Received(const Received&) = delete;
  Received& operator=(const Received&) = delete;

  FoundValue under(const Route& route) { return Router{route}.sub_topic(block_, reader_, room_); }
  FoundValue at(const Route& route) { return Router{route}.find(block_, reader_, room_); }

 private:
  event::Memory& memory_ = *event::Memory::make(16U << 20U);
  event::BlockPool& pool_ = memory_.adopt_pool();
  event::Block& block_;
  JsonFieldReader reader_;
  Router::Room room_{};
};

class RouterTest : public testing::TestWithParam<Case> {};

TEST_P(RouterTest, Finds) {
  const Case& c = GetParam();
  Received received{c.fields, c.payload};
  const FoundValue found = received.under(c.route);
  EXPECT_EQ(found.status, c.status);
  EXPECT_EQ(found.value, c.value);
}

Route of_header() { return Route::header("X-GitHub-Event"); }
Route of_json() { return Route::json("/type"); }
Route of_any() { return Route::first_of({of_header(), of_json(), Route::json("/kind")}); }

INSTANTIATE_TEST_SUITE_P(
    Places, RouterTest,
    testing::Values(
        Case{"AHeader", of_header(), {{"x-github-event", "push"}}, "", Found::found, "push"},
        Case{"AHeaderAmongOthers",
             of_header(),
             {{"a", "b"}, {"X-GITHUB-EVENT", "push"}, {"c", "d"}},
             "",
             Found::found,
             "push"},
        Case{"NoHeader", of_header(), {{"x-github-events", "push"}}, R"({"type":"x"})", Found::absent, ""},
        Case{"AHeaderTwice",
             of_header(),
             {{"x-github-event", "push"}, {"X-GitHub-Event", "push"}},
             "",
             Found::repeated,
             ""},
        Case{"AnEmptyHeader", of_header(), {{"x-github-event", ""}}, "", Found::not_a_topic, ""},
        Case{"AHeaderWithALineBreak",
             of_header(),
             {{"x-github-event", "push\r\nSet-Cookie: a"}},
             "",
             Found::not_a_topic,
             ""},
        Case{"AHeaderWithAWildcard", of_header(), {{"x-github-event", "*"}}, "", Found::not_a_topic, ""},
        Case{"AHeaderWithEmptyLevels", of_header(), {{"x-github-event", "a..b"}}, "", Found::not_a_topic, ""},
        Case{"ALongHeader",
             of_header(),
             {{"x-github-event",
               "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
               "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}},
             "",
             Found::not_a_topic,
             ""},
        Case{"SeveralLevels", of_header(), {{"x-github-event", "git.push"}}, "", Found::found, "git.push"},
        Case{"AField", of_json(), {}, R"({"type":"push"})", Found::found, "push"},
        Case{"NoField", of_json(), {{"type", "header"}}, R"({"kind":"push"})", Found::absent, ""},
        Case{"AFieldThatIsANumber", of_json(), {}, R"({"type":7})", Found::not_a_string, ""},
        Case{"AFieldThatIsNoTopic", of_json(), {}, R"({"type":"a b"})", Found::not_a_topic, ""},
        Case{"AFieldWithALineBreak", of_json(), {}, R"({"type":"a\r\nb"})", Found::not_a_topic, ""},
        Case{"APayloadThatIsNoJson", of_json(), {}, "payload=%7B%7D", Found::absent, ""},
        Case{"ADamagedPayload", of_json(), {}, R"({"type)", Found::malformed, ""},
        Case{"TheFirstOfSeveral", of_any(), {{"x-github-event", "push"}}, R"({"type":"other"})", Found::found, "push"},
        Case{"TheSecondWhenTheFirstIsNotThere", of_any(), {}, R"({"type":"other"})", Found::found, "other"},
        Case{"TheThirdWhenNoOtherIsThere", of_any(), {}, R"({"kind":"third"})", Found::found, "third"},
        Case{"NoneOfSeveral", of_any(), {}, R"({"a":1})", Found::absent, ""},
        Case{"TheFirstThatExistsWhateverItsValue",
             of_any(),
             {{"x-github-event", "no topic"}},
             R"({"type":"good"})",
             Found::not_a_topic,
             ""},
        Case{"ANumberThoughALaterPlaceHasText", of_any(), {}, R"({"type":7,"kind":"good"})", Found::not_a_string, ""}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(RouterFunction, SeesTheEventAndGivesAValueOfItsOwn) {
  Received received{{{"X-Kind", "pull"}}, R"({"action":"opened"})"};
  const Route joined = Route::function("kind and action", [](const Event& event, std::span<char> room) {
    const std::string value = std::string(*event.metadata("x-kind")) + '.' + std::string(event.payload().substr(11, 6));
    EXPECT_EQ(event.topic(), "base");
    EXPECT_EQ(event.id(), EventId{});
    return std::string_view{room.data(), value.copy(room.data(), room.size())};
  });
  const FoundValue found = received.under(joined);
  EXPECT_EQ(found.status, Found::found);
  EXPECT_EQ(found.value, "pull.opened");
}

TEST(RouterFunction, LeavesTheEventToTheNextPlaceByAnEmptyValue) {
  Received received{{}, R"({"type":"push"})"};
  const Route none = Route::function("none", [](const Event&, std::span<char>) { return std::string_view{}; });
  EXPECT_EQ(received.under(none).status, Found::absent);
  EXPECT_EQ(received.under(Route::first_of({none, of_json()})).value, "push");
}

TEST(RouterFunction, IsNoMoreTrustedThanASender) {
  Received received{{}, "{}"};
  const Route hostile = Route::function("hostile", [](const Event&, std::span<char>) { return "a b"; });
  EXPECT_EQ(received.under(hostile).status, Found::not_a_topic);
  const Route throwing = Route::function(
      "throwing", [](const Event&, std::span<char>) -> std::string_view { throw std::runtime_error("no name"); });
  EXPECT_EQ(received.under(throwing).status, Found::not_a_topic);
}

TEST(RouterFunction, MayCopyTheEventForAsLongAsItRuns) {
  Received received{{}, "{}"};
  const Route copying = Route::function("copying", [](const Event& event, std::span<char>) {
    const Event copy = event;  // NOLINT(performance-unnecessary-copy-initialization): that is what is tried.
    return copy.payload() == "{}" ? std::string_view{"good"} : std::string_view{};
  });
  EXPECT_EQ(received.under(copying).value, "good");
}

TEST(RouterFind, GivesWhatIsNoSubTopicToo) {
  Received received{{{"x-github-event", "no topic"}}, R"({"type":7})"};
  EXPECT_EQ(received.at(of_header()).status, Found::found);
  EXPECT_EQ(received.at(of_header()).value, "no topic");
  EXPECT_EQ(received.at(of_json()).status, Found::number);
  EXPECT_EQ(received.at(of_json()).value, "7");
  EXPECT_EQ(received.at(Route::json("/id")).status, Found::absent);
}

TEST(RouterText, NamesItsPlacesInOrder) {
  EXPECT_EQ(Router{of_any()}.text(), "header:X-GitHub-Event, json:/type, json:/kind");
  const Route function = Route::function("own", [](const Event&, std::span<char>) { return std::string_view{}; });
  EXPECT_EQ(Router{function}.text(), "function:own");
}

TEST(RouterPayload, IsReadOnlyWhenSomePlaceIsInIt) {
  EXPECT_FALSE(Router{of_header()}.reads_payload());
  EXPECT_TRUE(Router{of_json()}.reads_payload());
  EXPECT_TRUE(Router{of_any()}.reads_payload());
}

}  // namespace
}  // namespace penstock::routing
