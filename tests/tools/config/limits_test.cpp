#include "config/limits.hpp"

#include "tools/config/reading.hpp"
#include <gmock/gmock.h>

namespace penstock::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Read read_limits_of(const std::string& file, const std::string& source) {
  return read_config("journal: off\nlimits: { " + file +
                         " }\nsources:\n  a: { preset: gitlab, secrets: \"${env:S}\", limits: { " + source + " } }\n",
                     Variables{{"S", "hush"}});
}

TEST(Limits, OfASourceAreThoseOfTheFileUnlessItSaysLess) {
  const Read same = read_limits_of("payload: 2MiB", "");
  EXPECT_EQ(same.config->sources[0].payload_bytes_max, 2U << 20U);
  const Read less = read_limits_of("payload: 2MiB", "payload: 1MiB");
  EXPECT_EQ(less.config->sources[0].payload_bytes_max, 1U << 20U);
  EXPECT_THAT(less.lines, IsEmpty());
  EXPECT_EQ(read_limits_of("payload: 2MiB", "payload: 2MiB").config->sources[0].payload_bytes_max, 2U << 20U);
}

TEST(Limits, OfASourceCannotBeMoreThanThoseOfTheFile) {
  const Read read = read_limits_of("payload: 2MiB", "payload: 3MiB");
  EXPECT_FALSE(read.config);
  EXPECT_THAT(read.lines, ElementsAre("penstock.yaml:4:64: sources.a.limits.payload: 3MiB is more than limits.payload "
                                      "(2MiB), the limit of all sources; raise that one, or lower this"));
}

TEST(Limits, ThatNoBodyCanReachAreTold) {
  const Read read = read_limits_of("memory: 16MiB, payload: 8MiB", "payload: 5MiB");
  EXPECT_TRUE(read.config);
  EXPECT_THAT(
      read.lines,
      ElementsAre("penstock.yaml:2:35: warning: limits.payload: 8MiB is more than limits.unverified (4MiB), which "
                  "bodies may hold while they are received: larger ones are refused all the same",
                  "penstock.yaml:4:64: warning: sources.a.limits.payload: 5MiB is more than limits.unverified "
                  "(4MiB), which bodies may hold while they are received: larger ones are refused all the same"));
}

}  // namespace
}  // namespace penstock::config
