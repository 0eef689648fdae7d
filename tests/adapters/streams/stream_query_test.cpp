#include "streams/stream_query.hpp"

#include "streams/json_text.hpp"
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace penstock::streams {
namespace {

constexpr QueryLimits kLimits{.queue_bytes_default = 1000, .queue_bytes_max = 2U << 20U};

StreamQuery good(std::string_view query) {
  auto read = read_stream_query(query, kLimits);
  const auto* error = std::get_if<QueryError>(&read);
  EXPECT_EQ(error, nullptr) << query << ": " << (error != nullptr ? error->message : "");
  return error != nullptr ? StreamQuery{} : std::get<StreamQuery>(std::move(read));
}

QueryError bad(std::string_view query) {
  auto read = read_stream_query(query, kLimits);
  auto* error = std::get_if<QueryError>(&read);
  EXPECT_NE(error, nullptr) << query;
  return error != nullptr ? std::move(*error) : QueryError{};
}

TEST(StreamQuery, HasDefaultsForAllButTheTopic) {
  const StreamQuery query = good("topic=github.push");
  EXPECT_EQ(query.patterns, std::vector<std::string>{"github.push"});
  EXPECT_EQ(query.queue_bytes, 1000U);
  EXPECT_EQ(query.overflow, Overflow::disconnect);
  EXPECT_EQ(query.payload_as, PayloadAs::json);
}

TEST(StreamQuery, ReadsEveryParameter) {
  const StreamQuery query =
      good("topic=github.%2a&topic=a.%3E&queue=1MiB&overflow=drop_oldest&encoding=base64&from=now&");
  EXPECT_EQ(query.patterns, (std::vector<std::string>{"github.*", "a.>"}));
  EXPECT_EQ(query.queue_bytes, 1U << 20U);
  EXPECT_EQ(query.overflow, Overflow::drop_oldest);
  EXPECT_EQ(query.payload_as, PayloadAs::base64);
  EXPECT_EQ(good("topic=a&overflow=refuse").overflow, Overflow::refuse);
  EXPECT_EQ(good("topic=a&overflow=disconnect").overflow, Overflow::disconnect);
  EXPECT_EQ(good("topic=a&queue=200kB").queue_bytes, 200'000U);
  EXPECT_EQ(good("topic=a&queue=64KiB").queue_bytes, 65'536U);
}

TEST(StreamQuery, SaysWhatIsWrongAndHowToMendIt) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", "no topic"},
      {"queue=1MiB", "no topic"},
      {"topic=", "'' is no pattern"},
      {"topic", "'' is no pattern"},
      {"topic=a..b", "'a..b' is no pattern"},
      {"topic=a%20b", "'a b' is no pattern"},
      {"topic=a+b", "'a+b' is no pattern"},
      {"topic=a&queue=5", "write a number and a unit"},
      {"topic=a&queue=0B", "write a number and a unit"},
      {"topic=a&queue=-1B", "write a number and a unit"},
      {"topic=a&queue=1mib", "write a number and a unit"},
      {"topic=a&queue=99999999999999999999GiB", "write a number and a unit"},
      {"topic=a&queue=18446744073709551615GiB", "write a number and a unit"},
      {"topic=a&queue=3MiB", "at most 2097152B"},
      {"topic=a&queue=1B", "a queue of 1B is too small: ask for at least 64KiB"},
      {"topic=a&queue=65535B", "ask for at least 64KiB"},
      {"topic=a&overflow=block", "use disconnect, drop_oldest or refuse"},
      {"topic=a&encoding=gzip", "use base64"},
      {"topic=a&from=junk", "'junk' is no position: use now, earliest, an offset"},
      {"topic=a&from=", "'' is no position"},
      {"topic=a&from=0", "the first is 1"},
      {"topic=a&Topic=b", "unknown parameter 'Topic'"},
      {"topic=a&token=x", "unknown parameter 'token'"},
      {"topic=a&queue=1MiB&queue=1MiB", "stands twice"},
      {"topic=a%", "two hex digits"},
      {"topic=a%2", "two hex digits"},
      {"topic=%zz", "two hex digits"},
  };
  for (const auto& [query, says] : cases) {
    const QueryError error = bad(query);
    EXPECT_EQ(error.status, 400) << query;
    EXPECT_EQ(error.error, "bad_request") << query;
    EXPECT_NE(error.message.find(says), std::string::npos) << query << ": " << error.message;
  }
}

TEST(StreamQuery, HasOnlyNowToBeginFromWithoutAJournal) {
  for (const char* position : {"earliest", "1", "2026-11-24T12:00:00Z", "2026-11-24T12%3A00%3A00.5%2B01:00"}) {
    const QueryError error = bad("topic=a&from=" + std::string{position});
    EXPECT_EQ(error.status, 409) << position;
    EXPECT_EQ(error.error, "no_journal") << position;
  }
}

TEST(StreamQuery, BeginsAnywhereWithAJournal) {
  constexpr QueryLimits limits{.queue_bytes_default = 1000, .queue_bytes_max = 2U << 20U, .has_journal = true};
  const auto from = [&](const std::string& position) {
    return std::get<StreamQuery>(read_stream_query("topic=a&from=" + position, limits)).from;
  };
  EXPECT_TRUE(std::holds_alternative<Earliest>(from("earliest")));
  EXPECT_TRUE(std::holds_alternative<Now>(from("now")));
  EXPECT_EQ(std::get<std::uint64_t>(from("12")), 12U);
  EXPECT_TRUE(std::holds_alternative<Now>(std::get<StreamQuery>(read_stream_query("topic=a", limits)).from));
  EXPECT_EQ(std::get<QueryError>(read_stream_query("topic=a&from=junk", limits)).status, 400);
}

TEST(StreamQuery, ResumesBehindTheLastId) {
  const auto resumed = [](std::string_view id) {
    StreamQuery query{.from = Earliest{}};
    const auto error = resume_behind(query, id);
    EXPECT_FALSE(error) << id;
    return query.from;
  };
  EXPECT_EQ(std::get<std::uint64_t>(resumed("7")), 8U);
  EXPECT_EQ(std::get<std::uint64_t>(resumed("0")), 1U);
  EXPECT_EQ(std::get<std::uint64_t>(resumed("18446744073709551615")), std::numeric_limits<std::uint64_t>::max());
  EXPECT_TRUE(std::holds_alternative<Earliest>(resumed(""))) << "as it was";
  for (const char* bad : {"x", "-1", "1 ", "1,2", "18446744073709551616", "0190163d-8694-739b-aea5-966c26f8ad90"}) {
    StreamQuery query;
    const auto error = resume_behind(query, bad);
    ASSERT_TRUE(error) << bad;
    EXPECT_EQ(error->status, 400) << bad;
  }
}

TEST(StreamQuery, TakesAtMostSoManyPatterns) {
  std::string query = "topic=a0";
  for (std::size_t i = 1; i < kPatternsMax; ++i) query += "&topic=a" + std::to_string(i);
  EXPECT_EQ(good(query).patterns.size(), kPatternsMax);
  EXPECT_NE(bad(query + "&topic=z").message.find("more than 64 topics"), std::string::npos);
}

TEST(StreamQuery, AnswersBytesOfTheQueryAsValidJson) {
  const QueryError error = bad("topic=%22%0d%0a%ff");
  const std::string body = error_body(error.error, error.message);
  EXPECT_TRUE(JsonChecker{}.valid(body)) << body;
  EXPECT_EQ(body.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace penstock::streams
