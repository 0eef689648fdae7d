#include "verify/verifier.hpp"

#include "verify/encoding.hpp"
#include <gtest/gtest.h>

#include <chrono>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace penstock::verify {
namespace {

constexpr std::chrono::system_clock::time_point kNow{};
Scheme github_scheme() { return {.kind = Kind::hmac, .header = "X-Hub-Signature-256", .item = "sha256={sig}"}; }
Scheme basic_scheme() { return {.kind = Kind::basic, .user = "hook"}; }

std::vector<Secret> secrets(std::initializer_list<const char*> texts) {
  std::vector<Secret> made;
  for (const char* text : texts) made.emplace_back(std::string{text});
  return made;
}

std::span<const unsigned char> bytes_of(std::string_view text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

Result check(const Verifier& verifier, const std::vector<Field>& fields, std::string_view body = "body",
             std::string_view path_token = {}) {
  return verifier.check({.method = "POST", .path_token = path_token, .fields = fields, .body = body}, kNow);
}

std::string signature(const Scheme& scheme, const char* secret, std::string_view body) {
  return Verifier{scheme, secrets({secret})}.prove(body).fields.at(0).second;
}

Result check_github(const std::string& value, std::string_view body = "body") {
  return check(Verifier{github_scheme(), secrets({"key"})}, {{"x-hub-signature-256", value}}, body);
}

Result check_basic(const std::string& value) {
  return check(Verifier{basic_scheme(), secrets({"pass"})}, {{"authorization", value}});
}

TEST(HmacCheck, TakesTheSignatureOfExactlyTheseBytes) {
  for (const std::string& body :
       {std::string{}, std::string{"body"}, std::string{"{\"a\":5.0}\r\n"}, std::string{"\xc3\xa4\xf0\x9f\x8c\x8a"},
        std::string(3, '\0'), std::string(1 << 20, 'x')}) {
    const std::string good = signature(github_scheme(), "key", body);
    EXPECT_EQ(check_github(good, body), Result::authentic);
    EXPECT_EQ(check_github(good, body + "\n"), Result::forged);
    if (body.empty()) continue;
    EXPECT_EQ(check_github(good, std::string_view{body}.substr(1)), Result::forged);
  }
}

TEST(HmacCheck, TakesUpperCaseHex) {
  const std::string good = signature(github_scheme(), "key", "body");
  std::string upper = good;
  for (char& c : upper) c = c >= 'a' && c <= 'f' && &c >= &upper[7] ? static_cast<char>(c - 32) : c;
  EXPECT_NE(upper, good);
  EXPECT_EQ(check_github(upper), Result::authentic);
}

TEST(HmacCheck, ComparesEveryDigit) {
  const std::string good = signature(github_scheme(), "key", "body");
  for (std::size_t i = 7; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = bad[i] == '0' ? '1' : '0';
    EXPECT_EQ(check_github(bad), Result::forged) << i;
  }
}

TEST(HmacCheck, SaysMalformedToWhatIsNotWrittenAsItsItem) {
  const std::string good = signature(github_scheme(), "key", "body");
  const std::string digits = good.substr(7);
  const std::vector<std::string> values{std::string{},
                                        std::string{"sha256="},
                                        digits,
                                        "sha1=" + digits,
                                        "SHA256=" + digits,
                                        "sha256:" + digits,
                                        "sha256= " + digits,
                                        "sha256=sha256=" + digits,
                                        good.substr(0, good.size() - 1),
                                        good.substr(0, good.size() - 2),
                                        good + "0",
                                        good + "00",
                                        good + " ",
                                        good + ",",
                                        good + "," + good,
                                        good + ";x",
                                        "x" + good,
                                        " " + good,
                                        good.substr(0, good.size() - 1) + "g",
                                        good.substr(0, good.size() - 2) + "\xc3\xa4",
                                        std::string(10000, 'a')};
  for (const std::string& value : values) {
    EXPECT_EQ(check_github(value), Result::malformed) << value;
  }
}

TEST(HmacCheck, MatchesTextBehindTheSignatureToo) {
  const Scheme scheme{.kind = Kind::hmac, .header = "X-Sig", .item = "<{sig}>", .encoding = Encoding::base64};
  const Verifier verifier{scheme, secrets({"key"})};
  const std::string good = signature(scheme, "key", "body");
  EXPECT_EQ(good.size(), 46U);
  EXPECT_EQ(check(verifier, {{"X-Sig", good}}), Result::authentic);
  EXPECT_EQ(check(verifier, {{"X-Sig", good.substr(1)}}), Result::malformed);
  EXPECT_EQ(check(verifier, {{"X-Sig", good.substr(0, 45)}}), Result::malformed);
  EXPECT_EQ(check(verifier, {{"X-Sig", "<>"}}), Result::malformed);
  EXPECT_EQ(check(verifier, {{"X-Sig", good.substr(0, 45) + ")"}}), Result::malformed);
}

TEST(HmacCheck, WantsBase64OfExactlyOneDigest) {
  const Scheme scheme{.kind = Kind::hmac, .header = "X-Sig", .encoding = Encoding::base64};
  const Verifier verifier{scheme, secrets({"key"})};
  const std::string good = signature(scheme, "key", "body");
  ASSERT_EQ(good.size(), 44U);
  EXPECT_EQ(check(verifier, {{"X-Sig", good}}), Result::authentic);
  std::string spare_bits = good;
  ++spare_bits[42];  // The last digit's lowest two bits mean nothing, and must be zero.
  for (const std::string& value : {good.substr(0, 43), good.substr(0, 40), good + "AAAA", good + "=", spare_bits,
                                   std::string{}, encode_hex(bytes_of(std::string(32, 'a')))}) {
    EXPECT_EQ(check(verifier, {{"X-Sig", value}}), Result::malformed) << value;
  }
  EXPECT_EQ(check(verifier, {{"X-Sig", encode_base64(bytes_of(std::string(32, 'a')))}}), Result::forged);
}

TEST(EveryCheck, WantsItsFieldExactlyOnce) {
  const std::vector<std::pair<Scheme, std::string>> schemes{{github_scheme(), "X-Hub-Signature-256"},
                                                            {{.kind = Kind::token, .header = "X-Token"}, "X-Token"},
                                                            {basic_scheme(), "Authorization"},
                                                            {{.kind = Kind::bearer}, "Authorization"}};
  for (const auto& [scheme, name] : schemes) {
    const Verifier verifier{scheme, secrets({"key"})};
    const std::string good = verifier.prove("body").fields.at(0).second;
    EXPECT_EQ(check(verifier, {{name, good}}), Result::authentic) << name;
    EXPECT_EQ(check(verifier, {}), Result::unsigned_) << name;
    EXPECT_EQ(check(verifier, {{"X-Other", good}}), Result::unsigned_) << name;
    EXPECT_EQ(check(verifier, {{name, good}, {name, good}}), Result::malformed) << name;
    EXPECT_EQ(check(verifier, {{name, "x"}, {name, good}}), Result::malformed) << name;
    EXPECT_EQ(check(verifier, {{name, good}, {name, ""}}), Result::malformed) << name;
    EXPECT_EQ(check(verifier, {{name, ""}}), Result::malformed) << name;
  }
}

TEST(EveryCheck, TakesEachOfSeveralSecretsAndNoOther) {
  const std::vector<Scheme> schemes{github_scheme(),
                                    {.kind = Kind::token, .header = "X-Token"},
                                    basic_scheme(),
                                    {.kind = Kind::bearer},
                                    {.kind = Kind::path_token}};
  for (const Scheme& scheme : schemes) {
    const Verifier verifier{scheme, secrets({"new", "old", "older"})};
    const auto result_of = [&](const char* secret) {
      const Verifier::Proof proof = Verifier{scheme, secrets({secret})}.prove("body");
      return check(verifier, {proof.fields.begin(), proof.fields.end()}, "body", proof.path_token);
    };
    for (const char* secret : {"new", "old", "older"}) EXPECT_EQ(result_of(secret), Result::authentic) << secret;
    for (const char* secret : {"ne", "newer", "New", "oldolder"})
      EXPECT_EQ(result_of(secret), Result::forged) << secret;
  }
}

TEST(BasicCheck, ReadsRfc7617) {
  const auto base64 = [](std::string_view text) { return encode_base64(bytes_of(text)); };
  EXPECT_EQ(check_basic("Basic " + base64("hook:pass")), Result::authentic);
  EXPECT_EQ(check_basic("bAsIc  " + base64("hook:pass")), Result::authentic);
  for (const char* wrong : {"hook:pas", "hook:passs", "hok:pass", ":pass", "hook:", "hook", "hook:pass\n", "pass"}) {
    EXPECT_EQ(check_basic("Basic " + base64(wrong)), Result::forged) << wrong;
  }
  EXPECT_EQ(check_basic("Basic " + base64(std::string(3000, 'x'))), Result::forged);
  for (const std::string& wrong :
       {std::string{"Basic"}, std::string{"Basic "}, std::string{"Basic !!!!"}, "Basic" + base64("hook:pass"),
        "Bearer " + base64("hook:pass"), base64("hook:pass"), "Basic " + base64("hook:pass") + " ",
        "Basic " + base64("hook:pass") + "=", "Basic\t" + base64("hook:pass"), std::string{"Basic hook:pass"},
        "Basic " + base64(std::string(5000, 'x'))}) {
    EXPECT_EQ(check_basic(wrong), Result::malformed) << wrong.substr(0, 80);
  }
}

TEST(BearerCheck, ReadsTheTokenBehindItsScheme) {
  const Verifier verifier{{.kind = Kind::bearer}, secrets({"t0ken"})};
  EXPECT_EQ(check(verifier, {{"Authorization", "bearer t0ken"}}), Result::authentic);
  EXPECT_EQ(check(verifier, {{"Authorization", "Bearer t0ken "}}), Result::forged);
  for (const char* value : {"Bearer", "Bearer ", "Bearert0ken", "t0ken", "Basic t0ken", "Bearer\tt0ken"}) {
    EXPECT_EQ(check(verifier, {{"Authorization", value}}), Result::malformed) << value;
  }
}

TEST(PathTokenCheck, WantsTheWholeToken) {
  const Verifier verifier{{.kind = Kind::path_token}, secrets({"t0ken"})};
  EXPECT_EQ(check(verifier, {}, "body", "t0ken"), Result::authentic);
  EXPECT_EQ(check(verifier, {}, "body", ""), Result::unsigned_);
  for (const char* token : {"t0ke", "t0ken/", "t0ken1", "T0ken", "t0ken/..", "%740ken", "/t0ken"}) {
    EXPECT_EQ(check(verifier, {}, "body", token), Result::forged) << token;
  }
}

TEST(NoCheck, TakesAnything) {
  const Verifier verifier{{.kind = Kind::none}, {}};
  EXPECT_EQ(check(verifier, {}), Result::authentic);
  EXPECT_TRUE(verifier.prove("body").fields.empty());
  EXPECT_TRUE(verifier.prove("body").path_token.empty());
}

TEST(SecretFields, AreKeptOutOfMetadata) {
  const Verifier token{{.kind = Kind::token, .header = "X-Gitlab-Token"}, secrets({"a"})};
  const Verifier hmac{github_scheme(), secrets({"a"})};
  for (const char* name : {"authorization", "Authorization", "Proxy-Authorization", "COOKIE", "x-amz-security-token"}) {
    EXPECT_TRUE(token.is_secret_field(name)) << name;
    EXPECT_TRUE(hmac.is_secret_field(name)) << name;
  }
  EXPECT_TRUE(token.is_secret_field("x-gitlab-token"));
  EXPECT_FALSE(hmac.is_secret_field("x-gitlab-token"));
  for (const char* name : {"x-gitlab-event", "x-hub-signature-256", "set-cookie", "authorizatio", ""}) {
    EXPECT_FALSE(token.is_secret_field(name)) << name;
    EXPECT_FALSE(hmac.is_secret_field(name)) << name;
  }
}

TEST(Verifier, CannotBeMadeFromWhatCannotWork) {
  EXPECT_THROW((Verifier{github_scheme(), {}}), std::invalid_argument);
  EXPECT_THROW((Verifier{github_scheme(), secrets({""})}), std::invalid_argument);
  EXPECT_THROW((Verifier{{.kind = Kind::hmac, .header = "X", .item = "{sig}{sig}"}, secrets({"a"})}),
               std::invalid_argument);
}

TEST(Verifier, SaysWhatItWasMadeOf) {
  Verifier verifier{basic_scheme(), secrets({"a"})};
  const Verifier moved{std::move(verifier)};
  EXPECT_EQ(moved.scheme().kind, Kind::basic);
  EXPECT_EQ(moved.scheme().user, "hook");
}

}  // namespace
}  // namespace penstock::verify
