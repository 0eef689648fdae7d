#include "config/section_reader.hpp"

#include "tools/config/reading.hpp"
#include <gmock/gmock.h>

namespace penstock::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// A section of limits with its problems.
class LimitsSection : public testing::Test {
 protected:
  SectionReader reader(const std::string& text) {
    root_ = *read_yaml(text, problems_);
    return {context_, root_, "limits", Section::limits};
  }

  [[nodiscard]] std::vector<std::string> lines() const {
    std::vector<std::string> all;
    for (const Problem& problem : problems_.list()) all.push_back(problems_.line(problem));
    return all;
  }

  Problems problems_{"f"};
  Substitution substitution_{environment_of({{"SIZE", "3MiB"}, {"BAD", "hush"}}), {}};
  Context context_{problems_, substitution_};
  YamlNode root_;
};

TEST_F(LimitsSection, ValuesReachTheirFieldsAndDefaultsStay) {
  const SectionReader limits = reader("payload: 2MiB\nhead_time: 5s\nconnections: 7\nmemory: \"${env:SIZE}\"\n");
  std::size_t payload = 0;
  std::size_t memory = 0;
  std::size_t untouched = 42;
  std::size_t connections = 0;
  std::chrono::milliseconds head_time{0};
  limits.size("payload", payload, {});
  limits.size("memory", memory, {});
  limits.size("head", untouched, {});
  limits.count("connections", connections, {});
  limits.duration("head_time", head_time, {});

  EXPECT_EQ(payload, 2U << 20U);
  EXPECT_EQ(memory, 3U << 20U);
  EXPECT_EQ(untouched, 42U);
  EXPECT_EQ(connections, 7U);
  EXPECT_EQ(head_time, std::chrono::seconds{5});
  EXPECT_THAT(lines(), IsEmpty());
}

TEST_F(LimitsSection, ValuesOutOfRangeAreRefusedInTheirOwnUnits) {
  const SectionReader limits = reader("payload: 2MiB\nhead_time: 5s\nconnections: 7\n");
  std::size_t number = 1;
  std::chrono::milliseconds time{1};
  limits.size("payload", number, {.min = 1, .max = 1U << 20U});
  limits.duration("head_time", time, {.min = 6'000, .max = 60'000});
  limits.count("connections", number, {.min = 8, .max = 9});

  EXPECT_EQ(number, 1U) << "a bad value leaves its field alone";
  EXPECT_THAT(lines(), ElementsAre("f:1:10: limits.payload: 2MiB is not between 1B and 1MiB",
                                   "f:2:12: limits.head_time: 5s is not between 6s and 1m",
                                   "f:3:14: limits.connections: 7 is not between 8 and 9"));
}

TEST_F(LimitsSection, WhatASubstitutionGaveIsNeverShown) {
  const SectionReader limits = reader("payload: \"${env:BAD}\"\n");
  std::size_t payload = 1;
  limits.size("payload", payload, {});
  EXPECT_THAT(lines(), ElementsAre("f:1:10: limits.payload: '${env:BAD}' gives no good value"));
}

TEST_F(LimitsSection, UnknownKeysAreToldWithTheNearestKnownOne) {
  (void)reader("paylod: 2MiB\ncolour: red\n");
  EXPECT_THAT(lines(), ElementsAre("f:1:1: limits: unknown key 'paylod'; did you mean 'payload'?",
                                   "f:2:1: limits: unknown key 'colour'"));
}

TEST_F(LimitsSection, OneValueIsNoListAndNoNothing) {
  const SectionReader limits = reader("payload: [ 2MiB ]\nhead:\ntarget: { a: b }\nunverified: ${env:SIZE}\n");
  std::size_t size = 1;
  for (const char* key : {"payload", "head", "target", "unverified"}) limits.size(key, size, {});
  EXPECT_THAT(lines(),
              ElementsAre("f:1:10: limits.payload: one value belongs here, not a list or a map",
                          "f:2:1: limits.head: the value is missing",
                          "f:3:9: limits.target: one value belongs here, not a list or a map",
                          R"(f:4:13: limits.unverified: ${…} is replaced in quotes only; write "${env:NAME}")"));
}

TEST_F(LimitsSection, ASectionThatIsNoMapSaysWhatBelongsThere) {
  root_ = *read_yaml("25MiB\n", problems_);
  (void)SectionReader{context_, root_, "log", Section::log};
  EXPECT_THAT(lines(), ElementsAre("f:1:1: log: a map belongs here, with some of format, level"));
}

TEST_F(LimitsSection, AValueFromAFlagIsToldUnderTheFlagsName) {
  root_.kind = YamlNode::Kind::map;
  root_.add("payload", {}, {.kind = YamlNode::Kind::scalar, .text = "25", .origin = "--payload"});
  const SectionReader limits{context_, root_, "limits", Section::limits};
  std::size_t size = 1;
  limits.size("payload", size, {});
  EXPECT_THAT(lines(), ElementsAre("f: --payload: '25': a size needs a unit; did you mean 25MiB or 25B?"));
}

TEST_F(LimitsSection, ASecretIsReadAndNeverShown) {
  root_ = *read_yaml("[ \"${env:BAD}\", hush, \"\", \"${env:NONE:-}\", [ hush ] ]\n", problems_);
  EXPECT_EQ(read_secret(context_, root_.items[0], "s")->reveal(), "hush");
  EXPECT_THAT(lines(), IsEmpty());

  EXPECT_EQ(read_secret(context_, root_.items[1], "s")->reveal(), "hush");
  for (std::size_t i = 2; i < root_.items.size(); ++i) EXPECT_FALSE(read_secret(context_, root_.items[i], "s"));
  EXPECT_THAT(
      lines(),
      ElementsAre(R"(f:1:23: s: the secret is empty; write "${env:NAME}" or "${file:PATH}")",
                  "f:1:27: s: the secret is empty: the variable or the file that it names holds nothing",
                  "f:1:44: s: one value belongs here, not a list or a map",
                  R"(f:1:17: warning: s: a secret is written out in the file; write "${env:NAME}" or "${file:PATH}")"));
}

}  // namespace
}  // namespace penstock::config
