#include "running_broker.hpp"

#include "tools/config/reading.hpp"
#include "tools/written.hpp"
#include "wrong_use.hpp"
#include <gmock/gmock.h>

namespace penstock::command {
namespace {

RunningBroker find(const Common& common, config::Variables variables = {}) {
  Written written;
  return find_broker(common, config::environment_of(std::move(variables)), written.output());
}

TEST(FindBroker, TakesTheUrlThenTheFileThenTheDefault) {
  const Folder folder;
  const std::string file =
      folder.write("p.yaml",
                   "admin: { listen: 0.0.0.0:9001, tokens: { read: \"${env:NOT_SET}\", write: \"${env:NOT_SET}\" } }\n"
                   "sources: { github: { preset: github, secrets: [ \"${env:NOT_SET}\" ] } }\n");
  EXPECT_EQ(find({}).url.authority(), "127.0.0.1:8081");
  EXPECT_EQ(find({.config = file}).url.authority(), "127.0.0.1:9001") << "where it can be reached, without any secret";
  EXPECT_EQ(find({.config = file, .url = "http://h:1"}).url.authority(), "h:1");
}

TEST(FindBroker, ReadsTheTokenFromItsVariable) {
  EXPECT_EQ(find({}).token, "");
  EXPECT_EQ(find({.token_env = "T"}, {{"T", "sesame"}}).token, "sesame");
  EXPECT_THROW((void)find({.token_env = "T"}), WrongUse);
  EXPECT_THROW((void)find({.token_env = "T"}, {{"T", ""}}), WrongUse);
  EXPECT_THROW((void)find({.token_env = "T"}, {{"T", "a b"}}), WrongUse);
  EXPECT_THROW((void)find({.token_env = "T"}, {{"T", "a\r\nx: y"}}), WrongUse);
}

TEST(FindBroker, RefusesWhatIsNoPlace) {
  EXPECT_THROW((void)find({.url = "https://h"}), WrongUse);
  EXPECT_THROW((void)find({.config = "/nowhere.yaml"}), BadConfiguration);
}

}  // namespace
}  // namespace penstock::command
