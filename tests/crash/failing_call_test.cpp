// Each call of the journal to the disk fails once, with each error. Nothing crashes, no receipt lies, and what was kept
// opens again.

#include "crash/checker.hpp"
#include "crash/journal_run.hpp"
#include "support/memory_disk.hpp"
#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <iostream>
#include <random>

namespace penstock::test {
namespace {

constexpr std::array kErrors = {EIO, ENOSPC, EINTR, 0};  // 0: short.

bool may_be_interrupted(Call call) { return call == Call::read || call == Call::write; }

TEST(FailingCall, NeverMakesAReceiptLie) {
  const std::uint64_t seed = from_environment("PENSTOCK_CRASH_SEED", 1);
  std::uint64_t runs = 0;
  Events events;
  for (std::size_t call = 0; call < kCalls; ++call) {
    for (const int error : kErrors) {
      if (error == 0 && !may_be_interrupted(static_cast<Call>(call))) continue;
      bool came = true;
      for (std::uint64_t k = 1; came; ++k) {
        std::mt19937 random{static_cast<std::mt19937::result_type>(seed)};
        MemoryDisk disk;
        History history;
        disk.fail(static_cast<Call>(call), k, error);
        for (int starts = 0; starts < 2; ++starts) {
          try {
            run(disk, events, history, random, 15);
          } catch (const journal::DiskFailed&) {  // While it was being opened.
          }
        }
        came = disk.failed();
        ++runs;
        // What a crash leaves now, and what a power cut would.
        MemoryDisk after = k % 2 == 0 ? disk.copy() : disk.after_power_cut(random);
        const auto journal = journal::Journal::open(after, small_segments());
        ASSERT_EQ(check(history, read_all(*journal, events)), "")
            << "call " << call << ", the " << k << "th, error " << error << ", seed " << seed;
      }
    }
  }
  EXPECT_GT(runs, 500U);
  std::cout << runs << " runs, seed " << seed << '\n';
}

TEST(FailingCall, IsNotNoticedWhenItWasOnlyInterruptedOrShort) {
  for (const Call call : {Call::read, Call::write}) {
    for (const int error : {EINTR, 0}) {
      for (std::uint64_t k = 1; k < 40; ++k) {
        Events events;
        std::mt19937 random{5};
        MemoryDisk disk;
        History history;
        disk.fail(call, k, error);
        run(disk, events, history, random, 10);
        run(disk, events, history, random, 10);
        ASSERT_EQ(history.receipts.size(), history.published_to);
      }
    }
  }
}

}  // namespace
}  // namespace penstock::test
