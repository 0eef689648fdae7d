#include "config/sources.hpp"

#include "tools/config/reading.hpp"
#include <gmock/gmock.h>

namespace penstock::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

/// A file whose line 3, from column 3, is `source`; with variables S and T.
Read read_source(const std::string& source) {
  return read_config("journal: off\nsources:\n  " + source + "\n", Variables{{"S", "hush"}, {"T", "token"}});
}

const Source& only(const Read& read) {
  if (!read.config) throw std::runtime_error{read.lines.front()};
  return read.config->sources.at(0);
}

TEST(Sources, TakeEverythingFromTheirPreset) {
  const Read read = read_source(R"(github: { preset: github, secrets: [ "${env:S}", "${env:T}" ] })");
  const Source& source = only(read);
  EXPECT_EQ(source.name, "github");
  EXPECT_EQ(source.topic, "github");
  EXPECT_EQ(source.preset, "github");
  EXPECT_EQ(source.scheme.kind, verify::Kind::hmac);
  EXPECT_EQ(source.secrets, 2U);
  EXPECT_NE(source.verifier, nullptr);
  EXPECT_THAT(source.event, ElementsAre("header:X-GitHub-Event"));
  EXPECT_EQ(source.dedup.id, "header:X-GitHub-Delivery");
  EXPECT_EQ(source.dedup.window, std::chrono::hours{24});
  EXPECT_EQ(source.accepted_status, 200);
  EXPECT_FALSE(source.keep_encoded);
  EXPECT_EQ(source.payload_bytes_max, 25U << 20U);
}

TEST(Sources, MayOverrideAnyKeyOfTheirPreset) {
  const Read read = read_source(
      "hub: { preset: github, secrets: \"${env:S}\", topic: code.github, event: [ \"json:/action\", \"header:X-Else\" "
      "], "
      "dedup: { window: 1h }, accepted_status: 202, encoded: keep, limits: { payload: 1MiB } }");
  const Source& source = only(read);
  EXPECT_EQ(source.topic, "code.github");
  EXPECT_THAT(source.event, ElementsAre("json:/action", "header:X-Else"));
  EXPECT_EQ(source.dedup.id, "header:X-GitHub-Delivery");
  EXPECT_EQ(source.dedup.window, std::chrono::hours{1});
  EXPECT_EQ(source.accepted_status, 202);
  EXPECT_TRUE(source.keep_encoded);
  EXPECT_EQ(source.payload_bytes_max, 1U << 20U);
  EXPECT_EQ(read.config->payload_bytes_max(), 25U << 20U) << "the broker must take what any source takes";
}

TEST(Sources, MaySwitchDedupOff) {
  EXPECT_EQ(only(read_source("a: { preset: github, secrets: \"${env:S}\", dedup: off }")).dedup.id, "");
}

TEST(Sources, WithoutVerificationMustBeWrittenOutAndAreTold) {
  const Read read = read_source("open: { verify: { kind: none } }");
  EXPECT_EQ(only(read).scheme.kind, verify::Kind::none);
  EXPECT_THAT(
      read.lines,
      ElementsAre("penstock.yaml:3:3: warning: sources.open: verify kind none: whoever reaches the port may send"));
  EXPECT_THAT(
      read_source("open: {}").lines,
      ElementsAre("penstock.yaml:3:9: sources.open: who may send? add 'preset', or 'verify'; 'verify: { kind: none "
                  "}' takes anything"));
}

TEST(Sources, OfOneTopicMustAgreeOnTheirEvent) {
  const std::string first = "a: { preset: github, secrets: \"${env:S}\", topic: code }\n  ";
  EXPECT_THAT(
      read_source(first + "b: { preset: gitlab, secrets: \"${env:S}\", topic: code }").lines,
      ElementsAre("penstock.yaml:4:3: sources.b: its 'event' differs from that of source 'a', and both are topic "
                  "'code'; make them agree, or give one another 'topic'"));
  EXPECT_THAT(
      read_source(first + "b: { preset: gitlab, secrets: \"${env:S}\", topic: code, event: \"header:x-github-event\" }")
          .lines,
      IsEmpty())
      << "names of headers have no case";
}

