#include "serving/log.hpp"

#include <gmock/gmock.h>

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

}  // namespace
}  // namespace penstock::serving
