// secrets-stay-secret: held in one type that cannot be printed or copied, compared in constant time, never stored with
// events, answered, or shown in counters. (Logs and /metrics of the whole daemon: tests/integration.)

#include "verify/secret.hpp"

#include "http/server.hpp"
#include "support/broker_maker.hpp"
#include "support/http_client.hpp"
#include "verify/verifier.hpp"
#include "webhook_in/hooks.hpp"
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <ostream>
#include <sstream>
#include <string>
#include <type_traits>
#include <vector>

namespace penstock {
namespace {

template <class T, class = void>
struct Printable : std::false_type {};
template <class T>
struct Printable<T, std::void_t<decltype(std::declval<std::ostream&>() << std::declval<const T&>())>> : std::true_type {
};

static_assert(!std::is_copy_constructible_v<verify::Secret> && !std::is_copy_assignable_v<verify::Secret>);
static_assert(!Printable<verify::Secret>::value && Printable<std::string>::value);
static_assert(!std::is_convertible_v<verify::Secret, std::string>);
static_assert(!std::is_convertible_v<verify::Secret, std::string_view>);
static_assert(!std::is_constructible_v<std::string, verify::Secret>);

constexpr const char* kSecret = "correct-horse-battery-staple";

std::shared_ptr<const verify::Verifier> verifier_of(const verify::Scheme& scheme) {
  std::vector<verify::Secret> secrets;
  secrets.emplace_back(std::string(kSecret));
  return std::make_shared<const verify::Verifier>(scheme, std::move(secrets));
}

struct Case {
  const char* name;
  verify::Scheme scheme;
};

class SecretsStaySecret : public testing::TestWithParam<Case> {};

TEST_P(SecretsStaySecret, NeitherEventsNorAnswersNorCountersHoldTheSecretOrWhatProvesIt) {
  Broker broker{{.workers = 1}};
  test::Collected shown;
  const Subscription subscription = broker.subscribe("acme", [&](const Event& event) {
    std::string all = std::string(event.topic()) + '\n' + std::string(event.source()) + '\n';
    for (const auto& [name, value] : event.metadata()) all += std::string(name) + ": " + std::string(value) + '\n';
    shown.add(all);
  });
  const auto verifier = verifier_of(GetParam().scheme);
  webhook_in::Hooks hooks{broker, {{.source = "acme", .verifier = verifier}}, {}};
  http::Server server{{.name = "ingress"}, hooks.routes()};
  server.start();

  const std::string body = R"({"a":5.0})";
  const verify::Verifier::Proof proof = verifier->prove(body);
  const std::string target = "/hooks/acme" + (proof.path_token.empty() ? "" : '/' + proof.path_token);
  support::HttpClient::Fields fields{proof.fields.begin(), proof.fields.end()};
  fields.insert(fields.end(), {{"Cookie", std::string("session=") + kSecret},
                               {"Proxy-Authorization", std::string("Basic ") + kSecret},
                               {"X-Amz-Security-Token", kSecret},
                               {"X-Harmless", "kept"}});
  const support::Response good = support::HttpClient{server.port()}.ask("POST", target, fields, body);
  EXPECT_EQ(good.status, 200) << good.body;
  const support::Response bad = support::HttpClient{server.port()}.ask(
      "POST", "/hooks/acme" + std::string(proof.path_token.empty() ? "" : "/wrong"), {}, body);
  EXPECT_EQ(bad.status, 401);
  EXPECT_EQ(bad.body.find("malformed") + bad.body.find("unsigned") + bad.body.find("forged"), 3 * std::string::npos)
      << "the reason is for the operator";

  server.stop();
  ASSERT_TRUE(broker.close());
  ASSERT_EQ(shown.size(), 1U);
  std::ostringstream stats;
  for (const SourceStats& source : broker.stats().sources) stats << source.name << source.topic;
  const std::string everything = shown.texts().front() + good.head + good.body + bad.head + bad.body + stats.str();
  EXPECT_NE(everything.find("x-harmless: kept"), std::string::npos);
  EXPECT_EQ(everything.find(kSecret), std::string::npos);
  for (const auto& [name, value] : proof.fields) {
    const bool is_signature = GetParam().scheme.kind == verify::Kind::hmac;  // A signature proves one body, no secret.
    EXPECT_TRUE(is_signature || everything.find(value) == std::string::npos) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Schemes, SecretsStaySecret,
    testing::Values(Case{"Hmac", {.kind = verify::Kind::hmac, .header = "X-Acme-Signature", .item = "sha256={sig}"}},
                    Case{"Token", {.kind = verify::Kind::token, .header = "X-Acme-Token"}},
                    Case{"Basic", {.kind = verify::Kind::basic, .user = "penstock"}},
                    Case{"Bearer", {.kind = verify::Kind::bearer}},
                    Case{"PathToken", {.kind = verify::Kind::path_token}}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(SecretsStaySecretType, ComparesWholeValuesAndAnEmptyOneEqualsNothing) {
  const verify::Secret secret{std::string(kSecret)};
  EXPECT_TRUE(secret.equals(kSecret));
  for (const std::string& wrong : {std::string{}, std::string{"correct-horse"}, kSecret + std::string{"x"},
                                   std::string(28, 'x'), kSecret + std::string(1, '\0')}) {
    EXPECT_FALSE(secret.equals(wrong));
  }
  EXPECT_FALSE(verify::Secret{std::string{}}.equals(""));
}

}  // namespace
}  // namespace penstock
