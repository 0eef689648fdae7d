#include "measuring/bare_disk.hpp"

#include "support/temporary_folder.hpp"
#include <gtest/gtest.h>

#include <filesystem>
#include <system_error>

namespace penstock::measuring {
namespace {

TEST(BareDisk, WritesWholeBatchesUntilThereAreEnoughEvents) {
  const test::TemporaryFolder folder;
  BareDisk disk{folder.text()};
  const Figures found = disk.measure(8, 100, {.events = 20});
  EXPECT_EQ(found.name, "disk/batch:8/payload:100");
  EXPECT_EQ(found.events, 24U);
  EXPECT_GT(found.seconds, 0);
  EXPECT_GT(found.latency.p50, 0U);
  EXPECT_GE(found.latency.max, found.latency.p50);
}

TEST(BareDisk, BeginsAnotherFileWhenOneIsFullAndLeavesNone) {
  const test::TemporaryFolder folder;
  {
    BareDisk disk{folder.text()};
    EXPECT_EQ(disk.measure(1, 24U << 20U, {.events = 5}).events, 5U) << "two to a file of 64 MiB";
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.text()));
}

TEST(BareDisk, EndsWhenItIsTold) {
  const test::TemporaryFolder folder;
  BareDisk disk{folder.text()};
  int asked = 0;
  EXPECT_EQ(disk.measure(1, 10, {.events = 1'000, .stop = [&asked] { return ++asked > 3; }}).events, 3U);
  EXPECT_EQ(disk.measure(1, 10, {.events = 1'000, .time_max = std::chrono::milliseconds{0}}).events, 0U);
}

TEST(BareDisk, NamesTheFileThatCannotBe) {
  BareDisk disk{"/nowhere/at/all"};
  try {
    (void)disk.measure(1, 10, {.events = 1});
    FAIL() << "it wrote nowhere";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code(), std::errc::no_such_file_or_directory);
    EXPECT_NE(std::string{error.what()}.find("/nowhere/at/all/"), std::string::npos);
  }
}

}  // namespace
}  // namespace penstock::measuring
