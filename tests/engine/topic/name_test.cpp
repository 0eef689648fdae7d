#include <gtest/gtest.h>
#include <penstock/topic.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace penstock {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kLevelBytes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:/-";

const std::vector<std::string_view>& refused_names() {
  static const std::vector<std::string_view> names = {
      "",
      ".",
      ".a",
      "a.",
      "a..b",
      "a b",
      " a",
      "a ",
      "a\n",
      "a\r\nb",
      "a\tb",
      "a\0b"sv,
      "\0"sv,
      "a%2e",
      "a\\b",
      "a\"b",
      "a'b",
      "a<b",
      "a>b",
      "a*b",
      "*",
      ">",
      "a.*",
      "a.>",
      "a,b",
      "a;b",
      "a@b",
      "a+b",
      "a=b",
      "a?b",
      "a#b",
      "a&b",
      "a{b}",
      "a[0]",
      "a|b",
      "a~b",
      "a`b",
      "a$b",
      "a!b",
      "a(b)",
      "\x7f",
      "\x80",
      "caf\xc3\xa9",
      "\xff\xfe",
      "a\xe2\x80\xae.b",  // NOLINT(misc-misleading-bidirectional): nobody is misled by its escapes.
      ("a\xef\xbc\x8e"
       "b"),
      "\xc0\xae",
      "..",
      "../..",
      "a.b..",
  };
  return names;
}

TEST(TopicName, MayBeMadeOfEveryLevelByte) {
  for (const char c : kLevelBytes) EXPECT_TRUE(valid_topic(std::string(1, c))) << c;
}

TEST(TopicName, MayBeMadeOfNoOtherByte) {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    if (kLevelBytes.find(c) != std::string_view::npos) continue;
    EXPECT_FALSE(valid_topic(std::string(1, c))) << byte;
    const std::string inside = std::string("a") + c + "b";
    EXPECT_EQ(valid_topic(inside), c == '.') << byte;
  }
}

TEST(TopicName, IsAccepted) {
  for (const std::string_view name : {"a"sv, "github"sv, "github.push"sv, "bitbucketCloud.repo:push"sv,
                                      "azureDevOps.git.push"sv, "a/b-c_d:e"sv, "-"sv, "/"sv, "0.1.2"sv}) {
    EXPECT_TRUE(valid_topic(name)) << name;
    EXPECT_TRUE(valid_base_topic(name)) << name;
    EXPECT_TRUE(valid_sub_topic(name)) << name;
    EXPECT_TRUE(valid_pattern(name)) << name;
  }
}

TEST(TopicName, IsRefused) {
  for (const std::string_view name : refused_names()) {
    EXPECT_FALSE(valid_topic(name)) << name;
    EXPECT_FALSE(valid_base_topic(name)) << name;
    EXPECT_FALSE(valid_sub_topic(name)) << name;
  }
}

TEST(TopicName, IsAsLongAsItsLimitAndNoLonger) {
  const std::string longest_base(kBaseTopicBytesMax, 'a');
  const std::string longest_sub(kSubTopicBytesMax, 'b');
  EXPECT_TRUE(valid_base_topic(longest_base));
  EXPECT_FALSE(valid_base_topic(longest_base + 'a'));
  EXPECT_TRUE(valid_sub_topic(longest_sub));
  EXPECT_FALSE(valid_sub_topic(longest_sub + 'b'));
  EXPECT_TRUE(valid_topic(longest_base + '.' + longest_sub)) << "the longest that a router may make";
  EXPECT_FALSE(valid_topic(longest_base + '.' + longest_sub + 'b'));
  EXPECT_TRUE(valid_pattern(longest_base + '.' + longest_sub));
  EXPECT_FALSE(valid_pattern(longest_base + '.' + longest_sub + 'b'));
}

TEST(TopicName, MayHaveAsManyLevelsAsItsLengthAllows) {
  std::string name = "a";
  while (name.size() + 2 <= kTopicBytesMax) name += ".a";
  EXPECT_TRUE(valid_topic(name));
  EXPECT_TRUE(matches(name, name));
  EXPECT_TRUE(matches(">", name));
  EXPECT_FALSE(valid_topic(name + ".")) << "ends in an empty level";
}

TEST(Pattern, IsAccepted) {
  for (const std::string_view pattern :
       {"*"sv, ">"sv, "a.*"sv, "*.a"sv, "a.*.b"sv, "*.*"sv, "a.>"sv, "*.>"sv, "a.*.>"sv}) {
    EXPECT_TRUE(valid_pattern(pattern)) << pattern;
  }
}

TEST(Pattern, IsRefused) {
  for (const std::string_view pattern :
       {""sv,     "."sv,    "a."sv,  ".a"sv,  "a..b"sv,   "**"sv,    "a*"sv,  "*a"sv,
        "a.b*"sv, ">>"sv,   "a>"sv,  ">a"sv,  ">.a"sv,    "a.>.b"sv, ">.>"sv, "*>"sv,
        "a.*."sv, "a.>."sv, "a b"sv, "*\0"sv, "a.\xff"sv, "a.* "sv,  "#"sv,   "a.+"sv}) {
    EXPECT_FALSE(valid_pattern(pattern)) << pattern;
  }
}

struct Match {
  std::string_view pattern;
  std::vector<std::string_view> takes;
  std::vector<std::string_view> passes;
};

TEST(Pattern, TakesWhatItAsksForAndNothingElse) {
  const std::vector<Match> table = {
      {"github", {"github"}, {"github.push", "githu", "github2", "Github", "a.github"}},
      {"github.push", {"github.push"}, {"github", "github.pushed", "github.push.a", "a.github.push", "github.pus"}},
      {"github.*", {"github.push", "github.a:b"}, {"github", "github.a.b", "gitlab.push"}},
      {"github.>", {"github.push", "github.a.b", "github.a.b.c"}, {"github", "gitlab.push"}},
      {"*", {"a", "github"}, {"a.b"}},
      {">", {"a", "a.b", "a.b.c"}, {}},
      {"*.*", {"a.b"}, {"a", "a.b.c"}},
      {"*.>", {"a.b", "a.b.c"}, {"a"}},
      {"*.push", {"github.push", "gitlab.push"}, {"push", "github.pull", "a.b.push", "github.push.a"}},
      {"a.*.c", {"a.b.c", "a.x.c"}, {"a.c", "a.b.b.c", "a.b.c.d", "a.b"}},
      {"a.*.>", {"a.b.c", "a.b.c.d"}, {"a", "a.b", "b.b.c"}},
      {"a.b.>", {"a.b.c"}, {"a.b", "a.c.c", "a"}},
  };
  for (const Match& match : table) {
    ASSERT_TRUE(valid_pattern(match.pattern)) << match.pattern;
    for (const std::string_view topic : match.takes)
      EXPECT_TRUE(matches(match.pattern, topic)) << match.pattern << topic;
    for (const std::string_view topic : match.passes) {
      EXPECT_FALSE(matches(match.pattern, topic)) << match.pattern << topic;
    }
  }
}

}  // namespace
}  // namespace penstock
