// Hooks whose check is an embedding program's function.

#include "adapters/webhook_in/desk.hpp"
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace penstock::webhook_in {
namespace {

using verify::Result;

Hook hook_with(verify::CheckFunction check, verify::FunctionOptions options = {}) {
  return {.source = "acme",
          .verifier = std::make_shared<const verify::Verifier>(
              verify::Verifier::from_function("acme", std::move(check), std::move(options))),
          .event = {"header:X-Acme-Event"}};
}

// "Password" is what it asks for, in a field or in the path.
Result knows_the_password(const verify::Request& request, std::chrono::system_clock::time_point /*now*/) {
  if (request.path_token == "Password") return Result::authentic;
  for (const auto& [name, value] : request.fields) {
    if (name == "X-Acme-Key") return value == "Password" ? Result::authentic : Result::forged;
  }
  return Result::unsigned_;
}

TEST(OwnVerifier, DecidesWhatIsPublished) {
  Desk desk{{hook_with(knows_the_password, {.secret_fields = {"X-Acme-Key"}})}};
  const auto post = [&desk](Lines fields) {
    return desk.post({.path = "/hooks/acme", .fields = std::move(fields), .body = "{}"}).status;
  };
  EXPECT_EQ(post({{"X-Acme-Key", "Password"}, {"X-Acme-Event", "made"}, {"X-Copy", "my Password"}}), 200);
  EXPECT_EQ(post({{"X-Acme-Key", "guess"}}), 401);
  EXPECT_EQ(post({}), 401);
  ASSERT_EQ(desk.events().size(), 1U);
  EXPECT_EQ(desk.events()[0].topic, "acme.made");
  EXPECT_EQ(desk.events()[0].metadata, (Lines{{"x-acme-event", "made"}})) << "neither the secret nor its copy";
  EXPECT_EQ(desk.refused("acme", Refusal::unauthorized), 2U);
}

TEST(OwnVerifier, GetsTheTokenOfThePathIfItAsksForIt) {
  Desk asks{{hook_with(knows_the_password, {.path_token = true})}};
  EXPECT_EQ(asks.post({.path = "/hooks/acme/Password", .fields = {{"Referer", "/hooks/acme/Password"}}}).status, 200);
  EXPECT_EQ(asks.post({.path = "/hooks/acme/guess"}).status, 401);
  EXPECT_EQ(asks.post({.path = "/hooks/acme"}).status, 401);
  EXPECT_TRUE(asks.events().at(0).metadata.empty());

  Broker broker{{.workers = 1}};
  const Hooks does_not{broker, {hook_with(knows_the_password)}, {}};
  EXPECT_EQ(does_not.routes().size(), 1U);
}

TEST(OwnVerifier, ThatCannotTellIsAnswered503AndNever4xx) {
  const auto breaks = [](const verify::Request&, std::chrono::system_clock::time_point) -> Result {
    throw std::runtime_error("the key server is down");
  };
  Desk desk{{hook_with(breaks)}, {.retry_after = "9"}};
  const Reply reply = desk.post({.path = "/hooks/acme", .body = "{}"});
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.field("Retry-After"), "9");
  EXPECT_EQ(reply.body.find("key server"), std::string::npos);
  EXPECT_EQ(desk.refused("acme", Refusal::full), 1U);
  EXPECT_TRUE(desk.events().empty());
}

TEST(OwnVerifier, CountsAStaleProofUnderItsOwnName) {
  Desk desk{{hook_with([](const verify::Request&, std::chrono::system_clock::time_point now) {
    const bool real = now > std::chrono::system_clock::time_point{std::chrono::hours{24 * 365 * 50}};
    return real ? Result::stale : Result::authentic;
  })}};
  EXPECT_EQ(desk.post({.path = "/hooks/acme", .body = "{}"}).status, 401);
  EXPECT_EQ(desk.refused("acme", Refusal::stale), 1U);
}

}  // namespace
}  // namespace penstock::webhook_in
