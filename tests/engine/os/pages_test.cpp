#include "os/pages.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace penstock::os {
namespace {

TEST(Pages, AreZeroAndWritable) {
  constexpr std::size_t bytes = 1U << 20U;
  char* pages = map_pages(bytes);
  ASSERT_NE(pages, nullptr);
  EXPECT_TRUE(std::all_of(pages, pages + bytes, [](char c) { return c == 0; }));
  std::fill_n(pages, bytes, 'x');
  EXPECT_EQ(pages[bytes - 1], 'x');
  unmap_pages(pages, bytes);
}

TEST(Pages, BeginOnAPage) {
  char* pages = map_pages(4096);
  ASSERT_NE(pages, nullptr);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(pages) % 4096, 0U);
  unmap_pages(pages, 4096);
}

TEST(Pages, TakeNoMemoryUntilTheyAreWritten) {
  constexpr std::size_t more_than_there_is = std::size_t{1} << 38U;  // 256 GiB of addresses; TSan has no TiB to give.
  char* pages = map_pages(more_than_there_is);
  ASSERT_NE(pages, nullptr);
  unmap_pages(pages, more_than_there_is);
}

TEST(Pages, AreNullWhenTheKernelHasNone) { EXPECT_EQ(map_pages(std::numeric_limits<std::size_t>::max() / 2), nullptr); }

}  // namespace
}  // namespace penstock::os
