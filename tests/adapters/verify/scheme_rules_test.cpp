#include "verify/scheme_rules.hpp"

#include <gtest/gtest.h>

#include <array>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <vector>

namespace penstock::verify {
namespace {

Scheme hmac_scheme() { return {.kind = Kind::hmac, .header = "X-Sig", .item = "sha256={sig}"}; }
Scheme token_scheme() { return {.kind = Kind::token, .header = "X-Token"}; }

std::vector<Secret> secrets(std::initializer_list<const char*> texts) {
  std::vector<Secret> made;
  for (const char* text : texts) made.emplace_back(std::string{text});
  return made;
}

// Why they cannot work together; empty when they can.
std::string refusal(const Scheme& scheme, const std::vector<Secret>& given) {
  try {
    require_usable(scheme, given);
    return "";
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

TEST(SchemeRules, TakeEachWholeScheme) {
  EXPECT_EQ(refusal(hmac_scheme(), secrets({"a"})), "");
  EXPECT_EQ(refusal(token_scheme(), secrets({"a", "b c"})), "");
  EXPECT_EQ(refusal({.kind = Kind::basic, .user = ""}, secrets({"pass:word"})), "");
  EXPECT_EQ(refusal({.kind = Kind::bearer}, secrets({"a"})), "");
  EXPECT_EQ(refusal({.kind = Kind::path_token}, secrets({"aZ0-._~"})), "");
  EXPECT_EQ(refusal({.kind = Kind::none}, {}), "");
}

TEST(SchemeRules, RefuseASchemeWithoutSecret) {
  for (const Kind kind : {Kind::hmac, Kind::token, Kind::basic, Kind::bearer, Kind::path_token}) {
    const Scheme scheme{.kind = kind, .header = "X-Sig"};
    EXPECT_EQ(refusal(scheme, {}),
              "verify " + std::string{to_string(kind)} +
                  ": a secret is missing: give at least one, or write kind: none to take anything");
    EXPECT_EQ(refusal(scheme, secrets({"good", ""})),
              "verify " + std::string{to_string(kind)} + ": a secret is empty: set it, or take it off the list");
  }
}

TEST(SchemeRules, RefuseASecretThatNobodyChecks) {
  EXPECT_NE(refusal({.kind = Kind::none}, secrets({"a"})).find("verify none: checks no secret"), std::string::npos);
}

TEST(SchemeRules, RefuseMoreSecretsThanEachBodyMayCost) {
  std::vector<Secret> many;
  for (std::size_t i = 0; i < kSecretsMax; ++i) many.emplace_back(std::to_string(i));
  EXPECT_EQ(refusal(hmac_scheme(), many), "");
  many.emplace_back(std::string{"one more"});
  EXPECT_NE(refusal(hmac_scheme(), many).find("more than 16 secrets"), std::string::npos);
}

TEST(SchemeRules, WantExactlyOnePlaceForTheSignature) {
  for (const char* item : {"", "sha256=", "{sig}{sig}", "{SIG}", "{ts}", "sig"}) {
    Scheme scheme = hmac_scheme();
    scheme.item = item;
    const std::string why = refusal(scheme, secrets({"a"}));
    EXPECT_NE(why.find("'item' must hold {sig} exactly once"), std::string::npos) << item;
    EXPECT_NE(why.find("\"" + std::string{item} + "\""), std::string::npos) << why;
  }
}

TEST(SchemeRules, WantNamesAndItemsThatCanArrive) {
  for (const char* header : {"", "X Sig", "X-Sig:", "X\r\nEvil", "\xc3\xa4"}) {
    Scheme scheme = hmac_scheme();
    scheme.header = header;
    EXPECT_NE(refusal(scheme, secrets({"a"})), "") << header;
  }
  for (const char* item : {" {sig}", "{sig} ", "a\n{sig}"}) {
    Scheme scheme = hmac_scheme();
    scheme.item = item;
    EXPECT_NE(refusal(scheme, secrets({"a"})).find("cannot be sent"), std::string::npos) << item;
  }
}

TEST(SchemeRules, RefuseSecretsThatNoSenderCouldSend) {
  for (const char* secret : {"token\n", " token", "token\t", "to\rken", "to\x7fken"}) {
    EXPECT_NE(refusal(token_scheme(), secrets({secret})).find("cannot be sent as a header"), std::string::npos);
    EXPECT_NE(refusal({.kind = Kind::bearer}, secrets({secret})).find("cannot be sent as a header"), std::string::npos);
    EXPECT_EQ(refusal(hmac_scheme(), secrets({secret})), "") << "a key may hold any byte";
  }
  for (const char* secret : {"a/b", "a%20b", "a b", "a?b", "a#b", "..", ".", "\xc3\xa4"}) {
    EXPECT_NE(refusal({.kind = Kind::path_token}, secrets({secret})).find("a path token may hold"), std::string::npos)
        << secret;
  }
}

TEST(SchemeRules, NeverQuoteASecret) {
  const std::vector<Secret> given = secrets({"hush hush\n"});
  for (const Kind kind : {Kind::token, Kind::bearer, Kind::path_token, Kind::none}) {
    const std::string why = refusal({.kind = kind, .header = "X-Token"}, given);
    EXPECT_NE(why, "");
    EXPECT_EQ(why.find("hush"), std::string::npos) << why;
  }
}

TEST(SchemeRules, RefuseAColonInAUser) {
  EXPECT_EQ(refusal({.kind = Kind::basic, .user = "a:b"}, secrets({"x"})),
            "verify basic: 'user' must hold no colon (RFC 7617, 2)");
}

TEST(SchemeNames, AreReadBackAsTheyAreWritten) {
  for (const Kind kind : {Kind::hmac, Kind::token, Kind::basic, Kind::bearer, Kind::path_token, Kind::none}) {
    EXPECT_EQ(kind_named(to_string(kind)), kind);
  }
  EXPECT_EQ(to_string(Kind::path_token), "path-token");
  EXPECT_EQ(kind_named("HMAC"), std::nullopt);
  EXPECT_EQ(kind_named(""), std::nullopt);
  EXPECT_EQ(encoding_named("hex"), Encoding::hex);
  EXPECT_EQ(encoding_named("base64"), Encoding::base64);
  EXPECT_EQ(encoding_named("base32"), std::nullopt);
  EXPECT_EQ(to_string(Result::authentic), "authentic");
  EXPECT_EQ(to_string(Result::unsigned_), "unsigned");
  EXPECT_EQ(to_string(Result::malformed), "malformed");
}

TEST(FieldNames, CompareWithoutCaseInAsciiOnly) {
  EXPECT_TRUE(equal_without_case("X-GitHub-Event", "x-github-EVENT"));
  EXPECT_FALSE(equal_without_case("a", "ab"));
  EXPECT_FALSE(equal_without_case("\xc3\xa4", "\xc3\x84"));
  EXPECT_FALSE(equal_without_case("@", "`")) << "32 apart, and no letters";
}

}  // namespace
}  // namespace penstock::verify
