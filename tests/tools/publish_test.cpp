#include "publish.hpp"

#include "tools/client/scripted_server.hpp"
#include "tools/config/reading.hpp"
#include "tools/serving/running_daemon.hpp"
#include "tools/written.hpp"
#include <boost/json/parse.hpp>
#include <gmock/gmock.h>

namespace penstock::command {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

std::string answer(int status, const std::string& body) {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

class Publish : public testing::Test {
 protected:
  Exit publish(PublishOptions options, config::Variables variables = {}) {
    if (options.file.empty()) options.file = folder_.write("payload", "{\"a\":1}");
    return run_publish(options, config::environment_of(std::move(variables)), written_.output());
  }

  /// Against a server that says this; gives what it was sent.
  std::string said(const std::string& text, Exit exit, PublishOptions options, config::Variables variables = {}) {
    client::ScriptedServer server{{{text}}};
    options.common.url = "http://127.0.0.1:" + std::to_string(server.port());
    EXPECT_EQ(publish(std::move(options), std::move(variables)), exit);
    return server.received(0);
  }

  Folder folder_;
  Written written_;
};

TEST_F(Publish, GivesAnEventToARunningBrokerWhichRoutesIt) {
  serving::RunningDaemon running{"sources: { github: { preset: github, secrets: [ \"${env:S}\" ] } }"};
  const PublishOptions options{
      .common = {.url = running.admin_url()}, .topic = "github", .fields = {{"x-github-event", "push"}}};
  EXPECT_EQ(publish(options), Exit::done);
  EXPECT_THAT(written_.out(), MatchesRegex("github\\.push [0-9a-f-]{36}  receipt: memory\n"));
  EXPECT_EQ(written_.err(), "");
}

TEST_F(Publish, PrintsTheAnswerAsJson) {
  serving::RunningDaemon running{"sources: { github: { preset: github, secrets: [ \"${env:S}\" ] } }"};
  EXPECT_EQ(publish({.common = {.url = running.admin_url(), .json = true}, .topic = "other"}), Exit::done);
  const boost::json::value receipt = boost::json::parse(written_.out());
  EXPECT_EQ(receipt.at("topic"), "other");
  EXPECT_EQ(receipt.at("receipt"), "memory");
  EXPECT_EQ(receipt.at("id").as_string().size(), 36U);
}

TEST_F(Publish, SendsHeadersAsMetadataAndTheBytesAsTheyAre) {
  const std::string got = said(answer(200, "{}"), Exit::done,
                               {.common = {.token_env = "T"},
                                .topic = "a.b:c/d",
                                .fields = {{"X-Twice", "1"}, {"Content-Type", "text/plain"}, {"X-Twice", "2"}}},
                               {{"T", "sesame"}});
  EXPECT_THAT(got, StartsWith("POST /v1/topics/a.b%3Ac%2Fd/events HTTP/1.1\r\n"));
  EXPECT_THAT(got, AllOf(HasSubstr("\r\nx-meta-X-Twice: 1\r\nContent-Type: text/plain\r\nx-meta-X-Twice: 2\r\n"),
                         HasSubstr("\r\nAuthorization: Bearer sesame\r\n"), HasSubstr("\r\n\r\n{\"a\":1}")));
}

TEST_F(Publish, EndsWithTheStatusOfWhatWentWrong) {
  (void)said(answer(503, R"({"error":"full"})"), Exit::full, {.topic = "a"});
  (void)said(answer(401, R"({"error":"unauthorized"})"), Exit::failed, {.topic = "a"});
  (void)said(answer(413, R"({"error":"too_large"})"), Exit::failed, {.topic = "a"});
  (void)said(answer(400, R"({"error":"bad_topic"})"), Exit::wrong_use, {.topic = "a"});
  (void)said("HTTP/1.1 200", Exit::failed, {.topic = "a"});
  EXPECT_EQ(written_.out(), "");
  EXPECT_THAT(written_.err(),
              AllOf(HasSubstr("penstock publish: 503 {\"error\":\"full\"}\n"), HasSubstr("publish: 413 ")));
  const std::string nobody = "http://127.0.0.1:" + std::to_string(client::free_port());
  EXPECT_EQ(publish({.common = {.url = nobody}, .topic = "a"}), Exit::no_broker);
}

TEST_F(Publish, RefusesWhatNoBrokerCouldTake) {
  EXPECT_EQ(publish({.topic = "a..b"}), Exit::wrong_use);
  EXPECT_EQ(publish({.topic = "a b"}), Exit::wrong_use);
  EXPECT_EQ(publish({.topic = "a", .fields = {{"Cookie", "hush"}}}), Exit::wrong_use);
  EXPECT_EQ(publish({.topic = "a", .file = "/nowhere"}), Exit::wrong_use);
  EXPECT_EQ(publish({.common = {.url = "ftp://x"}, .topic = "a"}), Exit::wrong_use);
  EXPECT_EQ(publish({.common = {.token_env = "T"}, .topic = "a"}), Exit::wrong_use);
  EXPECT_EQ(publish({.common = {.config = folder_.write("bad.yaml", "lisen: x\n")}, .topic = "a"}),
            Exit::bad_configuration);
  EXPECT_THAT(written_.err(), AllOf(HasSubstr("'a..b' is no topic"), HasSubstr("-H Cookie: a field that holds secrets"),
                                    HasSubstr("environment variable T is not set"), Not(HasSubstr("hush"))));
}

}  // namespace
}  // namespace penstock::command
