#include "config/problem.hpp"

#include <gmock/gmock.h>

namespace penstock::config {
namespace {

using testing::ElementsAre;

std::vector<std::string> lines(const Problems& problems) {
  std::vector<std::string> all;
  for (const Problem& problem : problems.list()) all.push_back(problems.line(problem));
  return all;
}

TEST(Problems, AreGivenErrorsFirstAndEachInTheOrderOfTheFile) {
  Problems problems{"a.yaml"};
  problems.error({9, 2}, "late");
  problems.warning({2, 3}, "doubtful");
  problems.error({3, 10}, "early");

  EXPECT_THAT(lines(problems), ElementsAre("a.yaml:3:10: early", "a.yaml:9:2: late", "a.yaml:2:3: warning: doubtful"));
}

TEST(Problems, PastAHundredAreCountedAndNotKept) {
  Problems problems{"a.yaml"};
  for (int line = 1; line <= 150; ++line) problems.error({line, 1}, "wrong");
  for (int more = 0; more < 7; ++more) problems.error_unlisted();
  problems.warning({9, 9}, "doubtful");
  EXPECT_TRUE(problems.errors_are_full());

  const std::vector<std::string> all = lines(problems);
  ASSERT_EQ(all.size(), 102U);
  EXPECT_EQ(all[99], "a.yaml:100:1: wrong");
  EXPECT_EQ(all[100], "a.yaml:9:9: warning: doubtful");
  EXPECT_EQ(all[101], "a.yaml: and 57 more errors");
}

TEST(Problems, WithoutAPlaceNameTheFileAlone) {
  Problems problems{"a.yaml"};
  problems.error({}, "cannot be read");
  EXPECT_THAT(lines(problems), ElementsAre("a.yaml: cannot be read"));
}

TEST(Problems, StayOnOneLineWhateverTheyQuote) {
  Problems problems{"a.yaml"};
  problems.error({1, 1}, "a\nforged: line\x1b[2J");
  EXPECT_THAT(lines(problems), ElementsAre("a.yaml:1:1: a forged: line [2J"));
}

TEST(Problems, KnowTheirSeverities) {
  Problems problems{"a.yaml"};
  EXPECT_FALSE(problems.any(Severity::warning));
  problems.warning({1, 1}, "x");
  EXPECT_TRUE(problems.any(Severity::warning));
  EXPECT_FALSE(problems.any(Severity::error));
}

TEST(Shown, EscapesWhatATerminalObeysAndCutsWhatIsLong) {
  EXPECT_EQ(shown("plain"), "'plain'");
  EXPECT_EQ(shown("a\x1b[2J\n\x7f"), "'a\\x1b[2J\\x0a\\x7f'");
  EXPECT_EQ(shown("a\xC2\x9B"), "'a?'") << "U+009B begins a control sequence";
  EXPECT_EQ(shown("\xC3\xBC"), "'\xC3\xBC'");
  EXPECT_EQ(shown(std::string(61, 'x')), "'" + std::string(60, 'x') + "…'");
  EXPECT_EQ(shown(std::string(59, 'x') + "\xC3\xBC"), "'" + std::string(59, 'x') + "…'") << "no half characters";
}

}  // namespace
}  // namespace penstock::config
