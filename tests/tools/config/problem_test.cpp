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
  problems.note({1, 1}, "told");
  problems.error({9, 2}, "late");
  problems.warning({2, 3}, "doubtful");
  problems.error({3, 10}, "early");

  EXPECT_THAT(lines(problems), ElementsAre("a.yaml:3:10: early", "a.yaml:9:2: late", "a.yaml:2:3: warning: doubtful"))
      << "notes tell of what would run, and nothing will";
}

TEST(Problems, WithoutErrorsAreWarningsAndThenNotes) {
  Problems problems{"a.yaml"};
  problems.note({1, 1}, "told");
  problems.warning({2, 3}, "doubtful");
  EXPECT_THAT(lines(problems), ElementsAre("a.yaml:2:3: warning: doubtful", "a.yaml:1:1: note: told"));
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
