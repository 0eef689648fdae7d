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

[[noreturn]] void live_on_after_a_broken_pipe() {
  const Log log{{}};
  Signals signals{log};
  (void)std::raise(SIGPIPE);
  (void)std::raise(SIGINT);
  std::_Exit(signals.wait() == "SIGINT" ? 10 : 11);
}

/// Ends with 10 if each hangup was told once, and the end behind them.
[[noreturn]] void wait_for_hangups() {
  const Log log{{}};
  Signals signals{log};
  for (int i = 0; i < 2; ++i) {
    (void)std::raise(SIGHUP);
    if (signals.wait() != "SIGHUP") std::_Exit(11);
  }
  (void)std::raise(SIGTERM);
  std::_Exit(signals.wait() == "SIGTERM" ? 10 : 12);
}

/// Ends with 143 by a second SIGTERM: a hangup behind the first neither stops the drain nor counts as a second signal.
[[noreturn]] void hang_up_in_a_drain() {
  const Log log{{}};
  Signals signals{log};
  (void)std::raise(SIGTERM);
  if (signals.wait() != "SIGTERM") std::_Exit(11);
  (void)std::raise(SIGHUP);
  std::this_thread::sleep_for(std::chrono::milliseconds{100});
  if (signals.wait() != "SIGTERM") std::_Exit(12);
  (void)std::raise(SIGTERM);
  std::this_thread::sleep_for(std::chrono::seconds{20});
  std::_Exit(13);
}

/// Ends with 10 if a failed journal is told once, and a signal that comes while it is waited for as well.
[[noreturn]] void wait_for_a_failed_journal() {
  const Log log{{}};
  Signals signals{log};
  signals.note_journal_failure();
  if (signals.wait() != Signals::kJournalFailed) std::_Exit(11);
  if (signals.stop_comes_within(std::chrono::milliseconds{1})) std::_Exit(12);
  (void)std::raise(SIGTERM);
  if (!signals.stop_comes_within(std::chrono::seconds{20})) std::_Exit(13);
  std::_Exit(signals.wait() == "SIGTERM" ? 10 : 14);
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

TEST_F(SignalsDeathTest, AFailedJournalIsToldOnce) {
  EXPECT_EXIT(wait_for_a_failed_journal(), testing::ExitedWithCode(10), "");
}

TEST_F(SignalsDeathTest, ABrokenPipeStopsNothing) {
  EXPECT_EXIT(live_on_after_a_broken_pipe(), testing::ExitedWithCode(10), "");
}

TEST_F(SignalsDeathTest, EachHangupAsksForAReload) { EXPECT_EXIT(wait_for_hangups(), testing::ExitedWithCode(10), ""); }

TEST_F(SignalsDeathTest, AHangupInADrainIsToldAndIgnored) {
  EXPECT_EXIT(hang_up_in_a_drain(), testing::ExitedWithCode(143), "SIGHUP: ignored in a drain");
}

}  // namespace
}  // namespace penstock::serving
