#include "sending/json_place.hpp"

#include <gtest/gtest.h>

#include <string>

namespace penstock::sending {
namespace {

std::string found(std::string_view text, std::string_view pointer) {
  const std::optional<Place> place = find_json(text, pointer);
  return place ? std::string{text.substr(place->begin, place->size())} : "nothing";
}

TEST(JsonPlace, IsTheValueAsItIsWritten) {
  EXPECT_EQ(found(R"({"id":"a\"b","x":1})", "/id"), R"("a\"b")");
  EXPECT_EQ(found(R"({ "a" : 1 , "id" : 5.0 })", "/id"), "5.0");
  EXPECT_EQ(found(R"({"a":{"id":1},"id":{"b":[1,{"c":"}"}]}})", "/id"), R"({"b":[1,{"c":"}"}]})");
  EXPECT_EQ(found(R"({"a":{"b":{"c":true}}})", "/a/b/c"), "true");
  EXPECT_EQ(found(R"({"a/b":1,"c~d":2})", "/a~1b"), "1");
  EXPECT_EQ(found(R"({"a/b":1,"c~d":2})", "/c~0d"), "2");
  EXPECT_EQ(found(" [1] ", ""), "[1]");
}

TEST(JsonPlace, OfARepeatedNameIsTheFirst) { EXPECT_EQ(found(R"({"id":1,"id":2})", "/id"), "1"); }

TEST(JsonPlace, OfWhatIsNotThereIsNothing) {
  for (const char* text : {"", "{", "{}", "[]", "{\"id\"", "{\"id\":", R"({"a":1})", R"({"a":"x)", R"({"a":{"id":1})",
                           R"([{"id":1}])", "\"id\""}) {
    EXPECT_EQ(found(text, "/id"), "nothing") << text;
  }
  EXPECT_EQ(found(R"({"a":[{"b":1}]})", "/a/0/b"), "nothing") << "no steps into arrays";
  EXPECT_EQ(found(R"({"id":1})", "id"), "nothing") << "no pointer";
}

TEST(JsonPlace, NeverLeavesTheTextHoweverItIsCut) {
  const std::string text = R"({"a":{"b":["x\\",{"c":"\""}]},"id":"03c164c2"})";
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const std::string cut = text.substr(0, size);
    if (const std::optional<Place> place = find_json(cut, "/id")) {
      EXPECT_LE(place->begin, place->end);
      EXPECT_LE(place->end, cut.size());
    }
  }
}

}  // namespace
}  // namespace penstock::sending
