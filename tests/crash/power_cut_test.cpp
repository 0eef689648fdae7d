// The power goes at each point of a run, and the disk keeps any part of what was not synced. Every receipt must hold.

#include "crash/checker.hpp"
#include "crash/journal_run.hpp"
#include "support/memory_disk.hpp"
#include <gtest/gtest.h>

#include <cstdint>
#include <exception>
#include <iostream>
#include <random>
#include <string>

namespace penstock::test {
namespace {

constexpr std::uint64_t kTraces = 600;
constexpr int kStatesEach = 12;

std::string what_is_wrong(MemoryDisk& disk, Events& events, const History& history) {
  try {
    const auto journal = journal::Journal::open(disk, small_segments());
    std::string wrong = check(history, read_all(*journal, events));
    if (!wrong.empty()) return wrong;
    const std::uint64_t next = journal->next_offset();
    const auto stored = events.append(*journal, history.published_to + 1, 1);
    return stored[0].offset == next ? "" : "it does not go on at its end";
  } catch (const std::exception& error) {
    return std::string{"does not open: "} + error.what();
  }
}

TEST(PowerCut, LosesNoEventWithAReceiptWhereverItComes) {
  const std::uint64_t seed = from_environment("PENSTOCK_CRASH_SEED", 1);
  const std::uint64_t traces = kTraces * from_environment("PENSTOCK_CRASH_ROUNDS", 1);
  std::uint64_t states = 0;
  Events events;
  for (std::uint64_t trace = 0; trace < traces; ++trace) {
    std::mt19937 random{static_cast<std::mt19937::result_type>(seed * 1'000'003 + trace)};
    MemoryDisk disk;
    History history;
    disk.power_off_after(1 + trace % 150);
    for (int starts = 0; starts < 2; ++starts) {  // A run, a clean restart, another run: until the power goes.
      try {
        run(disk, events, history, random, 25);
      } catch (const journal::DiskFailed&) {  // While it was being opened.
      }
    }
    for (int i = 0; i < kStatesEach; ++i) {
      MemoryDisk left = disk.after_power_cut(random);
      // The power goes again while the journal is being recovered, and once more.
      for (int again = 0; again < static_cast<int>(random() % 3); ++again) {
        left.power_off_after(random() % 12);
        try {
          (void)journal::Journal::open(left, small_segments());
        } catch (const journal::DiskFailed&) {
        }
        left = left.after_power_cut(random);
      }
      ++states;
      const std::string wrong = what_is_wrong(left, events, history);
      ASSERT_EQ(wrong, "") << "trace " << trace << ", state " << i << ", seed " << seed;
    }
  }
  std::cout << traces << " traces, " << states << " states of the disk, seed " << seed << '\n';
}

}  // namespace
}  // namespace penstock::test
