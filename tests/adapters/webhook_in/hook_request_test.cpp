#include "webhook_in/hook_request.hpp"

#include "adapters/verify/openssl_memory.hpp"
#include "adapters/webhook_in/desk.hpp"
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace penstock::webhook_in {
namespace {

const Hook& github() {
  static const Hook hook = hook_of("github", "github");
  return hook;
}

Post push(std::string body = "{}") { return signed_post(github(), std::move(body), {{"X-GitHub-Event", "push"}}); }

Post with(Post post, std::string name, std::string value) {
  post.fields.emplace_back(std::move(name), std::move(value));
  return post;
}

void expect_sums(const Desk& desk, std::string_view source) {
  const SourceStats stats = desk.stats(source);
  EXPECT_EQ(stats.received, stats.accepted + stats.duplicate + stats.refused_total());
}

TEST(GoodRequest, IsAnsweredWithTheIdOfItsEvent) {
  Desk desk{{github()}};
  const Reply reply = desk.post(push());
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.field("penstock-receipt"), "memory");
  ASSERT_EQ(desk.events().size(), 1U);
  EXPECT_EQ(reply.body, R"({"status":"accepted","id":")" + desk.events()[0].id + R"("})");
  EXPECT_EQ(desk.stats("github").accepted, 1U);
  EXPECT_EQ(desk.stats("github").duplicate, 0U);
  expect_sums(desk, "github");
}

TEST(GoodRequest, IsAnsweredWithTheStatusThatItsSourceWants) {
  Hook hook = github();
  hook.accepted_status = 202;
  Desk desk{{hook}};
  EXPECT_EQ(desk.post(push()).status, 202);
}

TEST(GoodRequest, MayCarryAnyOfTheSecrets) {
  Hook hook = github();
  hook.verifier = verifier_of("github", {"new-secret", "an-example-secret"});
  Desk desk{{hook}};
  EXPECT_EQ(desk.post(push()).status, 200);
  hook.verifier = verifier_of("github", {"new-secret"});
  EXPECT_EQ(desk.post(signed_post(hook, "{}")).status, 200);
}

TEST(GoodRequest, KeepsRepeatedFieldsInTheirOrder) {
  Desk desk{{github()}};
  Post post = push();
  post.fields.insert(post.fields.begin(), {{"X-Many", "b"}, {"x-many", "a"}, {"X-MANY", "b"}});
  ASSERT_EQ(desk.post(post).status, 200);
  const Lines& metadata = desk.events().at(0).metadata;
  ASSERT_GE(metadata.size(), 3U);
  EXPECT_EQ((Lines{metadata.begin(), metadata.begin() + 3}),
            (Lines{{"x-many", "b"}, {"x-many", "a"}, {"x-many", "b"}}));
}

TEST(OpenSource, TakesAnything) {
  Desk desk{{{.source = "open", .verifier = verifier_of(verify::Scheme{.kind = verify::Kind::none}, {})}}};
  EXPECT_EQ(desk.post({.path = "/hooks/open", .body = "x"}).status, 200);
  EXPECT_EQ(desk.events().size(), 1U);
  EXPECT_EQ(desk.events()[0].topic, "open");
}

TEST(Forgery, IsAnsweredAlikeWhateverIsWrongAndPublishesNothing) {
  Desk desk{{github()}};
  Post other_body = push();
  other_body.body = "{ }";
  Post not_hex = push();
  not_hex.fields.back().second = "sha256=zz";
  Post twice = push();
  twice.fields.push_back(twice.fields.back());
  const std::vector<Post> posts{other_body, {.path = "/hooks/github", .body = "{}"}, not_hex, twice};
  for (const Post& post : posts) {
    const Reply reply = desk.post(post);
    EXPECT_EQ(reply.status, 401);
    EXPECT_EQ(reply.body, R"({"error":"unauthorized"})");
    EXPECT_TRUE(reply.fields.empty());
  }
  EXPECT_EQ(desk.events().size(), 0U);
  EXPECT_EQ(desk.refused("github", Refusal::unauthorized), 2U);
  EXPECT_EQ(desk.refused("github", Refusal::malformed), 2U);
  EXPECT_EQ(desk.stats("github").received, 4U);
  expect_sums(desk, "github");
  EXPECT_EQ(
      desk.told(),
      (Lines{
          {"github", "unauthorized"}, {"github", "unauthorized"}, {"github", "malformed"}, {"github", "malformed"}}));
}

TEST(PathToken, IsWhatFollowsTheSource) {
  const Hook hook = hook_of("gerrit", "gerrit", "t0ken");
  Desk desk{{hook}};
  EXPECT_EQ(desk.post({.path = "/hooks/gerrit/t0ken", .body = "{}"}).status, 200);
  for (const char* path :
       {"/hooks/gerrit", "/hooks/gerrit/", "/hooks/gerrit/t0ke", "/hooks/gerrit/t0ken/", "/hooks/gerrit/t0ken1",
        "/hooks/gerrit//t0ken", "/hooks/gerrit/%740ken", "/hooks/gerrit/x/t0ken"}) {
    EXPECT_EQ(desk.post({.path = path, .body = "{}"}).status, 401) << path;
  }
  EXPECT_EQ(desk.events().size(), 1U);
  EXPECT_EQ(desk.refused("gerrit", Refusal::unauthorized), 8U);
}

TEST(PathToken, StaysOutOfMetadataWhereProxiesCopyIt) {
  const Hook hook = hook_of("gerrit", "gerrit", "t0ken");
  Desk desk{{hook}};
  const Lines copies{{"X-Original-URI", "/hooks/gerrit/t0ken"},
                     {"X-Forwarded-Uri", "/hooks/gerrit/t0ken?x"},
                     {"Referer", "https://door.example/hooks/gerrit/t0ken"},
                     {"X-t0ken", "1"}};
  Post post = signed_post(hook, "{}", copies);
  post.fields.emplace_back("X-Kept", "/hooks/gerrit/");
  ASSERT_EQ(desk.post(post).status, 200);
  EXPECT_EQ(desk.events().at(0).metadata, (Lines{{"x-kept", "/hooks/gerrit/"}}));
}

TEST(SecretText, StaysOutOfMetadataWhateverFieldCopiesIt) {
  const auto kept = [](const verify::Scheme& scheme, Lines copies) {
    const Hook hook{.source = "a", .verifier = verifier_of(scheme, {"s3cret"})};
    Desk desk{{hook}};
    copies.emplace_back("X-Kept", "s3cre");
    EXPECT_EQ(desk.post(signed_post(hook, "{}", std::move(copies))).status, 200);
    return desk.events().at(0).metadata;
  };
  const Lines only_kept{{"x-kept", "s3cre"}};
  EXPECT_EQ(kept({.kind = verify::Kind::token, .header = "X-Token"}, {{"X-Copy", "token s3cret"}}), only_kept);
  EXPECT_EQ(kept({.kind = verify::Kind::bearer}, {{"X-Forwarded-Authorization", "Bearer s3cret"}}), only_kept);
  EXPECT_EQ(kept({.kind = verify::Kind::basic, .user = "hook"},
                 {{"X-Forwarded-Authorization", "Basic aG9vazpzM2NyZXQ="}, {"X-Copy", "https://hook:s3cret@door/"}}),
            only_kept);
}

TEST(ExhaustedOpenssl, IsAnswered503AndNever4xx) {
  ASSERT_TRUE(verify::openssl_memory_is_ours());
  Desk desk{{github()}, {.retry_after = "7"}};
  const Post good = push();
  {
    const verify::NoOpensslMemory none;
    const Reply reply = desk.post(good);
    EXPECT_EQ(reply.status, 503);
    EXPECT_EQ(reply.field("Retry-After"), "7");
    EXPECT_TRUE(reply.body.starts_with(R"({"error":"full")")) << reply.body;
  }
  EXPECT_EQ(desk.post(good).status, 200) << "and then goes on";
  EXPECT_EQ(desk.refused("github", Refusal::full), 1U);
  EXPECT_EQ(desk.refused("github", Refusal::unauthorized), 0U);
  EXPECT_EQ(desk.hooks.unverified_bytes(), 0U);
  desk.events();
  expect_sums(desk, "github");
}

TEST(ContentEncoding, IsRefusedUnlessItIsKept) {
  Hook keeping = hook_of("keeping", "github");
  keeping.keep_encoded = true;
  Desk desk{{github(), keeping}};
  for (const char* coding : {"gzip", "br", "identity, gzip", "x", "identity,"}) {
    const Reply reply = desk.post(with(push("\x1f\x8b"), "Content-Encoding", coding));
    EXPECT_EQ(reply.status, 415) << coding;
    EXPECT_TRUE(reply.body.starts_with(R"({"error":"unsupported_encoding")")) << reply.body;
  }
  EXPECT_EQ(desk.post(with(with(push(), "Content-Encoding", "identity"), "content-encoding", "gzip")).status, 415);
  for (const char* coding : {"identity", "IDENTITY", ""}) {
    EXPECT_EQ(desk.post(with(push(), "content-encoding", coding)).status, 200) << coding;
  }
  EXPECT_EQ(desk.refused("github", Refusal::bad_encoding), 6U);
  expect_sums(desk, "github");

  const Post zipped = with(signed_post(keeping, "\x1f\x8b\x08"), "Content-Encoding", "gzip");
  EXPECT_EQ(desk.post(zipped).status, 200);
  EXPECT_EQ(desk.events().back().payload, zipped.body);
  EXPECT_EQ(desk.events().back().metadata.back(), (std::pair<std::string, std::string>{"content-encoding", "gzip"}));
}

TEST(FullBroker, IsAnswered503AndNever4xx) {
  Desk desk{{github()}, {.retry_after = "7"}};
  std::mutex gate;
  std::unique_lock closed{gate};
  const Subscription slow =
      desk.broker.subscribe("github.push", [&gate](const Event&) { const std::lock_guard pass{gate}; },
                            {.queue_bytes_max = 1U << 20U, .overflow = Overflow::refuse});
  Reply reply{.status = 200};
  int accepted = 0;
  for (; reply.status == 200 && accepted < 100; ++accepted) reply = desk.post(push(std::string(500'000, ' ')));
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.field("Retry-After"), "7");
  EXPECT_TRUE(reply.body.starts_with(R"({"error":"full")")) << reply.body;
  EXPECT_EQ(desk.refused("github", Refusal::full), 1U);
  EXPECT_EQ(desk.told().back(), (std::pair<std::string, std::string>{"github", "full"}));
  closed.unlock();
  desk.events();
  expect_sums(desk, "github");
}

TEST(FullBroker, RefusesABodyThatHasNoRoom) {
  Desk desk{{github()}, {}, {.workers = 1, .memory_bytes_max = 16U << 20U}};
  EXPECT_EQ(desk.post(push(std::string(20U << 20U, ' '))).status, 503);
  EXPECT_EQ(desk.refused("github", Refusal::full), 1U);
  EXPECT_EQ(desk.refused("github", Refusal::too_large), 0U);
  EXPECT_EQ(desk.post(push()).status, 200) << "and then goes on";
  EXPECT_EQ(desk.hooks.unverified_bytes(), 0U);
  desk.events();
  expect_sums(desk, "github");
}

TEST(ClosedBroker, IsAnswered503) {
  Desk desk{{github()}};
  desk.broker.close();
  const Reply reply = desk.post(push());
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.field("Retry-After"), "1");
  EXPECT_TRUE(reply.body.starts_with(R"({"error":"closed")")) << reply.body;
  EXPECT_EQ(desk.refused("github", Refusal::closed), 1U);
  expect_sums(desk, "github");
}

TEST(TooMuchMetadata, IsAnswered413) {
  Desk desk{{github()}};
  const Reply reply = desk.post(with(push(), "X-Long", std::string(70'000, 'x')));
  EXPECT_EQ(reply.status, 413);
  EXPECT_EQ(desk.refused("github", Refusal::too_large), 1U);
  EXPECT_EQ(desk.events().size(), 0U);
  expect_sums(desk, "github");
}

TEST(UnverifiedBodies, HoldNoMoreThanTheirShare) {
  Desk desk{{github()}, {.unverified_bytes_max = 1000}};
  const auto first_handler = desk.connect("/hooks/github");
  const auto second_handler = desk.connect("/hooks/github");
  Exchange first{*first_handler, push(std::string(800, ' '))};
  EXPECT_EQ(desk.hooks.unverified_bytes(), 800U) << "before any of it has come";

  const Exchange second{*second_handler, push(std::string(201, ' '))};
  ASSERT_TRUE(second.answered());
  EXPECT_EQ(second.reply().status, 503);
  EXPECT_EQ(second.reply().field("Retry-After"), "1");
  EXPECT_TRUE(second.reply().body.starts_with(R"({"error":"overloaded")")) << second.reply().body;
  EXPECT_EQ(desk.post(push(std::string(200, ' '))).status, 200);

  first.finish();
  EXPECT_EQ(first.reply().status, 200);
  EXPECT_EQ(desk.hooks.unverified_bytes(), 0U);
  EXPECT_EQ(desk.refused("github", Refusal::overloaded), 1U);
  desk.events();
  expect_sums(desk, "github");
}

TEST(UnverifiedBodies, AreChargedAsTheyComeWhenTheirLengthIsNotKnown) {
  Desk desk{{github()}, {.unverified_bytes_max = 1000}};
  Post post = push(std::string(1001, ' '));
  post.chunked = true;
  post.piece_bytes = 100;
  EXPECT_EQ(desk.post(post).status, 503);
  EXPECT_EQ(desk.refused("github", Refusal::overloaded), 1U);
  EXPECT_EQ(desk.hooks.unverified_bytes(), 0U);
  post = push(std::string(1000, ' '));
  post.chunked = true;
  EXPECT_EQ(desk.post(post).status, 200);
}

TEST(UnverifiedBodies, AreChargedAStepAheadAtMost) {
  Desk desk{{github()}};
  const auto handler = desk.connect("/hooks/github");
  Exchange exchange{*handler, push(std::string(1U << 20U, ' '))};
  EXPECT_EQ(desk.hooks.unverified_bytes(), 128U << 10U);
  ASSERT_TRUE(exchange.receive(512U << 10U));
  EXPECT_GE(desk.hooks.unverified_bytes(), 512U << 10U);
  EXPECT_LE(desk.hooks.unverified_bytes(), (512U + 128U) << 10U);
  exchange.finish();
  EXPECT_EQ(exchange.reply().status, 200);
  EXPECT_EQ(desk.hooks.unverified_bytes(), 0U);
}

TEST(CutRequest, IsCountedUnderItsReasonAndGivesEverythingBack) {
  Desk desk{{github()}};
  const auto handler = desk.connect("/hooks/github");
  const std::vector<std::pair<http::Cut, Refusal>> cuts{{http::Cut::disconnected, Refusal::cut_short},
                                                        {http::Cut::malformed, Refusal::malformed},
                                                        {http::Cut::too_large, Refusal::too_large},
                                                        {http::Cut::too_slow, Refusal::too_slow},
                                                        {http::Cut::stopped, Refusal::closed}};
  for (const auto& [cut, reason] : cuts) {
    Exchange exchange{*handler, push(std::string(5000, ' '))};
    ASSERT_TRUE(exchange.receive(1000));
    handler->cut(cut);
    EXPECT_EQ(desk.refused("github", reason), 1U) << to_string(reason);
    EXPECT_EQ(desk.told().back().second, to_string(reason));
    EXPECT_EQ(desk.hooks.unverified_bytes(), 0U);
  }
  Exchange whole{*handler, push()};
  whole.finish();
  EXPECT_EQ(whole.reply().status, 200) << "the connection's next request starts afresh";
  EXPECT_EQ(desk.events().size(), 1U);
  EXPECT_EQ(desk.stats("github").received, 6U);
  expect_sums(desk, "github");
}

TEST(CutRequest, IsNotCountedAgainWhenItWasAnsweredAtItsHead) {
  Desk desk{{github()}};
  const auto handler = desk.connect("/hooks/github");
  const Exchange exchange{*handler, with(push(), "Content-Encoding", "gzip")};
  ASSERT_TRUE(exchange.answered());
  handler->cut(http::Cut::disconnected);
  EXPECT_EQ(desk.stats("github").received, 1U);
  expect_sums(desk, "github");
}

TEST(VanishedConnection, GivesItsShareBack) {
  Desk desk{{github()}};
  auto handler = desk.connect("/hooks/github");
  Exchange exchange{*handler, push(std::string(5000, ' '))};
  ASSERT_TRUE(exchange.receive(1000));
  handler.reset();
  EXPECT_EQ(desk.hooks.unverified_bytes(), 0U);
}

TEST(ServersOwnRefusals, AreCountedAsEventsOfTheirSource) {
  Desk desk{{github()}};
  const http::Route route = desk.route("/hooks/github");
  for (const int status : {413, 413, 411, 408, 417, 500, 431, 501, 503, 405, 404}) route.on_refused(0, status);
  EXPECT_EQ(desk.refused("github", Refusal::too_large), 2U);
  EXPECT_EQ(desk.refused("github", Refusal::no_length), 1U);
  EXPECT_EQ(desk.refused("github", Refusal::too_slow), 1U);
  EXPECT_EQ(desk.refused("github", Refusal::malformed), 4U);
  EXPECT_EQ(desk.refused("github", Refusal::closed), 1U);
  EXPECT_EQ(desk.stats("github").received, 9U) << "a GET is no event";
  EXPECT_EQ(desk.told().size(), 9U);
  expect_sums(desk, "github");
}

}  // namespace
}  // namespace penstock::webhook_in
