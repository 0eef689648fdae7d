#include "config/substitution.hpp"

#include "tools/config/reading.hpp"
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace penstock::config {
namespace {

class FilesOfATest : public testing::Test {
 public:
  FilesOfATest(const FilesOfATest&) = delete;
  FilesOfATest& operator=(const FilesOfATest&) = delete;

 protected:
  FilesOfATest() : folder_{std::filesystem::path{testing::TempDir()} / "penstock_substitution"} {
    std::filesystem::create_directories(folder_);
  }
  ~FilesOfATest() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream{folder_ / name, std::ios::binary} << text;
  }

  [[nodiscard]] Substituted apply(const std::string& text, Variables variables = {}) const {
    return Substitution{environment_of(std::move(variables)), folder_}.apply(text);
  }

  std::filesystem::path folder_;
};

TEST_F(FilesOfATest, TextWithoutPlacesStaysAsItIs) {
  const Substituted result = apply("a $ { } $x b");
  EXPECT_EQ(result.text, "a $ { } $x b");
  EXPECT_FALSE(result.replaced);
  EXPECT_EQ(result.error, "");
}

TEST_F(FilesOfATest, VariablesAreReplacedWhereTheyStand) {
  const Substituted result = apply("<${env:A}${env:B}>", {{"A", "1"}, {"B", "2"}});
  EXPECT_EQ(result.text, "<12>");
  EXPECT_TRUE(result.replaced);
}

TEST_F(FilesOfATest, WhatWasPutInIsNotReadAgain) {
  EXPECT_EQ(apply("${env:A}", {{"A", "${env:B}\": {}"}, {"B", "no"}}).text, "${env:B}\": {}");
}

TEST_F(FilesOfATest, ADefaultStandsInForWhatIsUnsetOrEmpty) {
  EXPECT_EQ(apply("${env:A:-127.0.0.1:8080}").text, "127.0.0.1:8080");
  EXPECT_EQ(apply("${env:A:-x}", {{"A", ""}}).text, "x");
  EXPECT_EQ(apply("${env:A:-x}", {{"A", "y"}}).text, "y");
  EXPECT_EQ(apply("${env:A:-}").text, "");
}

TEST_F(FilesOfATest, FilesLoseOneLineEnd) {
  write("one", "hush\n");
  write("two", "hush\n\n");
  write("windows", "hush\r\n");
  write("none", "hush");
  EXPECT_EQ(apply("${file:one}").text, "hush");
  EXPECT_EQ(apply("${file:two}").text, "hush\n");
  EXPECT_EQ(apply("${file:windows}").text, "hush");
  EXPECT_EQ(apply("${file:none}").text, "hush");
  EXPECT_EQ(apply("${file:" + (folder_ / "one").string() + "}").text, "hush") << "an absolute path";
}

TEST_F(FilesOfATest, ErrorsSayWhatIsMissing) {
  write("large", std::string((64U << 10U) + 1, 'x'));
  EXPECT_EQ(apply("${env:NOT_SET}").error, "environment variable NOT_SET is not set");
  EXPECT_EQ(apply("${file:missing}").error, "file 'missing': cannot be read: No such file or directory");
  EXPECT_EQ(apply("${file:.}").error, "file '.': is not a regular file");
  EXPECT_EQ(apply("${file:large}").error, "file 'large': is larger than 65536 bytes");
  EXPECT_EQ(apply("${file:/dev/zero}").error, "file '/dev/zero': is not a regular file");
}

TEST_F(FilesOfATest, ErrorsSayWhatCanStandThere) {
  const std::string forms = "; what can stand here is ${env:NAME}, ${env:NAME:-default} or ${file:PATH}";
  EXPECT_EQ(apply("${env:A").error, "${ without its }" + forms);
  EXPECT_EQ(apply("${A}").error, "unknown substitution '${A}'" + forms);
  EXPECT_EQ(apply("${env:1A}").error, "'1A' is not the name of an environment variable" + forms);
  EXPECT_EQ(apply("${env:}").error, "'' is not the name of an environment variable" + forms);
  EXPECT_EQ(apply("${file:}").error, "${file:} names no file" + forms);
}

TEST_F(FilesOfATest, WithoutAnEnvironmentOnlyTheGrammarIsChecked) {
  const Substitution grammar{Environment{}, folder_};
  const Substituted known = grammar.apply("${env:NOT_SET} ${file:missing}");
  EXPECT_EQ(known.error, "");
  EXPECT_FALSE(known.known);
  EXPECT_NE(grammar.apply("${nonsense}").error, "");
}

}  // namespace
}  // namespace penstock::config
