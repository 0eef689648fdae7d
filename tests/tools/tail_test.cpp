#include "tail.hpp"

#include "support/http_client.hpp"
#include "tools/client/scripted_server.hpp"
#include "tools/config/reading.hpp"
#include "tools/serving/running_daemon.hpp"
#include "tools/written.hpp"
#include <boost/json/parse.hpp>
#include <gmock/gmock.h>

#include <atomic>
#include <thread>

namespace penstock::command {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kSources = "sources: { open: { verify: { kind: none }, event: [ \"header:X-Event\" ] } }";

std::string url_of(const client::ScriptedServer& server) { return "http://127.0.0.1:" + std::to_string(server.port()); }

std::string stream_of(const std::string& events) {
  return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: " + std::to_string(events.size()) +
         "\r\n\r\n" + events;
}

Exit tail(const TailOptions& options, Written& written, config::Variables variables = {}) {
  return run_tail(options, config::environment_of(std::move(variables)), written.output());
}

/// Sends events to the source `open` until destroyed.
class Publishing {
 public:
  Publishing(std::uint16_t port, std::string body)
      : thread_{[this, port, text = std::move(body)] {
          support::HttpClient client{port};
          while (!stop_) (void)client.ask("POST", "/hooks/open", {{"X-Event", "made"}}, text);
        }} {}
  ~Publishing() {
    stop_ = true;
    thread_.join();
  }
  Publishing(const Publishing&) = delete;
  Publishing& operator=(const Publishing&) = delete;

