#include "serving/signals.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <thread>

namespace penstock::serving {
namespace {

/// Ends with 10 for SIGINT and 11 for SIGTERM, in a process of its own.
[[noreturn]] void wait_for_first(int number) {
  const Log log{{}};
  Signals signals{log};
  (void)std::raise(number);
  std::_Exit(signals.wait() == "SIGINT" ? 10 : 11);
}

[[noreturn]] void wait_for_second(int number) {
  const Log log{{}};
  Signals signals{log};
  (void)std::raise(SIGTERM);
  (void)signals.wait();
  (void)std::raise(number);
  std::this_thread::sleep_for(std::chrono::seconds{20});  // A drain that takes long.
  std::_Exit(12);
}

[[noreturn]] void live_on_after(int number) {
  const Log log{{}};
  Signals signals{log};
  (void)std::raise(number);
  (void)std::raise(SIGINT);
  std::_Exit(signals.wait() == "SIGINT" ? 10 : 11);
}

class SignalsDeathTest : public testing::Test {
 protected:
  SignalsDeathTest() { testing::FLAGS_gtest_death_test_style = "threadsafe"; }
};

TEST_F(SignalsDeathTest, TheFirstAsksForADrain) {
  EXPECT_EXIT(wait_for_first(SIGINT), testing::ExitedWithCode(10), "");
  EXPECT_EXIT(wait_for_first(SIGTERM), testing::ExitedWithCode(11), "");
}

TEST_F(SignalsDeathTest, TheSecondStopsNow) {
  EXPECT_EXIT(wait_for_second(SIGINT), testing::ExitedWithCode(130), "stopped by a second signal");
  EXPECT_EXIT(wait_for_second(SIGTERM), testing::ExitedWithCode(143), "stopped by a second signal");
}

TEST_F(SignalsDeathTest, HangupsAndBrokenPipesStopNothing) {
  EXPECT_EXIT(live_on_after(SIGHUP), testing::ExitedWithCode(10), "");
  EXPECT_EXIT(live_on_after(SIGPIPE), testing::ExitedWithCode(10), "");
}

}  // namespace
}  // namespace penstock::serving
