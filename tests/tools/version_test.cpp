#include "version.hpp"

#include "tools/written.hpp"
#include <gmock/gmock.h>

namespace penstock::command {
namespace {

TEST(Version, IsOneLine) {
  Written written;
  EXPECT_EQ(run_version({}, written.output()), Exit::done);
  EXPECT_THAT(written.out(), testing::MatchesRegex("penstock 0\\.1\\.0 \\([0-9a-z-]+\\)\n"));
}

TEST(Version, IsJson) {
  Written written;
  EXPECT_EQ(run_version({.common = {.json = true}}, written.output()), Exit::done);
  EXPECT_EQ(written.out(), "{\"version\":\"0.1.0\",\"revision\":\"" + std::string{revision()} + "\"}\n");
}

}  // namespace
}  // namespace penstock::command