struct Bad {
  const char* name;
  const char* text;
  const char* line;
};

class SourcesRefuse : public testing::TestWithParam<Bad> {};

TEST_P(SourcesRefuse, WithTheirPlaceAndARemedy) {
  const Read read = read_source(GetParam().text);
  EXPECT_FALSE(read.config);
  EXPECT_THAT(read.lines, ElementsAre(StartsWith(GetParam().line)));
}

INSTANTIATE_TEST_SUITE_P(
    Files, SourcesRefuse,
    testing::Values(
        Bad{"AReservedName", "admin: { verify: { kind: none } }",
            "penstock.yaml:3:3: sources: the name 'admin' is reserved; choose another"},
        Bad{"TheOtherReservedName", "backstage: { verify: { kind: none } }",
            "penstock.yaml:3:3: sources: the name 'backstage' is reserved; choose another"},
        Bad{"TheNameOfNoSource", "other: { verify: { kind: none } }",
            "penstock.yaml:3:3: sources: the name 'other' is reserved; choose another"},
        Bad{"ANameWithASlash", "a/b: { verify: { kind: none } }",
            "penstock.yaml:3:3: sources: 'a/b' cannot be the name of a source; use letters, digits, - and _"},
        Bad{"ANameOfTwoLevels", "a.b: { verify: { kind: none } }",
            "penstock.yaml:3:3: sources: 'a.b' cannot be the name of a source; use letters, digits, - and _"},
        Bad{"ANameThatIsTooLong",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
            "aaaaaa"
            "aaaaaaaaaaaaaaaaaaaaa: { verify: { kind: none } }",
            "penstock.yaml:3:3: sources: 'aaaaa"},
        Bad{"ADotAsName", "\"..\": { verify: { kind: none } }", "penstock.yaml:3:3: sources: '..' cannot be the name"},
        Bad{"NoName", "\"\": { verify: { kind: none } }", "penstock.yaml:3:3: sources: '' cannot be the name"},
        Bad{"ATwin", "a: { verify: { kind: none } }\n  a: { verify: { kind: none } }",
            "penstock.yaml:4:3: key 'a' stands twice"},
        Bad{"AScalar", "a: github", "penstock.yaml:3:6: sources.a: a map belongs here, with some of preset, verify"},
        Bad{"AnUnknownKey", "a: { preset: github, secret: x, secrets: \"${env:S}\" }",
            "penstock.yaml:3:24: sources.a: unknown key 'secret'; did you mean 'secrets'?"},
        Bad{"AnUnknownPreset", "a: { preset: git-hub, secrets: \"${env:S}\" }",
            "penstock.yaml:3:16: sources.a: unknown preset 'git-hub'; did you mean 'github'?"},
        Bad{"APresetOfAnotherWorld", "a: { preset: carrierpigeon }",
            "penstock.yaml:3:16: sources.a: unknown preset 'carrierpigeon'; known are github, gitlab, bitbucket-cloud, "
            "bitbucket-server, azure-devops, gerrit"},
        Bad{"ABadTopic", "a: { verify: { kind: none }, topic: a..b }",
            "penstock.yaml:3:39: sources.a.topic: 'a..b' is no topic: levels of letters"},
        Bad{"APattern", "a: { verify: { kind: none }, topic: \"a.*\" }",
            "penstock.yaml:3:39: sources.a.topic: 'a.*' is no topic"},
        Bad{"AnEventWithoutAPointer", "a: { verify: { kind: none }, event: \"json:a.type\" }",
            "penstock.yaml:3:39: sources.a.event: 'json:a.type' is no place in a request; did you mean "
            "'json:/a/type'?"},
        Bad{"AnEventAsAJsonPath", "a: { verify: { kind: none }, event: [ \"json:$.type\" ] }",
            "penstock.yaml:3:39: sources.a.event: 'json:$.type' is no place in a request; did you mean 'json:/type'?"},
        Bad{"AnEventOfNothing", "a: { verify: { kind: none }, event: body }",
            "penstock.yaml:3:39: sources.a.event: 'body' is no place in a request; write header:NAME or json:/POINTER"},
        Bad{"ADedupWithoutId", "a: { verify: { kind: none }, dedup: { window: 1h } }",
            "penstock.yaml:3:39: sources.a.dedup: 'id' is missing: the place of the delivery id"},
        Bad{"ADedupOfNothing", "a: { verify: { kind: none }, dedup: { id: x } }",
            "penstock.yaml:3:45: sources.a.dedup.id: 'x' is no place in a request"},
        Bad{"ADedupWithoutUnit", "a: { preset: github, secrets: \"${env:S}\", dedup: { window: 24 } }",
            "penstock.yaml:3:62: sources.a.dedup.window: '24': a time needs a unit"},
        Bad{"AStatusThatIsNoSuccess", "a: { verify: { kind: none }, accepted_status: 301 }",
            "penstock.yaml:3:49: sources.a.accepted_status: 301 is not between 200 and 299"},
        Bad{"AStatusWithoutABody", "a: { verify: { kind: none }, accepted_status: 204 }",
            "penstock.yaml:3:49: sources.a.accepted_status: 204 carries no body, and the answer has one; write 200"},
        Bad{"AnEncodingThatIsNotKept", "a: { verify: { kind: none }, encoded: gunzip }",
            "penstock.yaml:3:41: sources.a.encoded: 'gunzip' is unknown; write keep"},
        Bad{"AnUnknownLimit", "a: { verify: { kind: none }, limits: { head: 1KiB } }",
            "penstock.yaml:3:42: sources.a.limits: unknown key 'head'"},
        Bad{"APayloadAboveThatOfAllSources", "a: { preset: gitlab, secrets: \"${env:S}\", limits: { payload: 26MiB } }",
            "penstock.yaml:3:64: sources.a.limits.payload: 26MiB is more than limits.payload (25MiB), the limit of all "
            "sources; raise that one, or lower this"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Sources, ThatAreAListAreTold) {
  EXPECT_THAT(read_config("journal: off\nsources: [ github ]\n").lines,
              ElementsAre("penstock.yaml:2:10: sources: a map belongs here: the name of each source, and what it is"));
}

TEST(Sources, OfLaterVersionsAreNotBuiltYet) {
  for (const Key& key : keys(Section::source)) {
    if (key.built) continue;
    const Read read = read_source("a: { verify: { kind: none }, " + std::string{key.name} + ": x }");
    EXPECT_FALSE(read.config) << key.name;
    EXPECT_EQ(read.lines.front(), "penstock.yaml:3:32: sources.a." + std::string{key.name} + ": not built yet");
  }
}

TEST(Sources, FromQueuesAreNotBuiltYetAndNothingElseIsWrong) {
  EXPECT_THAT(
      read_source("queue1: { sqs: { queue: \"https://sqs.eu-central-1.amazonaws.com/1/q\", region: eu-central-1 }, "
                  "topic: bitbucketCloud, event: [ \"header:x-event-key\" ] }")
          .lines,
      ElementsAre("penstock.yaml:3:13: sources.queue1.sqs: not built yet"));
}

TEST(Sources, OfLaterPresetsAreNotBuiltYet) {
  for (const std::string_view name : presets_not_built()) {
    const Read read = read_source("a: { preset: " + std::string{name} + ", secrets: \"${env:S}\" }");
    EXPECT_THAT(read.lines,
                ElementsAre("penstock.yaml:3:16: sources.a: preset '" + std::string{name} + "' is not built yet"));
  }
}

}  // namespace
}  // namespace penstock::config
