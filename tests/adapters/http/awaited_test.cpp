#include "http/awaited.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace penstock::http {
namespace {

using std::chrono::milliseconds;

TEST(Awaited, IsOverWhenAllAre) {
  Awaited awaited;
  EXPECT_TRUE(awaited.wait_until_none(milliseconds{0}));
  awaited.add(2);
  awaited.add();
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(awaited.wait_until_none(milliseconds{1}));
    awaited.over();
  }
  EXPECT_TRUE(awaited.wait_until_none(milliseconds{0}));
}

TEST(Awaited, WakesWhoWaits) {
  Awaited awaited;
  awaited.add();
  std::thread ending{[&awaited] { awaited.over(); }};
  EXPECT_TRUE(awaited.wait_until_none(std::chrono::seconds{10}));
  ending.join();
}

}  // namespace
}  // namespace penstock::http
