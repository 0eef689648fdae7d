#include "streams/envelope.hpp"

#include "streams/frame.hpp"
#include "streams/json_text.hpp"
#include "support/payloads/payload.hpp"
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>
#include <penstock/broker.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <functional>
#include <future>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace penstock::streams {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// Publishes one event, and writes it from inside the handler that gets it.
std::string written(std::string_view payload, const Fields& metadata,
                    const std::function<void(std::string&, const Event&)>& write) {
  Broker broker{{.workers = 1}};
  broker.route("github", Route::header("x-github-event"));
  std::promise<std::string> promise;
  const Subscription subscription =
      broker.subscribe(std::vector<std::string>{"github", "github.>"}, [&](const Event& event) {
        std::string out;
        write(out, event);
        promise.set_value(out);
      });
  Publisher publisher = broker.publisher();
  EventBuilder event = publisher.event(broker.source("hub", "github"), payload.size());
  std::copy(payload.begin(), payload.end(), event.payload(payload.size()).begin());
  for (const auto& [name, value] : metadata) event.metadata(name, value);
  EXPECT_EQ(publisher.publish(std::move(event)), Verdict::accepted);
  return promise.get_future().get();
}

void append_envelope(std::string& out, const Event& event, PayloadAs as) {
  const bool as_json = as == PayloadAs::json && JsonChecker{}.valid(event.payload());
  append_envelope_head(out, event, as_json);
  if (as_json) {
    out += event.payload();
  } else {
    append_base64(out, event.payload());
  }
  out += envelope_end(as_json);
}

std::string envelope(std::string_view payload, const Fields& metadata = {}, PayloadAs as = PayloadAs::json) {
  return written(payload, metadata, [as](std::string& out, const Event& event) { append_envelope(out, event, as); });
}

std::string tail(const std::string& text) { return text.substr(text.find(R"("metadata":)")); }

/// As RFC 3339 has it, by another way than the envelope's.
std::string utc(std::chrono::system_clock::time_point time) {
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
  const auto seconds = static_cast<std::time_t>(ms / 1000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S.", &parts);
  return std::string{text.data(), length} + std::to_string(1000 + ms % 1000).substr(1) + "Z";
}

TEST(Envelope, HasIdSourceTopicAndTimeAndNoOffsetWithoutAJournal) {
  std::string wanted;
  const std::string text = written("{}", {{"X-GitHub-Event", "push"}}, [&](std::string& out, const Event& event) {
    wanted = R"({"id":")" + event.id().text() + R"(","source":"hub","topic":"github.push","time":")" +
             utc(event.time()) + R"(","metadata":{"x-github-event":"push"},"payload":{}})";
    append_envelope(out, event, PayloadAs::json);
  });
  EXPECT_EQ(text, wanted);
}

TEST(Envelope, KeepsAJsonPayloadByteForByte) {
  for (const char* payload : {R"({"n":5.0,"e":1E+2,"big":123456789012345678901234567890})", R"("\u00e9\/")",
                              " [ 1 ,\r\n\t2 ] \n", R"({"a":1,"a":2})", "null"}) {
    EXPECT_EQ(tail(envelope(payload)), R"("metadata":{},"payload":)" + std::string{payload} + "}");
  }
}

TEST(Envelope, KeepsRealBodiesByteForByte) {
  for (const char* name : {"github/push", "gitlab/push", "bitbucketCloud/repo_push", "gerrit/change-merged"}) {
    SCOPED_TRACE(name);
    const support::Payload real = support::read_payload(name);
    const std::string text = envelope(real.body);
    EXPECT_NE(text.find(R"("payload":)" + real.body + "}"), std::string::npos);
    EXPECT_EQ(boost::json::parse(text).at("payload"), boost::json::parse(real.body));
  }
}

TEST(Envelope, GivesWhatIsNotOneJsonValueInBase64) {
  EXPECT_EQ(tail(envelope("")), R"("metadata":{},"payload_base64":""})");
  EXPECT_EQ(tail(envelope("a=1&b=2")), R"("metadata":{},"payload_base64":"YT0xJmI9Mg=="})");
  EXPECT_EQ(tail(envelope("{}{}")), R"("metadata":{},"payload_base64":"e317fQ=="})");
  EXPECT_EQ(tail(envelope("\"\xFF\"")), R"("metadata":{},"payload_base64":"Iv8i"})");
  EXPECT_EQ(tail(envelope("{}", {}, PayloadAs::base64)), R"("metadata":{},"payload_base64":"e30="})");
}

