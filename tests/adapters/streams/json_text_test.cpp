#include "streams/json_text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace penstock::streams {
namespace {

TEST(JsonChecker, TakesOneValueOfAnyKind) {
  JsonChecker checker;
  for (const char* text :
       {"{}", "[]", "null", "true", "-0", "5.0", "1e400", "\"x\"", " \r\n\t{\"a\":[1,{\"b\":null}]}\n",
        R"("\u00e9\ud83d\ude00")", "\"\xC3\xA9\"", R"({"a":1,"a":2})"}) {
    EXPECT_TRUE(checker.valid(text)) << text;
  }
}

TEST(JsonChecker, RefusesWhatIsNoValueOrMoreThanOne) {
  JsonChecker checker;
  for (const char* text : {"", " ", "{} {}", "{}x", "1 2", "{\"a\":1,}", "{'a':1}", "// x\n1", "nul", "01", "+1", "NaN",
                           "\"a", "\"a\nb\"", R"("\x")", "[1", "\xEF\xBB\xBF{}"}) {
    EXPECT_FALSE(checker.valid(text)) << text;
  }
  EXPECT_FALSE(checker.valid(std::string(1, '\0')));
  EXPECT_FALSE(checker.valid(std::string{"{}\0", 3}));
}

TEST(JsonChecker, RefusesTextThatIsNotUtf8) {
  JsonChecker checker;
  for (const char* text :
       {"\"\xFF\"", "\"\xC0\xAF\"", "\"\xED\xA0\x80\"", "\"\xF4\x90\x80\x80\"", "\"\xE2\x82\"", "{\"\x80\":1}"}) {
    EXPECT_FALSE(checker.valid(text)) << text;
  }
}

TEST(JsonChecker, IsAsGoodAfterABadTextAsBefore) {
  JsonChecker checker;
  EXPECT_FALSE(checker.valid("[[[\"a"));
  EXPECT_TRUE(checker.valid("[1]"));
  EXPECT_FALSE(checker.valid("]"));
}

TEST(JsonChecker, GivesUpOnDeepNestingInsteadOfTheStack) {
  JsonChecker checker;
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(checker.valid(nested(kJsonDepthMax)));
  EXPECT_FALSE(checker.valid(nested(kJsonDepthMax + 1)));
  EXPECT_FALSE(checker.valid(nested(100'000)));
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  EXPECT_FALSE(checker.valid(objects));
}

TEST(JsonString, EscapesWhatJsonWantsEscapedAndNothingElse) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", "\"\""},
      {"plain /'<>", "\"plain /'<>\""},
      {"a\"b\\c", R"("a\"b\\c")"},
      {"\r\n\t", R"("\r\n\t")"},
      {std::string{"\0\x1B\x7F", 3}, R"("\u0000\u001b\u007f")"},
      {"\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80", "\"\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80\""},
  };
  for (const auto& [text, json] : cases) {
    std::string out;
    append_json_string(out, text);
    EXPECT_EQ(out, json);
  }
}

TEST(JsonString, ReplacesEachByteThatIsNotUtf8) {
  const std::string bad = "\xEF\xBF\xBD";
  const std::vector<std::pair<std::string, std::string>> cases{
      {"a\xFFz", "\"a" + bad + "z\""},
      {"\xC3", "\"" + bad + "\""},
      {"\xE2\x82", "\"" + bad + bad + "\""},
      {"\xC0\x80", "\"" + bad + bad + "\""},
      {"\xED\xA0\x80", "\"" + bad + bad + bad + "\""},
      {"\xE2\"", "\"" + bad + R"(\"")"},
  };
  JsonChecker checker;
  for (const auto& [text, json] : cases) {
    std::string out;
    append_json_string(out, text);
    EXPECT_EQ(out, json);
    EXPECT_TRUE(checker.valid(out));
  }
}

TEST(Base64, IsTheOneOfRfc4648) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
      {"\xFB\xFF\xBF", "+/+/"},
  };
  for (const auto& [bytes, text] : cases) {
    std::string out;
    append_base64(out, bytes);
    EXPECT_EQ(out, text);
  }
}

}  // namespace
}  // namespace penstock::streams
