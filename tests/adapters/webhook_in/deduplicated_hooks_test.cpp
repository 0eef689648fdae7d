// Webhooks that are sent twice: what the sender is told, and what arrives.

#include "adapters/webhook_in/desk.hpp"
#include "support/payloads/payload.hpp"
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::webhook_in {
namespace {

struct Sender {
  const char* source;
  const char* preset;
  const char* payload;
};

constexpr std::array<Sender, 4> kSendersWithIds{
    {{"github", "github", "github/push"},
     {"bitbucketCloud", "bitbucket-cloud", "bitbucketCloud/repo_push"},
     {"bitbucketServer", "bitbucket-server", "bitbucketServer/repo_refs_changed"},
     {"azureDevOps", "azure-devops", "azureDevOps/git.push"}}};

std::string as_duplicate(std::string body) {
  constexpr std::string_view accepted = "accepted";
  return body.replace(body.find(accepted), accepted.size(), "duplicate");
}

TEST(DeduplicatedHooks, GiveTheSameStatusAndTheFirstIdAgain) {
  for (const Sender& sender : kSendersWithIds) {
    Hook hook = hook_of(sender.source, sender.preset);
    hook.accepted_status = 202;
    Desk desk{{hook}};
    const support::Payload payload = support::read_payload(sender.payload);
    const Post post = signed_post(hook, payload.body, payload.fields);
    const Reply first = desk.post(post);
    ASSERT_EQ(first.status, 202) << sender.source;
    ASSERT_TRUE(first.body.starts_with(R"({"status":"accepted","id":")")) << first.body;
    for (int i = 0; i < 2; ++i) {
      const Reply again = desk.post(post);
      EXPECT_EQ(again.status, 202) << sender.source;
      EXPECT_EQ(again.body, as_duplicate(first.body)) << sender.source;
      EXPECT_EQ(again.field("Penstock-Receipt"), "memory");
    }
    EXPECT_EQ(desk.events().size(), 1U) << sender.source;
    const SourceStats stats = desk.stats(sender.source);
    EXPECT_EQ(stats.received, 3U);
    EXPECT_EQ(stats.accepted, 1U);
    EXPECT_EQ(stats.duplicate, 2U);
    EXPECT_EQ(stats.without_delivery_id, 0U);
  }
}

TEST(DeduplicatedHooks, KnowAGitLabRetryByItsIdempotencyKey) {
  const Hook hook = hook_of("gitlab", "gitlab");
  Desk desk{{hook}};
  const std::string body = support::read_payload("gitlab/push").body;
  const auto send = [&](const char* key) {
    return desk.post(signed_post(hook, body, {{"X-Gitlab-Event-UUID", "same"}, {"Idempotency-Key", key}})).body;
  };
  const std::string first = send("a");
  EXPECT_EQ(send("a"), as_duplicate(first));
  EXPECT_TRUE(send("b").starts_with(R"({"status":"accepted")")) << "another hook that tells of the same event";
}

TEST(DeduplicatedHooks, TakeEachOfASenderWithoutIds) {
  const Hook hook = hook_of("gerrit", "gerrit");
  Desk desk{{hook}};
  const Post post = signed_post(hook, support::read_payload("gerrit/ref-updated").body);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(desk.post(post).body.starts_with(R"({"status":"accepted")"));
  EXPECT_EQ(desk.stats("gerrit").without_delivery_id, 0U) << "none is looked for";
}

TEST(DeduplicatedHooks, TakeAndCountWhatLacksItsId) {
  const Hook hook = hook_of("github", "github");
  Desk desk{{hook}};
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(desk.post(signed_post(hook, "{}")).status, 200);
    EXPECT_EQ(desk.post(signed_post(hook, "{}", {{"X-GitHub-Delivery", std::string(257, 'x')}})).status, 200);
  }
  EXPECT_EQ(desk.stats("github").accepted, 4U);
  EXPECT_EQ(desk.stats("github").without_delivery_id, 4U);
}

// Or a stranger could keep a webhook out by sending its id first.
TEST(DeduplicatedHooks, AreNeverTouchedByAForgedRequest) {
  const Hook hook = hook_of("github", "github");
  Desk desk{{hook}};
  const Post good = signed_post(hook, R"({"a":1})", {{"X-GitHub-Delivery", "d-1"}});
  Post forged = good;
  forged.body = R"({"a":2})";
  EXPECT_EQ(desk.post(forged).status, 401);
  EXPECT_TRUE(desk.post(good).body.starts_with(R"({"status":"accepted")"));
  const Reply seen = desk.post(forged);
  EXPECT_EQ(seen.status, 401);
  EXPECT_EQ(seen.body, R"({"error":"unauthorized"})") << "nor does it learn that the id was seen";
}

TEST(DeduplicatedHooks, KnowAnIdByAFieldThatHoldsASecretNever) {
  Hook hook = hook_of("gitlab", "gitlab");
  hook.delivery_id = "header:X-Gitlab-Token";
  Desk desk{{hook}};
  const Post post = signed_post(hook, "{}");
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(desk.post(post).body.starts_with(R"({"status":"accepted")"));
  EXPECT_EQ(desk.stats("gitlab").without_delivery_id, 2U);
}

TEST(DeduplicatedHooks, LeaveWhatWasSeenToTheirSuccessor) {
  Hook hook = hook_of("github", "github");
  Desk desk{{hook}};
  const Post post = signed_post(hook, "{}", {{"X-GitHub-Delivery", "d-1"}});
  const Reply first = desk.post(post);
  hook.accepted_status = 201;
  Hooks next = desk.hooks.successor({hook}, 1U << 20U);
  next.take_over(desk.hooks);
  const auto handler = next.routes().at(0).make(0);
  Exchange exchange{*handler, post};
  exchange.finish();
  EXPECT_EQ(exchange.reply().status, 201);
  EXPECT_EQ(exchange.reply().body, as_duplicate(first.body));
}

}  // namespace
}  // namespace penstock::webhook_in
