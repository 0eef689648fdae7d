#include "running_broker.hpp"

#include "client/socket.hpp"
#include "tools/config/reading.hpp"
#include "tools/written.hpp"
#include "wrong_use.hpp"
#include <gmock/gmock.h>

#include <functional>
#include <utility>

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

TEST(FindBroker, TakesTheListenersVariableWhereThereIsNoFile) {
  const auto with = [](const std::string& value) {
    return Common{.overrides = {{{"admin.listen", value, "PENSTOCK_ADMIN_LISTEN"}}, {}}};
  };
  EXPECT_EQ(find(with("127.0.0.1:9002")).url.authority(), "127.0.0.1:9002");
  EXPECT_EQ(find(with("0.0.0.0:9002")).url.authority(), "127.0.0.1:9002") << "where it can be reached";
  EXPECT_THROW((void)find(with("nowhere")), WrongUse);
}

TEST(ExitOf, IsOfWhatLeftTheWorkAndTellsWhy) {
  const auto ended = [](const std::function<Exit()>& work) {
    Written written;
    const Exit exit = exit_of("tail", written.output(), work);
    return std::pair{exit, written.err()};
  };
  EXPECT_EQ(ended([] { return Exit::full; }), std::pair(Exit::full, std::string{}));
  EXPECT_EQ(ended([]() -> Exit { throw WrongUse{"so"}; }),
            std::pair(Exit::wrong_use, std::string{"penstock tail: so\n"}));
  using client::ClientError;
  EXPECT_EQ(ended([]() -> Exit { throw ClientError(ClientError::Kind::no_server, "nobody"); }).first, Exit::no_broker);
  EXPECT_EQ(ended([]() -> Exit { throw ClientError(ClientError::Kind::broken, "cut"); }).first, Exit::failed);
  EXPECT_EQ(ended([]() -> Exit { throw BadConfiguration{}; }), std::pair(Exit::bad_configuration, std::string{}));
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
