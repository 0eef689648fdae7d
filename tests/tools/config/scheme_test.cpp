#include "config/scheme.hpp"

#include "tools/config/reading.hpp"
#include <gmock/gmock.h>

namespace penstock::config {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

/// A source whose `verify:` is that text, at 3:16.
Read read_verify(const std::string& verify, const std::string& more = "secrets: \"${env:S}\"") {
  return read_config("journal: off\nsources:\n  a: { verify: " + verify + ", " + more + " }\n",
                     Variables{{"S", "hush"}, {"K", "hmac"}});
}

const verify::Scheme& scheme(const Read& read) {
  if (!read.config) throw std::runtime_error{read.lines.front()};
  return read.config->sources.at(0).scheme;
}

TEST(Scheme, OfAnHmacIsReadWhole) {
  const Read read = read_verify(
      R"({ kind: hmac, header: X-Acme-Signature, item: "v1={sig}", encoding: base64, signed: "{body}", hash: sha256, key: text })");
  EXPECT_EQ(scheme(read).kind, verify::Kind::hmac);
  EXPECT_EQ(scheme(read).header, "X-Acme-Signature");
  EXPECT_EQ(scheme(read).item, "v1={sig}");
  EXPECT_EQ(scheme(read).encoding, verify::Encoding::base64);
}

TEST(Scheme, MayComeFromTheEnvironment) {
  EXPECT_EQ(scheme(read_verify(R"({ kind: "${env:K}", header: X })")).kind, verify::Kind::hmac);
}

TEST(Scheme, KnowsEveryKind) {
  EXPECT_EQ(scheme(read_verify("{ kind: token, header: X-Token }")).kind, verify::Kind::token);
  EXPECT_EQ(scheme(read_verify("{ kind: basic, user: ci }")).user, "ci");
  EXPECT_EQ(scheme(read_verify("{ kind: bearer }")).kind, verify::Kind::bearer);
  EXPECT_EQ(scheme(read_verify("{ kind: path-token }", "path_token: \"${env:S}\"")).kind, verify::Kind::path_token);
  EXPECT_EQ(scheme(read_verify("{ kind: none }", "topic: a")).kind, verify::Kind::none);
}

TEST(Scheme, StandsAboveThePresetsKeyByKey) {
  const Read other_header = read_verify("{ header: X-Other }", "preset: github, secrets: \"${env:S}\"");
  EXPECT_EQ(scheme(other_header).kind, verify::Kind::hmac);
  EXPECT_EQ(scheme(other_header).header, "X-Other");
  EXPECT_EQ(scheme(other_header).item, "sha256={sig}") << "the preset's";

  const Read other_kind = read_verify("{ kind: basic, user: ci }", "preset: bitbucket-server, secrets: \"${env:S}\"");
  EXPECT_EQ(scheme(other_kind).header, "") << "nothing of another kind is left";
}

struct Bad {
  const char* name;
  const char* verify;
  const char* line;
};

class SchemeRefuses : public testing::TestWithParam<Bad> {};

TEST_P(SchemeRefuses, WithItsPlaceAndARemedy) {
  const Read read = read_verify(GetParam().verify);
  EXPECT_FALSE(read.config);
  EXPECT_THAT(read.lines, ElementsAre(StartsWith(GetParam().line)));
}

INSTANTIATE_TEST_SUITE_P(
    Files, SchemeRefuses,
    testing::Values(
        Bad{"NoKind", "{ header: X }", "penstock.yaml:3:16: sources.a.verify: 'kind' is missing; write hmac, token"},
        Bad{"AnUnknownKind", "{ kind: hmca }",
            "penstock.yaml:3:24: sources.a.verify.kind: 'hmca' is unknown; did you mean 'hmac'?"},
        Bad{"AnUnknownKey", "{ kind: hmac, haeder: X, header: Y }",
            "penstock.yaml:3:30: sources.a.verify: unknown key 'haeder'; did you mean 'header'?"},
        Bad{"AnUnknownEncoding", "{ kind: hmac, header: X, encoding: base46 }",
            "penstock.yaml:3:51: sources.a.verify.encoding: 'base46' is unknown; did you mean 'base64'?"},
        Bad{"AScalar", "hmac", "penstock.yaml:3:16: sources.a.verify: a map belongs here"},
        Bad{"AnHmacWithoutAHeader", "{ kind: hmac }",
            "penstock.yaml:3:16: sources.a: verify hmac: 'header' is missing"},
        Bad{"AnItemWithoutASignature", "{ kind: hmac, header: X, item: sha256= }",
            "penstock.yaml:3:16: sources.a: verify hmac: 'item' must hold {sig} exactly once"},
        Bad{"AnItemForAToken", "{ kind: token, header: X, item: \"{sig}\" }",
            "penstock.yaml:3:48: sources.a.verify.item: has no meaning for kind token; take it away"},
        Bad{"AUserForAToken", "{ kind: token, header: X, user: ci }",
            "penstock.yaml:3:48: sources.a.verify.user: has no meaning for kind token; take it away"},
        Bad{"AnotherHash", "{ kind: hmac, header: X, hash: sha512 }",
            "penstock.yaml:3:47: sources.a.verify.hash: not built yet: 'sha512'; this version knows 'sha256'"},
        Bad{"AnotherKeyForm", "{ kind: hmac, header: X, key: base64 }",
            "penstock.yaml:3:46: sources.a.verify.key: not built yet: 'base64'; this version knows 'text'"},
        Bad{"ASignedTime", "{ kind: hmac, header: X, signed: \"{ts}.{body}\" }",
            "penstock.yaml:3:49: sources.a.verify.signed: not built yet: '{ts}.{body}'; this version knows '{body}'"},
        Bad{"AnUnknownPlaceInWhatIsSigned", "{ kind: hmac, header: X, signed: \"{bdy}\" }",
            "penstock.yaml:3:49: sources.a.verify.signed: '{bdy}' is unknown; did you mean '{body}'?"},
        Bad{"APlaceThatIsNearNone", "{ kind: hmac, header: X, signed: \"{payload}\" }",
            "penstock.yaml:3:49: sources.a.verify.signed: '{payload}' is unknown; write {body}"},
        Bad{"APlaceThatNeverEnds", "{ kind: hmac, header: X, signed: \"{body\" }",
            "penstock.yaml:3:49: sources.a.verify.signed: '{body' is unknown; did you mean '{body}'?"},
        Bad{"ABodyThatIsNotSigned", "{ kind: hmac, header: X, signed: \"{header:X-Id}\" }",
            "penstock.yaml:3:49: sources.a.verify.signed: '{header:X-Id}' leaves the body unsigned; write {body}"},
        Bad{"AList", "{ kind: hmac, header: X, list: \",\" }",
            "penstock.yaml:3:41: sources.a.verify.list: not built yet"},
        Bad{"AKeyPrefix", "{ kind: hmac, header: X, key_prefix: whsec_ }",
            "penstock.yaml:3:41: sources.a.verify.key_prefix: not built yet"},
        Bad{"ATime", "{ kind: hmac, header: X, time: { from: \"item:t\" } }",
            "penstock.yaml:3:41: sources.a.verify.time: not built yet"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Scheme, OfLaterKindsIsNotBuiltYet) {
  EXPECT_THAT(kinds_not_built(), testing::IsSupersetOf({"ed25519", "ecdsa", "ecdsa-p256", "rsa-sha256", "hash"}));
  for (const std::string_view kind : kinds_not_built()) {
    const Read read = read_verify("{ kind: \"" + std::string{kind} + "\" }");
    EXPECT_THAT(read.lines,
                ElementsAre("penstock.yaml:3:24: sources.a.verify.kind: not built yet: '" + std::string{kind} + "'"));
  }
}

}  // namespace
}  // namespace penstock::config
