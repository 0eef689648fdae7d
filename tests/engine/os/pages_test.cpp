#include "os/pages.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace penstock::os {
namespace {

TEST(Pages, AreZeroAndWritable) {
  constexpr std::size_t kBytes = 1U << 20U;
  char* pages = map_pages(kBytes);
  ASSERT_NE(pages, nullptr);
  EXPECT_TRUE(std::all_of(pages, pages + kBytes, [](char c) { return c == 0; }));
  std::fill_n(pages, kBytes, 'x');
  EXPECT_EQ(pages[kBytes - 1], 'x');
  unmap_pages(pages, kBytes);
}

TEST(Pages, BeginOnAPage) {
  char* pages = map_pages(4096);
  ASSERT_NE(pages, nullptr);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(pages) % 4096, 0U);
  unmap_pages(pages, 4096);
}

TEST(Pages, TakeNoMemoryUntilTheyAreWritten) {
  constexpr std::size_t kMoreThanThereIs = std::size_t{1} << 38U;  // 256 GiB of addresses; TSan has no TiB to give.
  char* pages = map_pages(kMoreThanThereIs);
  ASSERT_NE(pages, nullptr);
  unmap_pages(pages, kMoreThanThereIs);
}

TEST(Pages, AreNullWhenTheKernelHasNone) { EXPECT_EQ(map_pages(std::numeric_limits<std::size_t>::max() / 2), nullptr); }

}  // namespace
}  // namespace penstock::os
