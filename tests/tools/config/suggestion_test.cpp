#include "config/suggestion.hpp"

#include <gtest/gtest.h>

namespace penstock::config {
namespace {

TEST(EditDistance, CountsSingleSteps) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("abc", ""), 3U);
  EXPECT_EQ(edit_distance("secret", "secrets"), 1U);
  EXPECT_EQ(edit_distance("listne", "listen"), 1U) << "two neighbours exchanged";
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("Head-Time", "head_time"), 0U) << "case, - and _ do not count";
}

TEST(EditDistance, LooksAtABoundedPartOfLongNames) { EXPECT_LE(edit_distance(std::string(1'000'000, 'a'), "b"), 64U); }

TEST(Suggestion, NamesTheNearest) {
  EXPECT_EQ(suggestion("secret", {"preset", "secrets", "topic"}), "; did you mean 'secrets'?");
  EXPECT_EQ(suggestion("lisen", {"limits", "listen"}), "; did you mean 'listen'?");
}

TEST(Suggestion, IsSilentWhenNothingIsNear) {
  EXPECT_EQ(suggestion("colour", {"preset", "secrets", "topic"}), "");
  EXPECT_EQ(suggestion("x", {}), "");
}

}  // namespace
}  // namespace penstock::config
