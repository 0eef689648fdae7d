#include "explaining/judgement.hpp"

#include "tools/config/reading.hpp"
#include <gmock/gmock.h>

namespace penstock::explaining {
namespace {

using Clock = std::chrono::system_clock;

/// A source whose verifier takes a request at one second only.
config::Source at_a_second(std::int64_t second) {
  config::Source source{.name = "own", .topic = "own", .event = {"header:X-Kind"}, .dedup = {.id = "header:X-Id"}};
  source.payload_bytes_max = 1000;
  source.verifier = std::make_shared<const verify::Verifier>(verify::Verifier::from_function(
      "acme",
      [second](const verify::Request& request, Clock::time_point now) {
        if (request.path_token != "t") return verify::Result::unsigned_;
        return now == Clock::time_point{std::chrono::seconds{second}} ? verify::Result::authentic
                                                                      : verify::Result::stale;
      },
      {.secret_fields = {"x-kind"}, .path_token = true}));
  return source;
}

GivenRequest request(const std::string& target) {
  return given_request({.target = target, .fields = {{"X-Id", "7"}}}, "own", "{}");
}

TEST(Judgement, JudgesByTheTimeThatItIsGiven) {
  const config::Source source = at_a_second(1767225600);
  const Judgement now = judge(source, {}, request("/hooks/own/t"), Clock::time_point{std::chrono::seconds{1767225600}});
  EXPECT_EQ(now.verify, verify::Result::authentic);
  EXPECT_EQ(now.status, 200);
  EXPECT_EQ(now.id.text, "7");
  const Judgement later =
      judge(source, {}, request("/hooks/own/t"), Clock::time_point{std::chrono::seconds{1767225601}});
  EXPECT_EQ(later.verify, verify::Result::stale);
  EXPECT_EQ(later.status, 401);
  EXPECT_EQ(later.passage.topic, "own") << "where it would go";
}

TEST(Judgement, SeesThePathToken) {
  EXPECT_EQ(judge(at_a_second(0), {}, request("/hooks/own/u"), Clock::time_point{}).verify, verify::Result::unsigned_);
  EXPECT_EQ(judge(at_a_second(0), {}, request("/hooks/own/t"), Clock::time_point{}).verify, verify::Result::authentic);
}

}  // namespace
}  // namespace penstock::explaining
