#include "support/payloads/payload.hpp"
#include "verify/verifier.hpp"
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::verify {
namespace {

constexpr std::chrono::system_clock::time_point kNow{};

std::vector<Secret> one_secret(std::string text) {
  std::vector<Secret> secrets;
  secrets.emplace_back(std::move(text));
  return secrets;
}

struct Case {
  const char* preset;
  const char* payload;
  std::vector<std::string> event;
  const char* dedup;
  Kind kind;
};

class PresetOf : public testing::TestWithParam<Case> {};

// What a sender makes of a real body is taken, and the same proof under another secret or for another body is not.
TEST_P(PresetOf, TakesWhatItsSenderSends) {
  const Case& c = GetParam();
  ASSERT_NE(preset(c.preset), nullptr);
  const Verifier verifier{preset(c.preset)->scheme, one_secret("an-example-secret")};
  const Verifier stranger{preset(c.preset)->scheme, one_secret("another-secret")};
  const support::Payload payload = support::read_payload(c.payload);

  const auto result_of = [&](const Verifier& sender, const std::string& body) {
    const Verifier::Proof proof = sender.prove(payload.body);
    std::vector<Field> fields{payload.fields.begin(), payload.fields.end()};
    fields.insert(fields.end(), proof.fields.begin(), proof.fields.end());
    return verifier.check({.method = "POST", .path_token = proof.path_token, .fields = fields, .body = body}, kNow);
  };
  EXPECT_EQ(result_of(verifier, payload.body), Result::authentic);
  EXPECT_EQ(result_of(stranger, payload.body), Result::forged);
  EXPECT_EQ(result_of(verifier, payload.body + " "), c.kind == Kind::hmac ? Result::forged : Result::authentic);

  const std::vector<Field> bare{payload.fields.begin(), payload.fields.end()};
  EXPECT_EQ(verifier.check({.method = "POST", .path_token = {}, .fields = bare, .body = payload.body}, kNow),
            Result::unsigned_);
}

TEST_P(PresetOf, SaysWhereItsEventAndItsIdStand) {
  const Case& c = GetParam();
  ASSERT_NE(preset(c.preset), nullptr);
  EXPECT_EQ(preset(c.preset)->event, c.event);
  EXPECT_EQ(preset(c.preset)->dedup, c.dedup);
  EXPECT_EQ(preset(c.preset)->scheme.kind, c.kind);
}

INSTANTIATE_TEST_SUITE_P(
    Senders, PresetOf,
    testing::Values(
        Case{"github", "github/push", {"header:X-GitHub-Event"}, "header:X-GitHub-Delivery", Kind::hmac},
        Case{"gitlab", "gitlab/push", {"json:/event_name", "json:/object_kind"}, "header:Idempotency-Key", Kind::token},
        Case{
            "bitbucket-cloud", "bitbucketCloud/repo_push", {"header:X-Event-Key"}, "header:X-Request-UUID", Kind::hmac},
        Case{"bitbucket-server",
             "bitbucketServer/repo_refs_changed",
             {"header:X-Event-Key"},
             "header:X-Request-Id",
             Kind::hmac},
        Case{"azure-devops", "azureDevOps/git.push", {"json:/eventType"}, "json:/id", Kind::basic},
        Case{"gerrit", "gerrit/change-merged", {"json:/type"}, "", Kind::path_token}),
    [](const auto& test) {
      std::string name = test.param.preset;
      for (char& c : name) c = c == '-' ? '_' : c;
      return name;
    });

TEST(Presets, AreTheSixThatAreTestedHere) {
  EXPECT_EQ(presets().size(), 6U);
  for (const Preset& p : presets()) EXPECT_EQ(preset(p.name), &p);
  EXPECT_EQ(preset("GitHub"), nullptr);
  EXPECT_EQ(preset(""), nullptr);
}

}  // namespace
}  // namespace penstock::verify
