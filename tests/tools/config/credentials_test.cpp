#include "config/credentials.hpp"

#include "tools/config/reading.hpp"
#include <gmock/gmock.h>

namespace penstock::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

/// A source of that text, at 3:6.
Read read_source(const std::string& source) {
  return read_config("journal: off\nsources:\n  a: " + source + "\n",
                     Variables{{"S", "hush"}, {"T", "other"}, {"E", ""}, {"W", " \t\n"}});
}

verify::Result check(const Read& read, const std::vector<verify::Field>& fields, std::string_view path_token = {}) {
  if (!read.config) throw std::runtime_error{read.lines.front()};
  const verify::Request request{.method = "POST", .path_token = path_token, .fields = fields, .body = "{}"};
  return read.config->sources.at(0).verifier->check(request, std::chrono::system_clock::now());
}

TEST(Credentials, AnySecretOfTheListIsGood) {
  const Read read = read_source(R"({ preset: gitlab, secrets: [ "${env:S}", "${env:T}" ] })");
  EXPECT_EQ(read.config->sources[0].secrets, 2U);
  EXPECT_EQ(check(read, {{"X-Gitlab-Token", "hush"}}), verify::Result::authentic);
  EXPECT_EQ(check(read, {{"X-Gitlab-Token", "other"}}), verify::Result::authentic);
  EXPECT_EQ(check(read, {{"X-Gitlab-Token", "none"}}), verify::Result::forged);
}

TEST(Credentials, OneSecretNeedsNoList) {
  EXPECT_EQ(check(read_source(R"({ preset: gitlab, secrets: "${env:S}" })"), {{"X-Gitlab-Token", "hush"}}),
            verify::Result::authentic);
}

TEST(Credentials, OfAPathAreItsToken) {
  const Read read = read_source(R"({ preset: gerrit, path_token: [ "${env:S}", "${env:T}" ] })");
  EXPECT_EQ(check(read, {}, "other"), verify::Result::authentic);
  EXPECT_EQ(check(read, {}, "none"), verify::Result::forged);
}

TEST(Credentials, OfBasicAuthenticationHaveAUser) {
  const std::vector<verify::Field> ci_hush{{"Authorization", "Basic Y2k6aHVzaA=="}};
  EXPECT_EQ(check(read_source(R"({ preset: azure-devops, user: ci, secrets: "${env:S}" })"), ci_hush),
            verify::Result::authentic);
  EXPECT_EQ(check(read_source(R"({ preset: azure-devops, user: "", secrets: "${env:S}" })"), ci_hush),
            verify::Result::forged);
}

struct Bad {
  const char* name;
  const char* source;
  const char* line;
};

class CredentialsRefuse : public testing::TestWithParam<Bad> {};

TEST_P(CredentialsRefuse, WithTheirPlaceAndARemedy) {
  const Read read = read_source(GetParam().source);
  EXPECT_FALSE(read.config);
  EXPECT_THAT(read.lines, ElementsAre(StartsWith(GetParam().line)));
}

INSTANTIATE_TEST_SUITE_P(
    Files, CredentialsRefuse,
    testing::Values(
        Bad{"NoSecret", "{ preset: github }",
            R"(penstock.yaml:3:6: sources.a: a source without a secret takes anything; add secrets: [ "${env:NAME}" ])"},
        Bad{"NoPathToken", "{ preset: gerrit }",
            R"(penstock.yaml:3:6: sources.a: a source without a secret takes anything; add path_token: "${env:NAME}")"},
        Bad{"NoSecretsInTheList", "{ preset: github, secrets: [] }",
            "penstock.yaml:3:33: sources.a: verify hmac: a secret is missing"},
        Bad{"NothingBehindTheKey", "{ preset: github, secrets: }",
            "penstock.yaml:3:24: sources.a.secrets: the value is missing"},
        Bad{"AnEmptyVariable", R"({ preset: github, secrets: [ "${env:E}" ] })",
            "penstock.yaml:3:35: sources.a.secrets: the secret is empty"},
        Bad{"ABlankVariable", R"({ preset: github, secrets: [ "${env:W}" ] })",
            "penstock.yaml:3:35: sources.a.secrets: the secret is blank: nothing but white space"},
        Bad{"ABlankText", R"({ preset: bitbucket-cloud, secrets: [ "  " ] })",
            "penstock.yaml:3:44: sources.a.secrets: the secret is blank"},
        Bad{"AVariableThatIsNotSet", R"({ preset: github, secrets: [ "${env:NOT_SET}" ] })",
            "penstock.yaml:3:35: sources.a.secrets: environment variable NOT_SET is not set"},
        Bad{"SecretsForAPath", R"({ preset: gerrit, secrets: "${env:S}" })",
            "penstock.yaml:3:6: sources.a: 'secrets' is not for kind path-token; write 'path_token'"},
        Bad{"APathTokenForASignature", R"({ preset: github, path_token: "${env:S}" })",
            "penstock.yaml:3:6: sources.a: 'path_token' is for kind path-token; write 'secrets' for hmac"},
        Bad{"ASecretForNothing", R"({ verify: { kind: none }, secrets: "${env:S}" })",
            "penstock.yaml:3:16: sources.a: verify none: checks no secret"},
        Bad{"APathTokenForNothing", R"({ verify: { kind: none }, path_token: "${env:S}" })",
            "penstock.yaml:3:6: sources.a: 'path_token' checks nothing under kind none; choose kind path-token"},
        Bad{"APathTokenThatIsNoPath", R"({ preset: gerrit, path_token: "${env:S}/x" })",
            "penstock.yaml:3:36: sources.a: verify path-token: a path token may hold letters"},
        Bad{"ATokenWithALineEnd", "{ preset: gitlab, secrets: \"${env:S}\\n\" }",
            "penstock.yaml:3:33: sources.a: verify token: a secret cannot be sent as a header"},
        Bad{"NoUser", R"({ preset: azure-devops, secrets: "${env:S}" })",
            R"(penstock.yaml:3:6: sources.a: basic authentication needs its user; add user: NAME, or user: "" for none)"},
        Bad{"AUserForASignature", R"({ preset: github, user: ci, secrets: "${env:S}" })",
            "penstock.yaml:3:30: sources.a.user: has no meaning for kind hmac; take it away"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Credentials, WrittenOutInTheFileAreAWarning) {
  const Read read = read_source("{ preset: github, secrets: [ hush ] }");
  EXPECT_TRUE(read.config);
  EXPECT_THAT(read.lines,
              ElementsAre("penstock.yaml:3:35: warning: sources.a.secrets: a secret is written out in the file; "
                          "write \"${env:NAME}\" or \"${file:PATH}\""));
}

TEST(Credentials, WithoutAnEnvironmentTheSchemeIsCheckedAllTheSame) {
  const auto read = [](const std::string& source) {
    return read_config("journal: off\nsources:\n  a: " + source + "\n", LoadOptions{});
  };
  EXPECT_THAT(read(R"({ preset: github, secrets: [ "${env:S}" ] })").lines, IsEmpty());
  EXPECT_THAT(read(R"({ verify: { kind: hmac }, secrets: [ "${env:S}" ] })").lines,
              ElementsAre(StartsWith("penstock.yaml:3:16: sources.a: verify hmac: 'header' is missing")));
}

}  // namespace
}  // namespace penstock::config