 private:
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

TEST(Tail, PrintsEventsOneOnALineAndStopsAfterSoMany) {
  serving::RunningDaemon running{kSources};
  Written written;
  {
    const Publishing publishing{running.ingress_port(), "{\n  \"a\": 5.0\r\n}"};
    EXPECT_EQ(tail({.common = {.url = running.admin_url()}, .patterns = {"open.*", "other"}, .count = 2}, written),
              Exit::done);
  }
  std::istringstream lines{written.out()};
  std::string line;
  int count = 0;
  while (std::getline(lines, line)) {
    ++count;
    EXPECT_EQ(boost::json::parse(line).at("topic"), boost::json::value("open.made"));
    EXPECT_THAT(line, HasSubstr("\"payload\":{   \"a\": 5.0 }}")) << "the number as it came";
  }
  EXPECT_EQ(count, 2);
  EXPECT_EQ(written.err(), "");
}

TEST(Tail, ForwardsThePayloadByteForByte) {
  serving::RunningDaemon running{kSources};
  client::ScriptedServer receiver{{{"HTTP/1.1 204 No Content\r\n\r\n"}}};
  Written written;
  {
    const Publishing publishing{running.ingress_port(), "{\r\n\"a\": 5.0 }"};
    EXPECT_EQ(tail({.common = {.url = running.admin_url()},
                    .patterns = {">"},
                    .count = 1,
                    .forward_to = url_of(receiver) + "/in"},
                   written),
              Exit::done);
  }
  EXPECT_THAT(receiver.received(0), StartsWith("POST /in HTTP/1.1\r\n"));
  EXPECT_THAT(receiver.received(0), HasSubstr("x-event: made\r\n"));
  EXPECT_THAT(receiver.received(0), HasSubstr("x-penstock-topic: open.made\r\n"));
  EXPECT_THAT(receiver.received(0), testing::EndsWith("\r\n\r\n{\r\n\"a\": 5.0 }"));
  EXPECT_THAT(written.out(), HasSubstr("\"payload\":{  \"a\": 5.0 }")) << "printed as ever";
  EXPECT_EQ(written.err(), "forwarded open.made: 204\n");
}

TEST(Tail, AReceiverThatIsGoneIsToldAndTheEventIsPrinted) {
  const std::string envelope = R"({"id":"1","source":"a","topic":"a","metadata":{},"payload_base64":"e30="})";
  client::ScriptedServer broker{{{stream_of("event: a\ndata: " + envelope + "\n\n")}}};
  Written written;
  const std::string nowhere = "http://127.0.0.1:" + std::to_string(client::free_port());
  EXPECT_EQ(tail({.common = {.url = url_of(broker)}, .patterns = {">"}, .count = 1, .forward_to = nowhere}, written),
            Exit::done);
  EXPECT_THAT(written.err(), HasSubstr("not forwarded: 127.0.0.1"));
  EXPECT_THAT(written.out(), HasSubstr(R"("payload":{})"));
}

TEST(Tail, FromAnywhereButNowNeedsAJournal) {
  serving::RunningDaemon running{kSources};
  Written written;
  EXPECT_EQ(tail({.common = {.url = running.admin_url()}, .patterns = {">"}, .from = "earliest"}, written),
            Exit::wrong_use);
  EXPECT_THAT(written.err(), HasSubstr("journal"));
  EXPECT_EQ(tail({.common = {.url = running.admin_url()}, .patterns = {"a..b"}}, written), Exit::wrong_use)
      << "no pattern";
}

TEST(Tail, NeedsATokenWhereOneIsSet) {
  serving::RunningDaemon running{
      "admin: { listen: 127.0.0.1:0, tokens: { read: \"${env:S}\", write: \"${env:S}\" } }\n" + std::string{kSources}};
  Written written;
  EXPECT_EQ(tail({.common = {.url = running.admin_url()}, .patterns = {">"}}, written), Exit::failed);
  EXPECT_THAT(written.err(), HasSubstr("401"));
  const Publishing publishing{running.ingress_port(), "{}"};
  EXPECT_EQ(tail({.common = {.url = running.admin_url(), .token_env = "T"}, .patterns = {">"}, .count = 1}, written,
                 {{"T", "hush"}}),
            Exit::done);
}

TEST(Tail, ATokenThatIsMissingOrNoneIsWrongUse) {
  Written written;
  EXPECT_EQ(tail({.common = {.token_env = "T"}, .patterns = {">"}}, written), Exit::wrong_use);
  EXPECT_THAT(written.err(), HasSubstr("environment variable T is not set"));
  EXPECT_EQ(tail({.common = {.token_env = "T"}, .patterns = {">"}}, written, {{"T", "a\r\nb"}}), Exit::wrong_use);
}

TEST(Tail, TellsOfDroppedEventsAndOfTheEndOnStderr) {
  client::ScriptedServer broker{
      {{stream_of(": hello\n\nevent: !gap\ndata: {\"dropped\":12}\n\nevent: a\ndata: {\"topic\":\"a\"}\n\n")}}};
  Written written;
  EXPECT_EQ(tail({.common = {.url = url_of(broker)}, .patterns = {">"}}, written), Exit::failed);
  EXPECT_EQ(written.out(), "{\"topic\":\"a\"}\n");
  EXPECT_THAT(written.err(), HasSubstr("events were dropped: {\"dropped\":12}"));
  EXPECT_THAT(written.err(), HasSubstr("the broker ended the stream"));
}

TEST(Tail, AsksFromAPositionAndTellsWhatTheJournalKeepsNoMore) {
  client::ScriptedServer broker{
      {{stream_of("id: 12\nevent: !gap\ndata: {\"from\":1,\"to\":12}\n\n"
                  "id: 13\nevent: a\ndata: {\"offset\":13,\"topic\":\"a\"}\n\n")}}};
  Written written;
  const TailOptions options{
      .common = {.url = url_of(broker)}, .patterns = {">"}, .count = 1, .from = "2026-11-24T12:00:00+01:00"};
  EXPECT_EQ(tail(options, written), Exit::done);
  EXPECT_THAT(broker.received(0), HasSubstr("&from=2026-11-24T12%3A00%3A00%2B01%3A00 HTTP/1.1\r\n"));
  EXPECT_EQ(written.out(), "{\"offset\":13,\"topic\":\"a\"}\n");
  EXPECT_EQ(written.err(), "penstock tail: no longer in the journal: {\"from\":1,\"to\":12}\n");
}

TEST(Tail, WithoutABrokerEndsWith69) {
  Written written;
  EXPECT_EQ(
      tail({.common = {.url = "http://127.0.0.1:" + std::to_string(client::free_port())}, .patterns = {">"}}, written),
      Exit::no_broker);
  EXPECT_EQ(tail({.common = {.url = "https://x"}, .patterns = {">"}}, written), Exit::wrong_use);
}

TEST(Tail, FindsTheAdminApiInTheConfiguration) {
  client::ScriptedServer broker{{{stream_of("event: a\ndata: {}\n\n")}}};
  const Folder folder;
  const std::string config =
      folder.write("p.yaml", "admin: { listen: 127.0.0.1:" + std::to_string(broker.port()) +
                                 ", tokens: { read: \"${env:NOT_SET}\" } }\njournal: off\nsources: { a: { preset: "
                                 "github, secrets: [ \"${env:NOT_SET}\" ] } }\n");
  Written written;
  EXPECT_EQ(tail({.common = {.config = config}, .patterns = {">"}, .count = 1}, written), Exit::done) << written.err();
  EXPECT_EQ(tail({.common = {.config = "/nowhere.yaml"}, .patterns = {">"}}, written), Exit::bad_configuration);
}

}  // namespace
}  // namespace penstock::command
