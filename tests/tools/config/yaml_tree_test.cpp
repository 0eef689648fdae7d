#include "config/yaml_tree.hpp"

#include <gmock/gmock.h>

#include <string>

namespace penstock::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

struct Result {
  std::optional<YamlNode> root;
  std::vector<std::string> lines;
};

Result read(std::string_view text) {
  Problems problems{"f"};
  Result result{read_yaml(text, problems), {}};
  for (const Problem& problem : problems.list()) result.lines.push_back(problems.line(problem));
  return result;
}

TEST(YamlTree, RemembersPlacesAndQuotes) {
  const Result result = read("a: x\nb:\n  c: [ 'y', z ]\n");

  ASSERT_TRUE(result.root && result.lines.empty());
  const YamlNode* a = result.root->find("a");
  ASSERT_NE(a, nullptr);
  EXPECT_EQ(a->text, "x");
  EXPECT_EQ(a->at, (Position{1, 4}));
  EXPECT_FALSE(a->quoted);
  const YamlNode* list = result.root->find("b")->find("c");
  ASSERT_EQ(list->items.size(), 2U);
  EXPECT_TRUE(list->items[0].quoted);
  EXPECT_EQ(list->items[1].at, (Position{3, 13}));
  EXPECT_EQ(result.root->entries[1].at, (Position{2, 1})) << "the key's place";
  EXPECT_EQ(result.root->find("nothing"), nullptr);
}

TEST(YamlTree, CountsColumnsInCharacters) {
  EXPECT_EQ(read("\xC3\xBC: \xC3\xBC\n").root->find("\xC3\xBC")->at, (Position{1, 4}));
  EXPECT_EQ(read("\xEF\xBB\xBF"
                 "a: x\n")
                .root->find("a")
                ->at,
            (Position{1, 4}))
      << "a byte order mark is no column";
  EXPECT_EQ(read("a: 1\r\nb: 2\r\n").root->find("b")->at, (Position{2, 4}));
}

TEST(YamlTree, TellsNothingFromAnEmptyMap) {
  EXPECT_EQ(read("").root->kind, YamlNode::Kind::null);
  EXPECT_EQ(read("# a comment\n").root->kind, YamlNode::Kind::null);
  EXPECT_EQ(read("{}\n").root->kind, YamlNode::Kind::map);
  EXPECT_EQ(read("a:\n").root->find("a")->kind, YamlNode::Kind::null);
  EXPECT_TRUE(read("a: |\n  x\n").root->find("a")->quoted) << "a block scalar is no plain one";
}

struct Bad {
  const char* name;
  std::string text;
  const char* line;
};

class YamlTreeRefuses : public testing::TestWithParam<Bad> {};

TEST_P(YamlTreeRefuses, WithItsPlace) {
  const Result result = read(GetParam().text);
  EXPECT_THAT(result.lines, ElementsAre(HasSubstr(GetParam().line)));
}

INSTANTIATE_TEST_SUITE_P(
    Texts, YamlTreeRefuses,
    testing::Values(Bad{"AKeyTwice", "a: 1\nb: 2\na: 3\n", "f:3:1: key 'a' stands twice; the first is at 1:1"},
                    Bad{"AnAnchor", "a: &x 1\n", "f:1:4: an anchor (&name) cannot stand here"},
                    Bad{"ATag", "a: !!str 1\n", "f:1:4: a tag cannot stand here"},
                    Bad{"AListAsKey", "? [ x ]\n: y\n", "f:1:3: a key must be a name"},
                    Bad{"ASecondDocument", "a: 1\n---\nb: 2\n", "f:3:1: a second document"},
                    Bad{"AQuoteWithoutEnd", "a: \"x\n", "f:1:4: the quote that begins here never ends"},
                    Bad{"ASingleQuoteWithoutEnd", "a: 'x\n", "f:1:4: the quote that begins here never ends"},
                    Bad{"AnOpenList", "sources: [\n", "f:2:1: not YAML: "},
                    Bad{"ATab", "a:\n\tb: 1\n", "indent with spaces, not tabs"},
                    Bad{"ASubstitutionWithoutQuotes", "a: [ ${env:X} ]\n", R"(write ${…} in quotes: "${env:NAME}")"},
                    Bad{"BytesThatAreNoText", "a: \xFF\xFE\n", "f:1:4: not UTF-8 text"},
                    Bad{"ANul", std::string("a: x\0y\n", 7), "f:1:5: not UTF-8 text"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(YamlTree, RefusesAnAliasWhereItStands) {
  EXPECT_THAT(read("a: &x { b: 1 }\nc: *x\n").lines, testing::Contains(StartsWith("f:2:4: an alias (*name)")));
}

TEST(YamlTree, RefusesDeepNestingWithoutGoingThere) {
  std::string maps = "a: ";
  for (int i = 0; i < 400; ++i) maps += "{a: ";
  for (const std::string& text : {maps, std::string(100'000, '['), "a:\n" + std::string(200'000, '-')}) {
    const Result result = read(text);
    EXPECT_FALSE(result.lines.empty() && result.root->kind != YamlNode::Kind::map) << text.substr(0, 20);
  }
  EXPECT_THAT(read(maps).lines, ElementsAre("f:1:128: nested deeper than 32 levels"));
}

}  // namespace
}  // namespace penstock::config
