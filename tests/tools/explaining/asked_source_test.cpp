#include "explaining/asked_source.hpp"

#include "tools/config/reading.hpp"
#include "tools/written.hpp"
#include <gmock/gmock.h>

namespace penstock::explaining {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<AskedSource> asked(const command::ExplainOptions& options) {
  command::Written written;
  return asked_sources(options, config::environment_of({{"S", "hush"}}), written.output());
}

TEST(AskedSource, OfAPresetIsCalledAsTheTargetCallsIt) {
  const auto named = [](const std::string& target) {
    return std::move(asked({.preset = "bitbucket-cloud", .secret_variables = {"S"}, .target = target}).front());
  };
  EXPECT_EQ(named("").source.name, "bitbucket-cloud");
  EXPECT_EQ(named("/hooks/bitbucketCloud?x").source.name, "bitbucketCloud");
  EXPECT_EQ(named("/hooks/bitbucketCloud?x").target, "/hooks/bitbucketCloud?x");
  EXPECT_EQ(named("/hooks/bitbucketCloud").source.topic, "bitbucket-cloud");
  EXPECT_THAT(named("/hooks/bitbucketCloud").notes, IsEmpty());
  EXPECT_EQ(named("/in?x=1").target, "/hooks/bitbucket-cloud?x=1");
  EXPECT_EQ(named("/hooks/a.b").source.name, "bitbucket-cloud");
  EXPECT_EQ(named("*").target, "*") << "for the ingress to refuse";
}

TEST(AskedSource, IsOneForEachUser) {
  const auto both = asked({.preset = "azure-devops", .secret_variables = {"S"}, .users = {"a", "b"}});
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[0].source.scheme.user, "a");
  EXPECT_EQ(both[1].source.scheme.user, "b");
  EXPECT_THAT(asked({.preset = "gitlab", .secret_variables = {"S"}, .users = {"a", "b"}}).at(0).notes,
              ElementsAre("--user is not used by this scheme"));
}

TEST(AskedSource, OfAFileReadsNoOtherSourcesSecret) {
  const command::Folder folder;
  const std::string file = folder.write("p.yaml",
                                        "sources:\n  a: { preset: github, secrets: [ \"${env:S}\" ] }\n"
                                        "  b: { preset: github, secrets: [ \"${env:NOT_SET}\" ] }\n");
  EXPECT_NE(asked({.common = {.config = file}, .source = "a"}).at(0).source.verifier, nullptr);
}

}  // namespace
}  // namespace penstock::explaining
