#include "check.hpp"

#include "tools/config/reading.hpp"
#include "tools/written.hpp"
#include <boost/json/parse.hpp>
#include <gmock/gmock.h>

namespace penstock::command {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kGood = R"(journal: off
sources:
  github: { preset: github, secrets: [ "${env:S}", "${env:S}" ] }
  gerrit: { preset: gerrit, path_token: "${env:S}" }
)";

class Check : public testing::Test {
 protected:
  Exit check(const std::string& text, CheckOptions options = {}) {
    options.common.config = folder_.write("p.yaml", text);
    file_ = options.common.config;
    return run_check(options, config::environment_of({{"S", "hush-4711"}}), written_.output());
  }

  Folder folder_;
  Written written_;
  std::string file_;
};

TEST_F(Check, TellsWhatWouldRun) {
  EXPECT_EQ(check(kGood), Exit::done);
  EXPECT_EQ(
      written_.out(),
      "github: POST /hooks/github  topic github  verify hmac (2 secrets)  event header:X-GitHub-Event  dedup "
      "header:X-GitHub-Delivery for 24h\n"
      "gerrit: POST /hooks/gerrit/<token>  topic gerrit  verify path-token (1 secret)  event json:/type  dedup off\n" +
          file_ + ": ok\n");
  EXPECT_EQ(written_.err(), "");
}

TEST_F(Check, TellsTheSameAsJson) {
  EXPECT_EQ(check(kGood, {.common = {.json = true}}), Exit::done);
  const boost::json::value json = boost::json::parse(written_.out());
  EXPECT_EQ(json.at("ok"), boost::json::value(true));
  EXPECT_EQ(json.at("sources").at(0).at("secrets"), boost::json::value(2));
  EXPECT_EQ(json.at("sources").at(0).at("dedup").at("window"), boost::json::value("24h"));
  EXPECT_EQ(json.at("sources").at(1).at("path"), boost::json::value("/hooks/gerrit/<token>"));
  EXPECT_TRUE(json.at("sources").at(1).at("dedup").is_null());
}

TEST_F(Check, TellsEveryErrorOnStderrAndEndsWith78) {
  EXPECT_EQ(check("listen: x\nlimit: {}\n"), Exit::bad_configuration);
  EXPECT_EQ(written_.out(), "");
  EXPECT_THAT(written_.err(), HasSubstr(file_ + ":1:9: listen: "));
  EXPECT_THAT(written_.err(), HasSubstr(file_ + ":2:1: unknown key 'limit'; did you mean 'limits'?\n"));
}

TEST_F(Check, TellsErrorsAsJsonToo) {
  EXPECT_EQ(check("limit: {}\n", {.common = {.json = true}}), Exit::bad_configuration);
  const boost::json::value json = boost::json::parse(written_.out());
  EXPECT_EQ(json.at("ok"), boost::json::value(false));
  EXPECT_EQ(json.at("errors").at(0).at("line"), boost::json::value(1));
}

TEST_F(Check, WarningsAreErrorsOnlyWhenDenied) {
  const std::string literal = "journal: off\nsources: { a: { preset: github, secrets: [ hush-4711 ] } }\n";
  EXPECT_EQ(check(literal), Exit::done);
  EXPECT_THAT(written_.err(), HasSubstr(":2:44: warning: sources.a.secrets: a secret is written out"));
  EXPECT_EQ(check(literal, {.common = {.quiet = true}, .deny_warnings = true}), Exit::bad_configuration);
  EXPECT_THAT(written_.err(), EndsWith(": refused, since warnings are denied\n"));
  const char* const told = "journal: off\nsources: { open: { verify: { kind: none } } }\n";
  EXPECT_EQ(check(told), Exit::done);
  EXPECT_EQ(check(told, {.deny_warnings = true}), Exit::bad_configuration) << "what serve warns of at start";
  EXPECT_EQ(check(kGood, {.deny_warnings = true}), Exit::done);
}

TEST_F(Check, WithoutAnEnvironmentNoSecretIsNeeded) {
  const std::string text = "journal: off\nsources: { a: { preset: github, secrets: [ \"${env:NOT_SET}\" ] } }\n";
  EXPECT_EQ(check(text), Exit::bad_configuration);
  EXPECT_EQ(check(text, {.no_environment = true}), Exit::done);
}

TEST_F(Check, NeverShowsASecret) {
  for (const char* more :
       {"", "  a: { preset: gitlab, secrets: [ hush-4711 ] }\n", "  a: { preset: gerrit, path_token: \"${env:S}/\" }\n",
        "  a: { preset: githup, secrets: [ hush-4711 ] }\n"}) {
    for (const bool json : {false, true}) (void)check(kGood + std::string{more}, {.common = {.json = json}});
  }
  EXPECT_THAT(written_.out() + written_.err(), Not(HasSubstr("hush-4711")));
}

}  // namespace
}  // namespace penstock::command
