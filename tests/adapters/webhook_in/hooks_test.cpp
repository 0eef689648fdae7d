#include "webhook_in/hooks.hpp"

#include "adapters/webhook_in/desk.hpp"
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace penstock::webhook_in {
namespace {

std::string refusal(const std::vector<Hook>& hooks, HookOptions options = {}) {
  Broker broker{{.workers = 1}};
  try {
    const Hooks made{broker, hooks, std::move(options)};
    return "";
  } catch (const SetupError& error) {
    return error.what();
  }
}

std::vector<std::string> paths_of(const Hooks& hooks) {
  std::vector<std::string> paths;
  for (const http::Route& route : hooks.routes()) paths.push_back(route.method + " " + route.path);
  return paths;
}

TEST(Hooks, HaveOnePathEachAndOneMoreForAToken) {
  Broker broker{{.workers = 1}};
  const Hooks hooks{
      broker, {hook_of("github", "github"), hook_of("gerrit", "gerrit"), hook_of("A-b_c4", "gitlab")}, {}};
  EXPECT_EQ(paths_of(hooks),
            (std::vector<std::string>{"POST /hooks/github", "POST /hooks/gerrit", "POST /hooks/gerrit/",
                                      "POST /hooks/gerrit/*", "POST /hooks/A-b_c4"}));
  for (const http::Route& route : hooks.routes()) EXPECT_TRUE(route.length_required);
}

TEST(Hooks, LimitBodiesToWhatCouldEverBeHeld) {
  Broker broker{{.workers = 1}};
  Hook hook = hook_of("github", "github");
  hook.payload_bytes_max = 5000;
  EXPECT_EQ((Hooks{broker, {hook}, {}}.routes().at(0).body_bytes_max), 5000U);
  EXPECT_EQ((Hooks{broker, {hook}, {.unverified_bytes_max = 4000}}.routes().at(0).body_bytes_max), 4000U);
}

TEST(Hooks, RefuseADedupThatCannotBe) {
  Hook hook = hook_of("github", "github");
  hook.delivery_id = "X-Id";
  EXPECT_EQ(refusal({hook}), "source 'github': 'X-Id' is no place: write header:NAME or json:/pointer");
  hook.delivery_id = "header:X-Id";
  hook.dedup_window = std::chrono::seconds{0};
  EXPECT_EQ(refusal({hook}), "source 'github': dedup: a window of 0 s; give 1 s to 366 days");
  hook.delivery_id = "";
  EXPECT_EQ(refusal({hook}), "") << "switched off";
}

TEST(Hooks, RefuseSourcesThatCannotBe) {
  for (const char* name :
       {"", "a/b", "a b", "..", ".", "a..b", "*", "a\r\nb", "a?b", "a%20b", "\xc3\xa4", "a.b", "a:b"}) {
    const std::string why = refusal({hook_of(name, "github")});
    EXPECT_EQ(why,
              "'" + std::string{name} + "' cannot be the name of a source; use letters, digits, - and _ (at most 128)");
  }
  EXPECT_EQ(refusal({hook_of("github", "github"), hook_of("github", "gitlab")}),
            "source 'github': stands twice: rename one of them");
  EXPECT_EQ(refusal({{.source = "bare", .verifier = nullptr}}),
            "source 'bare': has no verifier: choose a preset or a scheme, or write kind: none");
  Hook hook = hook_of("github", "github");
  hook.topic = "a..b";
  EXPECT_TRUE(refusal({hook}).starts_with("source 'github': 'a..b' is no topic")) << refusal({hook});
}

TEST(Hooks, RefuseStatusesThatSayNoOrCarryNoBody) {
  Hook hook = hook_of("github", "github");
  for (const int status : {0, 100, 199, 204, 205, 300, 404, 500, -1}) {
    hook.accepted_status = status;
    EXPECT_TRUE(refusal({hook}).starts_with("source 'github': accepted_status " + std::to_string(status))) << status;
  }
  for (const int status : {200, 201, 202, 299}) {
    hook.accepted_status = status;
    EXPECT_EQ(refusal({hook}), "");
  }
}

TEST(Hooks, RefusePlacesThatAreNone) {
  Hook hook = hook_of("github", "github");
  for (const char* place :
       {"", "X-Event", "header:", "header:X Event", "json:", "json:type", "body:/type", "HEADER:X"}) {
    hook.event = {place};
    EXPECT_TRUE(refusal({hook}).starts_with("source 'github': ")) << place;
  }
  EXPECT_THROW(static_cast<void>(parse_place("X-Event")), SetupError);
  const Route route = parse_place("json:/a/b");
  ASSERT_EQ(route.places().size(), 1U);
  EXPECT_EQ(route.places()[0].kind, Route::Kind::json);
  EXPECT_EQ(route.places()[0].name, "/a/b");
}

TEST(Hooks, RefuseOptionsThatCannotWork) {
  EXPECT_TRUE(refusal({}, {.io_threads = 0}).starts_with("io_threads"));
  for (const char* seconds : {"", "1s", "-1", "1\r\nX: y"}) {
    EXPECT_TRUE(refusal({}, {.retry_after = seconds}).starts_with("retry_after '")) << seconds;
  }
}

TEST(SourcesOfOneTopic, MustBeRoutedAlike) {
  Hook one = hook_of("one", "github");
  Hook two = hook_of("two", "github");
  one.topic = two.topic = "git";
  two.event = {"header:x-github-EVENT"};
  EXPECT_EQ(refusal({one, two}), "");

  for (const std::vector<std::string>& other :
       std::vector<std::vector<std::string>>{{}, {"json:/type"}, {"header:X-GitHub-Event", "json:/type"}}) {
    two.event = other;
    const std::string why = refusal({one, two});
    EXPECT_TRUE(why.starts_with("source 'two': shares topic 'git' with source 'one'")) << why;
  }
  two.topic = "other";
  EXPECT_EQ(refusal({one, two}), "");
  two.topic = "";
  two.source = "git";  // A source's own name is its topic.
  EXPECT_NE(refusal({one, two}), "");
}

TEST(SourcesOfOneTopic, KeepTheirOwnNamesAndSecrets) {
  Hook one = hook_of("one", "github", "secret-of-one");
  Hook two = hook_of("two", "github", "secret-of-two");
  one.topic = two.topic = "git";
  Desk desk{{one, two}};
  EXPECT_EQ(desk.post(signed_post(one, "{}", {{"X-GitHub-Event", "push"}})).status, 200);
  EXPECT_EQ(desk.post(signed_post(two, "{}", {{"X-GitHub-Event", "push"}})).status, 200);
  Post crossed = signed_post(one, "{}");
  crossed.path = "/hooks/two";
  EXPECT_EQ(desk.post(crossed).status, 401);
  ASSERT_EQ(desk.events().size(), 2U);
  EXPECT_EQ(desk.events()[0].topic, "git.push");
  EXPECT_EQ(desk.events()[0].source, "one");
  EXPECT_EQ(desk.events()[1].source, "two");
  EXPECT_EQ(desk.stats("two").refused_total(), 1U);
}

std::string route_in(const Broker& broker, std::string_view topic) {
  for (const TopicStats& stats : broker.stats().topics) {
    if (stats.name == topic) return stats.route;
  }
  return "(no topic)";
}

Reply post_to(const Hooks& hooks, const Post& post) {
  for (const http::Route& route : hooks.routes()) {
    if (route.path != post.path) continue;
    const auto handler = route.make(0);
    Exchange exchange{*handler, post};
    if (!exchange.answered()) exchange.finish();
    return exchange.reply();
  }
  return {.status = 404};
}

TEST(Successor, BringsOtherSourcesSecretsAndLimits) {
  const Hook was = hook_of("github", "github", "old secret");
  Desk desk{{was, hook_of("gone", "github")}};
  Hook is = hook_of("github", "github", "new secret");
  is.accepted_status = 202;
  is.payload_bytes_max = 7;
  const Hook added = hook_of("added", "gitlab");
  const Hooks next = desk.hooks.successor({is, added}, 1U << 20U);
  EXPECT_EQ(paths_of(next), (std::vector<std::string>{"POST /hooks/github", "POST /hooks/added"}));
  EXPECT_EQ(next.routes().at(0).body_bytes_max, 7U);
  EXPECT_EQ(post_to(next, signed_post(is, "{}")).status, 202);
  EXPECT_EQ(post_to(next, signed_post(was, "{}")).status, 401);
  EXPECT_EQ(post_to(next, signed_post(added, "{}")).status, 200);
  EXPECT_EQ(desk.post(signed_post(was, "{}")).status, 200) << "whoever holds the former routes is served by them";
  EXPECT_EQ(desk.stats("github").accepted, 2U) << "one source, however often its hooks were made";
  EXPECT_EQ(desk.stats("github").refused_total(), 1U);
  EXPECT_EQ(desk.stats("gone").received, 0U) << "its counters stay";
}

TEST(Successor, RoutesTopicsOnlyOnceItTakesOver) {
  Hook kept = hook_of("kept", "github");
  Hook changed = hook_of("changed", "github");
  Hook bare = hook_of("bare", "github");
  Hook gone = hook_of("gone", "github");
  Desk desk{{kept, changed, bare, gone}};
  changed.event = {"json:/type"};
  bare.event = {};
  Hook added = hook_of("added", "gitlab");
  const std::string before = route_in(desk.broker, "kept");
  Hooks next = desk.hooks.successor({kept, changed, bare, added}, 1U << 20U);
  for (const char* topic : {"changed", "bare", "gone"}) EXPECT_EQ(route_in(desk.broker, topic), before) << topic;
  next.take_over(desk.hooks);
  EXPECT_EQ(route_in(desk.broker, "kept"), before);
  EXPECT_EQ(route_in(desk.broker, "changed"), "json:/type");
  EXPECT_EQ(route_in(desk.broker, "bare"), "");
  EXPECT_EQ(route_in(desk.broker, "gone"), before) << "requests that were begun before still publish to it";
  EXPECT_EQ(route_in(desk.broker, "added"), "json:/event_name, json:/object_kind");

  gone.event = {};
  Hooks back = next.successor({gone}, 1U << 20U);
  back.take_over(next);
  EXPECT_EQ(route_in(desk.broker, "gone"), "") << "what comes back comes as it is written now";
  EXPECT_EQ(route_in(desk.broker, "changed"), "json:/type");
}

TEST(Successor, ThatCannotBeChangesNothing) {
  const Hook hook = hook_of("github", "github");
  Desk desk{{hook}};
  Hook elsewhere = hook;
  elsewhere.topic = "elsewhere";
  Hook broken = hook_of("second", "github");
  broken.event = {"nowhere"};
  for (const std::vector<Hook>& bad : std::vector<std::vector<Hook>>{{elsewhere}, {hook, hook}, {hook, broken}}) {
    EXPECT_THROW(static_cast<void>(desk.hooks.successor(bad, 1U << 20U)), SetupError);
  }
  EXPECT_EQ(route_in(desk.broker, "github"), "header:X-GitHub-Event");
  EXPECT_EQ(desk.broker.stats().sources.size(), 1U);
  EXPECT_EQ(desk.post(signed_post(hook, "{}")).status, 200);
}

TEST(Successor, CountsUnverifiedBodiesOfBoth) {
  const Hook hook = hook_of("github", "github");
  Desk desk{{hook}, {.unverified_bytes_max = 100'000}};
  const auto handler = desk.connect("/hooks/github");
  const Exchange begun{*handler, signed_post(hook, std::string(60'000, ' '))};
  const Hooks next = desk.hooks.successor({hook}, 100'000);
  EXPECT_EQ(next.unverified_bytes(), 60'000U);
  EXPECT_EQ(post_to(next, signed_post(hook, std::string(50'000, ' '))).status, 503);
  EXPECT_EQ(post_to(desk.hooks.successor({hook}, 200'000), signed_post(hook, std::string(50'000, ' '))).status, 200);
}

TEST(Hooks, OutliveTheirBroker) {
  const Hook hook = hook_of("github", "github");
  auto broker = std::make_unique<Broker>(BrokerOptions{.workers = 1});
  const Hooks hooks{*broker, {hook}, {}};
  const auto handler = hooks.routes().at(0).make(0);
  broker.reset();
  Exchange exchange{*handler, signed_post(hook, "{}")};
  if (!exchange.answered()) exchange.finish();
  EXPECT_EQ(exchange.reply().status, 503);
}

}  // namespace
}  // namespace penstock::webhook_in
