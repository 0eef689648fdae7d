#include "sending/delivery.hpp"

#include "http/request.hpp"
#include "support/payloads/payload.hpp"
#include "tools/config/reading.hpp"
#include <gmock/gmock.h>

#include <algorithm>
#include <map>

namespace penstock::sending {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kConfig = R"(
journal: off
sources:
  github: { preset: github, secrets: [ "${env:S}" ] }
  gitlab: { preset: gitlab, secrets: [ "${env:S}" ] }
  bitbucketCloud: { preset: bitbucket-cloud, secrets: [ "${env:S}" ] }
  bitbucketServer: { preset: bitbucket-server, secrets: [ "${env:S}" ] }
  azureDevOps: { preset: azure-devops, user: penstock, secrets: [ "${env:S}" ] }
  gerrit: { preset: gerrit, path_token: "${env:S}" }
  plain: { verify: { kind: none } }
)";

const config::Source& source(const std::string& name) {
  static const config::Read read = config::read_config(kConfig, config::Variables{{"S", "hush"}});
  return *read.config->source(name);
}

std::string field(const Delivery& delivery, std::string_view name) {
  for (const auto& [key, value] : delivery.fields) {
    if (http::equal_without_case(key, name)) return value;
  }
  return "none";
}

verify::Result checked(const config::Source& source, const Delivery& delivery) {
  const std::vector<verify::Field> fields{delivery.fields.begin(), delivery.fields.end()};
  const verify::Request request{
      .method = "POST", .path_token = delivery.path_token, .fields = fields, .body = delivery.body};
  return source.verifier->check(request, std::chrono::system_clock::now());
}

TEST(Delivery, OfEverySenderIsAuthentic) {
  const std::map<std::string, std::pair<std::string, std::string>> senders{
      {"github", {"github/push", "push"}},
      {"gitlab", {"gitlab/push", ""}},
      {"bitbucketCloud", {"bitbucketCloud/repo_push", "repo:push"}},
      {"bitbucketServer", {"bitbucketServer/repo_refs_changed", "repo:refs_changed"}},
      {"azureDevOps", {"azureDevOps/git.push", ""}},
      {"gerrit", {"gerrit/change-merged", ""}}};
  for (const auto& [name, body_and_event] : senders) {
    const auto& [file, event] = body_and_event;
    const std::string body = support::read_payload(file).body;
    const DeliveryMaker maker{source(name), {.event = event.empty() ? std::nullopt : std::optional{event}}, body};
    EXPECT_THAT(maker.notes(), IsEmpty()) << name;
    DeliveryIds ids;
    const Delivery delivery = maker.make(ids);
    EXPECT_EQ(checked(source(name), delivery), verify::Result::authentic) << name;
    EXPECT_EQ(delivery.body.size(), body.size()) << name;
    EXPECT_EQ(delivery.body == body, name != "azureDevOps") << name << ": only an id in the body changes it";
    EXPECT_THAT(field(delivery, "content-type"), HasSubstr("application/json")) << name;
    EXPECT_NE(field(delivery, "user-agent"), "none") << name;
  }
}

TEST(Delivery, HasAFreshIdEachTimeUnlessItIsKept) {
  DeliveryIds ids;
  const DeliveryMaker fresh{source("github"), {.event = "push"}, "{}"};
  EXPECT_NE(field(fresh.make(ids), "x-github-delivery"), field(fresh.make(ids), "x-github-delivery"));
  const DeliveryMaker kept{source("github"), {.event = "push", .keep_id = true}, "{}"};
  EXPECT_EQ(field(kept.make(ids), "x-github-delivery"), field(kept.make(ids), "x-github-delivery"));
  EXPECT_EQ(field(kept.make(ids), "x-github-delivery"), id_of("{}"));
}

TEST(Delivery, ChangesOnlyTheIdOfABody) {
  const std::string body = R"({"id":"03c164c2","eventType":"git.push","resource":{"id":"03c164c2","size":5.0}})";
  DeliveryIds ids;
  const DeliveryMaker fresh{source("azureDevOps"), {}, body};
  const Delivery first = fresh.make(ids);
  const Delivery second = fresh.make(ids);
  EXPECT_NE(first.body, second.body);
  EXPECT_EQ(first.body.substr(15), body.substr(15));
  EXPECT_EQ(checked(source("azureDevOps"), first), verify::Result::authentic);
  const DeliveryMaker kept{source("azureDevOps"), {.keep_id = true}, body};
  EXPECT_EQ(kept.make(ids).body, body);
}

TEST(Delivery, TellsOfAnIdThatIsNotThereAndOfAMissingEvent) {
  EXPECT_THAT(DeliveryMaker(source("azureDevOps"), {}, "{}").notes(),
              ElementsAre("no id at json:/id in the body: sent as it is"));
  EXPECT_THAT(DeliveryMaker(source("github"), {}, "{}").notes(),
              ElementsAre("no --event: sent without X-GitHub-Event, so it will stay on topic github"));
  EXPECT_THAT(DeliveryMaker(source("github"), {.fields = {{"x-github-event", "push"}}}, "{}").notes(), IsEmpty());
}

TEST(Delivery, AnEventIsWrongUseWhereNothingReadsIt) {
  try {
    const DeliveryMaker maker{source("gitlab"), {.event = "push"}, "{}"};
    FAIL();
  } catch (const WrongUse& wrong) {
    EXPECT_STREQ(wrong.what(), "source gitlab is routed by its body (json:/event_name): leave --event out");
  }
  EXPECT_THROW(DeliveryMaker(source("plain"), {.event = "push"}, "{}"), WrongUse);
}

TEST(Delivery, GivenFieldsStandAboveItsOwn) {
  DeliveryIds ids;
  const DeliveryMaker maker{
      source("github"),
      {.event = "push",
       .fields = {{"x-hub-signature-256", "sha256=00"}, {"User-Agent", "me"}, {"X-A", "1"}, {"X-A", "2"}}},
      "{}"};
  const Delivery delivery = maker.make(ids);
  EXPECT_EQ(field(delivery, "X-Hub-Signature-256"), "sha256=00");
  EXPECT_EQ(field(delivery, "user-agent"), "me");
  EXPECT_EQ(
      std::count_if(delivery.fields.begin(), delivery.fields.end(), [](const auto& f) { return f.first == "X-A"; }), 2);
  EXPECT_NE(checked(source("github"), delivery), verify::Result::authentic);
}

}  // namespace
}  // namespace penstock::sending
