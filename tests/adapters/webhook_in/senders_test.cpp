// Real bodies of six senders, and hostile ones: where they arrive.

#include "adapters/webhook_in/desk.hpp"
#include "support/payloads/payload.hpp"
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::webhook_in {
namespace {

struct Sender {
  const char* source;
  const char* preset;
  const char* payload;
  const char* topic;
};

constexpr std::array<Sender, 6> kSenders{{
    {"github", "github", "github/push", "github.push"},
    {"gitlab", "gitlab", "gitlab/push", "gitlab.push"},
    {"bitbucketCloud", "bitbucket-cloud", "bitbucketCloud/repo_push", "bitbucketCloud.repo:push"},
    {"bitbucketServer", "bitbucket-server", "bitbucketServer/repo_refs_changed", "bitbucketServer.repo:refs_changed"},
    {"azureDevOps", "azure-devops", "azureDevOps/git.push", "azureDevOps.git.push"},
    {"gerrit", "gerrit", "gerrit/change-merged", "gerrit.change-merged"},
}};

std::string in_lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool is_secret(std::string_view name) { return name == "authorization" || name == "x-gitlab-token"; }

TEST(SixSenders, ArriveUnderTheirSubTopicsByteForByte) {
  std::vector<Hook> hooks;
  hooks.reserve(kSenders.size());
  for (const Sender& sender : kSenders) hooks.push_back(hook_of(sender.source, sender.preset));
  Desk desk{hooks};

  std::vector<Post> posts;
  for (std::size_t i = 0; i < kSenders.size(); ++i) {
    const support::Payload payload = support::read_payload(kSenders[i].payload);
    posts.push_back(signed_post(hooks[i], payload.body, payload.fields));
    const Reply reply = desk.post(posts.back());
    EXPECT_EQ(reply.status, 200) << kSenders[i].source;
    EXPECT_EQ(reply.field("Penstock-Receipt"), "memory");
    EXPECT_TRUE(reply.body.starts_with(R"({"status":"accepted","id":")")) << reply.body;
  }

  const std::vector<Seen>& events = desk.events();
  ASSERT_EQ(events.size(), kSenders.size());
  for (std::size_t i = 0; i < kSenders.size(); ++i) {
    EXPECT_EQ(events[i].topic, kSenders[i].topic);
    EXPECT_EQ(events[i].base_topic, kSenders[i].source);
    EXPECT_EQ(events[i].source, kSenders[i].source);
    EXPECT_EQ(events[i].payload, posts[i].body) << kSenders[i].source;
    Lines wanted;
    for (const auto& [name, value] : posts[i].fields) {
      if (!is_secret(in_lower_case(name))) wanted.emplace_back(in_lower_case(name), value);
    }
    EXPECT_EQ(events[i].metadata, wanted) << kSenders[i].source;
    EXPECT_EQ(desk.stats(kSenders[i].source).accepted, 1U);
    EXPECT_EQ(desk.stats(kSenders[i].source).unrouted, 0U);
  }
}

TEST(SixSenders, ArriveWithoutAnySecret) {
  std::vector<Hook> hooks;
  hooks.reserve(kSenders.size());
  for (const Sender& sender : kSenders) hooks.push_back(hook_of(sender.source, sender.preset, "hush-hush-hush"));
  Desk desk{hooks};
  for (std::size_t i = 0; i < hooks.size(); ++i) {
    Post post = signed_post(hooks[i], support::read_payload(kSenders[i].payload).body);
    for (const char* name : {"Cookie", "Proxy-Authorization", "X-Amz-Security-Token"}) {
      post.fields.emplace_back(name, "hush-hush-hush");
    }
    ASSERT_EQ(desk.post(post).status, 200);
  }
  for (const Seen& seen : desk.events()) {
    for (const auto& [name, value] : seen.metadata) {
      EXPECT_EQ(value.find("hush"), std::string::npos) << seen.source << " " << name;
      EXPECT_FALSE(name == "authorization" || name == "cookie") << seen.source;
    }
  }
}

TEST(GitLab, IsRoutedByObjectKindWhereThereIsNoEventName) {
  const Hook hook = hook_of("gitlab", "gitlab");
  Desk desk{{hook}};
  const support::Payload issue = support::read_payload("gitlab/issue");
  ASSERT_EQ(desk.post(signed_post(hook, issue.body, issue.fields)).status, 200);
  ASSERT_EQ(desk.events().size(), 1U);
  EXPECT_EQ(desk.events()[0].topic, "gitlab.issue");
}

TEST(Payloads, AreNeverWrittenAnew) {
  const Hook hook = hook_of("github", "github");
  Desk desk{{hook}};
  const std::vector<std::string> bodies{"{ \"a\" : 5.0,\r\n\"a\":1e2 }\n",
                                        "{\"big\":12345678901234567890}",
                                        std::string{"\xff\xfe\0x", 4},
                                        "",
                                        "[]",
                                        "not json",
                                        std::string(300'000, 'x'),
                                        std::string(131'072, 'y')};
  for (const std::string& body : bodies) {
    Post post = signed_post(hook, body, {{"X-GitHub-Event", "push"}});
    post.piece_bytes = 1000;
    EXPECT_EQ(desk.post(post).status, 200);
    post.chunked = true;
    EXPECT_EQ(desk.post(post).status, 200);
  }
  ASSERT_EQ(desk.events().size(), bodies.size() * 2);
  for (std::size_t i = 0; i < desk.events().size(); ++i) {
    EXPECT_TRUE(desk.events()[i].payload == bodies[i / 2]) << i;
    EXPECT_EQ(desk.events()[i].topic, "github.push");
  }
}

// It is the sender's own affair what its events are called: what cannot be a sub-topic is taken, on the base topic.
TEST(HostileSubTopics, ArriveOnTheBaseTopicAndAreCounted) {
  const Hook github = hook_of("github", "github");
  const Hook gerrit = hook_of("gerrit", "gerrit");
  Desk desk{{github, gerrit}};

  const std::vector<Lines> heads{{{"X-GitHub-Event", "two words"}},
                                 {{"X-GitHub-Event", std::string(200, 'a')}},
                                 {{"X-GitHub-Event", ".."}},
                                 {{"X-GitHub-Event", "push."}},
                                 {{"X-GitHub-Event", "*"}},
                                 {{"X-GitHub-Event", ">"}},
                                 {{"X-GitHub-Event", ""}},
                                 {{"X-GitHub-Event", "p\xc3\xbcsh"}},
                                 {{"X-GitHub-Event", "push"}, {"x-github-event", "push"}},
                                 {}};
  for (const Lines& head : heads) EXPECT_EQ(desk.post(signed_post(github, "{}", head)).status, 200);
  const std::vector<std::string> bodies{R"({"type":"a\r\nb"})",
                                        R"({"type":"a\u0000"})",
                                        R"({"type":7})",
                                        R"({"type":null})",
                                        R"({"type":["x"]})",
                                        R"({"type":"x)",
                                        R"(["type","x"])",
                                        R"("type")",
                                        std::string(2, '\0'),
                                        R"({"type":""})",
                                        "",
                                        std::string(100'000, '[')};
  for (const std::string& body : bodies)
    EXPECT_EQ(desk.post(signed_post(gerrit, body)).status, 200) << body.substr(0, 30);

  for (const Seen& seen : desk.events()) EXPECT_EQ(seen.topic, seen.source) << seen.payload.substr(0, 30);
  EXPECT_EQ(desk.events().size(), heads.size() + bodies.size());
  EXPECT_EQ(desk.stats("github").unrouted, heads.size());
  EXPECT_EQ(desk.stats("gerrit").unrouted, bodies.size());
  EXPECT_EQ(desk.stats("gerrit").refused_total(), 0U);
}

}  // namespace
}  // namespace penstock::webhook_in
