#include "send.hpp"

#include "tools/client/scripted_server.hpp"
#include "tools/config/reading.hpp"
#include "tools/serving/running_daemon.hpp"
#include "tools/written.hpp"
#include <boost/json/parse.hpp>
#include <gmock/gmock.h>

namespace penstock::command {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kSources = R"(
sources:
  github: { preset: github, secrets: [ "${env:S}" ] }
  gitlab: { preset: gitlab, secrets: [ "${env:S}" ] }
  gerrit: { preset: gerrit, path_token: "${env:S}" }
)";

class Send : public testing::Test {
 protected:
  Exit send(SendOptions options, const config::Variables& variables = {{"S", "hush"}}) {
    options.common.config = folder_.write("p.yaml", std::string{"journal: off\n"} + kSources);
    if (options.file.empty())
      options.file = folder_.write("body.json", R"({"event_name":"push","type":"change-merged"})");
    return run_send(options, config::environment_of(variables), written_.output());
  }

  Folder folder_;
  Written written_;
};

TEST_F(Send, IsTakenByTheDaemonAsTheSenderIs) {
  serving::RunningDaemon running{kSources};
  EXPECT_EQ(send({.source = "github", .event = "push", .to = running.hook("github")}), Exit::done);
  EXPECT_THAT(written_.out(), StartsWith(R"(200 {"status":"accepted","id":")"));
  EXPECT_THAT(written_.out(), EndsWith("receipt: memory\n"));
  EXPECT_EQ(send({.source = "gitlab", .to = running.hook("gitlab")}), Exit::done);
  EXPECT_EQ(send({.source = "gerrit", .to = running.hook("gerrit")}), Exit::done);
  EXPECT_EQ(send({.source = "gerrit", .to = "http://" + running->ingress().text()}), Exit::done)
      << "the path is the source's";
  for (const SourceStats& source : running->stats().sources) {
    EXPECT_EQ(source.refused_total(), 0U) << source.name;
    EXPECT_EQ(source.unrouted, 0U) << source.name;
  }
}

TEST_F(Send, WithAWrongSecretIsRefusedAndFails) {
  serving::RunningDaemon running{kSources};
  EXPECT_EQ(send({.source = "github", .event = "push", .to = running.hook("github")}, {{"S", "another-one"}}),
            Exit::failed);
  EXPECT_THAT(written_.out(), StartsWith("401 "));
  EXPECT_THAT(written_.out() + written_.err(), Not(HasSubstr("another-one")));
}

TEST_F(Send, RepeatsOverSeveralConnectionsAndCountsTheAnswers) {
  serving::RunningDaemon running{kSources};
  EXPECT_EQ(send({.common = {.json = true},
                  .source = "github",
                  .event = "push",
                  .to = running.hook("github"),
                  .repeat = 50,
                  .connections = 3}),
            Exit::done);
  const boost::json::value json = boost::json::parse(written_.out());
  EXPECT_EQ(json.at("sent"), boost::json::value(50));
  EXPECT_EQ(json.at("statuses").at("200"), boost::json::value(50));
  EXPECT_EQ(running->stats().sources.at(2).accepted, 50U) << "github comes third: admin, gerrit, github, gitlab";
}

TEST_F(Send, ToNobodyEndsWith69) {
  EXPECT_EQ(send({.source = "gitlab", .to = "http://127.0.0.1:" + std::to_string(client::free_port())}),
            Exit::no_broker);
  EXPECT_EQ(written_.out(), "");
  EXPECT_THAT(written_.err(), HasSubstr("127.0.0.1"));
  EXPECT_EQ(send({.common = {.json = true},
                  .source = "gitlab",
                  .to = "http://127.0.0.1:" + std::to_string(client::free_port()),
                  .repeat = 1'000'000'000}),
            Exit::no_broker);
  EXPECT_EQ(boost::json::parse(written_.out()).at("sent"), boost::json::value(1)) << "it gives up at once";
}

TEST_F(Send, ToAFullBrokerEndsWith75) {
  client::ScriptedServer server{{{"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"}}};
  EXPECT_EQ(send({.source = "gitlab", .to = "http://127.0.0.1:" + std::to_string(server.port())}), Exit::full);
}

TEST_F(Send, AnAnswerThatBreaksOffFails) {
  client::ScriptedServer server{{{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncut"}}};
  EXPECT_EQ(send({.source = "gitlab", .to = "http://127.0.0.1:" + std::to_string(server.port())}), Exit::failed);
}

TEST_F(Send, PutsThePathTokenBehindThePathAndInFrontOfTheQuery) {
  client::ScriptedServer server{{{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}}};
  EXPECT_EQ(send({.source = "gerrit", .to = "http://127.0.0.1:" + std::to_string(server.port()) + "/x?a=b"}),
            Exit::done);
  EXPECT_THAT(server.received(0), StartsWith("POST /x/hush?a=b HTTP/1.1\r\n"));
}

TEST_F(Send, WrongUseEndsWithTwoAndSaysWhy) {
  EXPECT_EQ(send({.source = "gitlab", .event = "push"}), Exit::wrong_use);
  EXPECT_THAT(written_.err(), HasSubstr("source gitlab is routed by its body (json:/event_name): leave --event out"));
  EXPECT_EQ(send({.source = "githib"}), Exit::wrong_use);
  EXPECT_THAT(written_.err(), HasSubstr("no source 'githib' in "));
  EXPECT_THAT(written_.err(), HasSubstr("did you mean 'github'?"));
  EXPECT_EQ(send({.source = "gitlab", .file = "/nowhere.json"}), Exit::wrong_use);
  EXPECT_THAT(written_.err(), HasSubstr("/nowhere.json: cannot be read"));
  EXPECT_EQ(send({.source = "gitlab", .to = "https://host/"}), Exit::wrong_use);
  EXPECT_THAT(written_.err(), HasSubstr("--to: https is not built yet"));
}

TEST_F(Send, NeedsTheSecretOfItsSourceAlone) {
  EXPECT_EQ(send({.source = "gitlab"}, {}), Exit::bad_configuration);
  EXPECT_THAT(written_.err(), HasSubstr("sources.gitlab.secrets: environment variable S is not set"));
  EXPECT_THAT(written_.err(), Not(HasSubstr("sources.github")));
}

}  // namespace
}  // namespace penstock::command
