#include "admin/process.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <vector>

namespace penstock::admin {
namespace {

TEST(Process, TellsOfThisProcess) {
  const ProcessStats stats = read_process();
  ASSERT_TRUE(stats.cpu_seconds && stats.start_time_seconds && stats.resident_bytes && stats.virtual_bytes &&
              stats.open_fds && stats.fds_max);
  EXPECT_GT(*stats.cpu_seconds, 0);
  EXPECT_LT(*stats.cpu_seconds, 3600);
  EXPECT_GT(*stats.resident_bytes, 1U << 20U);
  EXPECT_GE(*stats.virtual_bytes, *stats.resident_bytes);
  EXPECT_GE(*stats.fds_max, *stats.open_fds);
  const double now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  EXPECT_LE(*stats.start_time_seconds, now + 2);  // The time of boot is known to a second.
  EXPECT_GT(*stats.start_time_seconds, now - 3600);
}

TEST(Process, CountsOpenFiles) {
  const std::uint64_t before = read_process().open_fds.value_or(0);
  std::vector<FILE*> files(5);
  for (FILE*& file : files) file = std::tmpfile();
  EXPECT_EQ(read_process().open_fds.value_or(0), before + 5);
  for (FILE* const file : files) static_cast<void>(std::fclose(file));
  EXPECT_EQ(read_process().open_fds.value_or(0), before);
}

}  // namespace
}  // namespace penstock::admin
