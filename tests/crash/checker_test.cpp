#include "crash/checker.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace penstock::test {
namespace {

/// Events 1 to 6 were published; 1 to 4 have receipts, 5 was refused, 6 never answered.
History honest_history() {
  History history;
  history.published_to = 6;
  for (std::uint64_t number = 1; number <= 4; ++number) history.receipts[number] = number;
  history.refused = {5};
  return history;
}

using Events = std::vector<Found>;

TEST(Checker, AcceptsWhatMayHaveHappened) {
  EXPECT_EQ(check(honest_history(), {{1, 1}, {2, 2}, {3, 3}, {4, 4}}), "");
  EXPECT_EQ(check(honest_history(), {{1, 1}, {2, 2}, {3, 3}, {4, 4}, {5, 6}}), "") << "stored, but not yet answered";
  EXPECT_EQ(check(honest_history(), {{3, 3}, {4, 4}}, 3), "") << "retention took the first two";
}

TEST(Checker, RefusesEachDoctoredHistory) {
  const std::vector<std::pair<std::string, Events>> doctored = {
      {"the last receipt's event is gone", {{1, 1}, {2, 2}, {3, 3}}},
      {"all is gone", {}},
      {"one in the middle is gone", {{1, 1}, {2, 2}, {3, 4}}},
      {"one in the middle is gone and leaves a hole", {{1, 1}, {2, 2}, {4, 4}}},
      {"one is there twice", {{1, 1}, {2, 2}, {3, 2}, {4, 3}, {5, 4}}},
      {"two have changed places", {{1, 1}, {2, 3}, {3, 2}, {4, 4}}},
      {"one has other bytes", {{1, 1}, {2, 0}, {3, 3}, {4, 4}}},
      {"one was never published", {{1, 1}, {2, 2}, {3, 3}, {4, 4}, {5, 7}}},
      {"a refused one is there", {{1, 1}, {2, 2}, {3, 3}, {4, 4}, {5, 5}}},
      {"an offset is left out", {{1, 1}, {2, 2}, {3, 3}, {5, 4}}},
      {"offsets begin too late", {{2, 1}, {3, 2}, {4, 3}, {5, 4}}},
      {"all are one further than their receipts say", {{1, 6}, {2, 1}, {3, 2}, {4, 3}, {5, 4}}},
  };
  for (const auto& [what, found] : doctored) EXPECT_NE(check(honest_history(), found), "") << what;
}

TEST(Checker, KeepsWhatReceiptsSay) {
  History history;
  history.answer(3, {{journal::Outcome::stored, 8, {}}, {journal::Outcome::full, 0, {}}});
  EXPECT_EQ(history.receipts, (std::map<std::uint64_t, std::uint64_t>{{3, 8}}));
  EXPECT_EQ(history.refused, (std::set<std::uint64_t>{4}));
}

}  // namespace
}  // namespace penstock::test
