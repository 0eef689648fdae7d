#include "serving/log.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

namespace penstock::serving {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Log, WritesWholeLinesToStderrFromItsLevelOn) {
  testing::internal::CaptureStderr();
  testing::internal::CaptureStdout();
  {
    const Log log{{.format = config::LogFormat::json, .level = config::LogLevel::warn}};
    log.debug("one");
    log.info("two");
    log.warn("three {} %s", {{"a", "{}%v"}});
    log.error("four");
  }
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  EXPECT_THAT(text, Not(HasSubstr("one")));
  EXPECT_THAT(text, Not(HasSubstr("two")));
  EXPECT_THAT(text, HasSubstr(R"("level":"warn","msg":"three {} %s","a":"{}%v"})"
                              "\n"));
  EXPECT_THAT(text, HasSubstr(R"("msg":"four"})"
                              "\n"));
}

TEST(Log, TakesAnotherLevelAndFormWhileOthersWrite) {
  testing::internal::CaptureStderr();
  Log log{{.level = config::LogLevel::info}};
  std::atomic<bool> stop{false};
  std::thread other{[&] {
    while (!stop) log.debug("chatter");
  }};
  log.use({.format = config::LogFormat::json, .level = config::LogLevel::error});
  log.warn("unheard");
  log.error("heard");
  stop = true;
  other.join();
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_THAT(text, HasSubstr(R"("msg":"heard"})"));
  EXPECT_THAT(text, Not(HasSubstr("unheard")));
}

}  // namespace
}  // namespace penstock::serving