TEST(Envelope, GivesADeeplyNestedPayloadInBase64) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  const std::string text = envelope(deep);
  EXPECT_NE(text.find(R"("payload_base64":"W1tb)"), std::string::npos);
  EXPECT_EQ(text.find(R"("payload":)"), std::string::npos);
}

TEST(Envelope, NamesMetadataInLowerCaseInOrderOfFirstAppearanceWithRepeatsAsArrays) {
  EXPECT_EQ(tail(envelope("1", {{"X-Many", "a"}, {"Content-Type", "text/plain"}, {"x-many", "b"}, {"X-MANY", ""}})),
            R"("metadata":{"x-many":["a","b",""],"content-type":"text/plain"},"payload":1})");
}

TEST(Envelope, EscapesMetadataSoThatNothingBreaksOut) {
  const std::string text = envelope("1", {{"x-a", "\"},\"payload\":\r\n2"}, {"x-b", "\xFF\xC3\xA9"}});
  EXPECT_EQ(tail(text),
            "\"metadata\":{\"x-a\":\"\\\"},\\\"payload\\\":\\r\\n2\",\"x-b\":\"\xEF\xBF\xBD\xC3\xA9\"},"
            "\"payload\":1}");
  EXPECT_EQ(boost::json::parse(text).at("metadata").at("x-a").as_string(), "\"},\"payload\":\r\n2");
}

TEST(EventFrame, JoinsToTheSameJsonAfterItsLinesWereCut) {
  const std::string payload = "{\r\n  \"a\": [1,\n\r 5.0]\r}";
  const std::string frame = written(payload, {}, [](std::string& out, const Event& event) {
    EventFrame sent;
    sent.begin(event, true);
    while (!sent.done()) sent.append(out, 64U << 10U);
  });
  ASSERT_TRUE(frame.starts_with("event: github\ndata: {\"id\":")) << frame;
  ASSERT_TRUE(frame.ends_with("}}\n\n")) << frame;
  EXPECT_EQ(frame.find('\r'), std::string::npos);
  EXPECT_EQ(frame.find("\nid:"), std::string::npos);

  std::string data;  // As WHATWG HTML, 9.2.6 has a client do it.
  std::size_t lines = 0;
  for (std::size_t at = 0; at < frame.size();) {
    const std::size_t end = frame.find('\n', at);
    const std::string line = frame.substr(at, end - at);
    if (line.starts_with("data: ")) data += (lines++ > 0 ? "\n" : "") + line.substr(6);
    at = end + 1;
  }
  EXPECT_EQ(lines, 5U);
  EXPECT_EQ(boost::json::parse(data).at("payload"), boost::json::parse(payload));
}

TEST(EventFrame, IsTheSameInPiecesOfAnySize) {
  for (const bool as_json : {true, false}) {
    for (const std::string& payload :
         {std::string{}, std::string{"1"}, std::string{"{\r\n\"a\":\r[1,\n\r5.0],\r\r\n\n \"b\":\"cdefgh\"}\r\n"}}) {
      static_cast<void>(written(payload, {{"x-a", "b"}}, [&](std::string& whole, const Event& event) {
        EventFrame frame;
        frame.begin(event, as_json);
        frame.append(whole, 1U << 20U);
        EXPECT_TRUE(frame.done());
        EXPECT_TRUE(whole.ends_with("}\n\n")) << whole;
        for (std::size_t bytes_max = 1; bytes_max < 20; ++bytes_max) {
          std::string pieces;
          frame.begin(event, as_json);
          EXPECT_TRUE(frame.untouched());
          while (!frame.done()) {
            const std::size_t before = pieces.size();
            frame.append(pieces, bytes_max);
            EXPECT_FALSE(frame.untouched());
            EXPECT_TRUE(before == 0 || pieces.size() - before <= bytes_max + 12) << "a line's begin and the end more";
          }
          EXPECT_EQ(pieces, whole) << bytes_max;
        }
      }));
    }
  }
}

}  // namespace
}  // namespace penstock::streams
