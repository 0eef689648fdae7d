// kill -9 at random moments: a child appends to a real directory and writes each receipt into a pipe; the parent kills
// it, opens the journal again and checks that every receipt holds.

#include "crash/checker.hpp"
#include "crash/journal_run.hpp"
#include "os/file.hpp"
#include "support/temporary_folder.hpp"
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace penstock::test {
namespace {

constexpr std::uint64_t kCycles = 120;
constexpr std::uint64_t kCyclesEach = 20;  // On one journal.

/// What the child says of each batch after its append, in one write of the pipe.
struct Told {
  std::uint64_t published_to;
  std::uint64_t first_number;
  std::uint64_t first_offset;
  std::uint64_t count;
};

journal::JournalOptions options_in(const std::string& dir, std::uint64_t cycle) {
  journal::JournalOptions options = small_segments();
  options.dir = dir;
  options.segment_bytes = std::uint64_t{16} << (10 + cycle % 5);
  return options;
}

[[noreturn]] void append_until_killed(const journal::JournalOptions& options, std::uint64_t next_number,
                                      std::uint32_t seed, int pipe) {
  Events events;
  std::mt19937 random{seed};
  const auto journal = journal::Journal::open(os::disk(), options);
  for (;;) {
    if (random() % 8 == 0) journal->keep(kNow);
    const std::uint64_t count = 1 + random() % 32;
    const auto stored = events.append(*journal, next_number, count, {.payload_bytes = random() % 2'000});
    if (stored[0].outcome != journal::Outcome::stored) ::_exit(1);
    const Told told{next_number + count - 1, next_number, stored[0].offset, count};
    if (::write(pipe, &told, sizeof told) != sizeof told) ::_exit(2);
    next_number += count;
  }
}

/// Takes up to `batches` receipts of a child from the pipe, or all of a killed one's.
void take_receipts(int pipe, std::uint64_t batches, History& history) {
  Told told{};
  while (batches-- != 0 && ::read(pipe, &told, sizeof told) == sizeof told) {
    for (std::uint64_t i = 0; i < told.count; ++i) history.receipts[told.first_number + i] = told.first_offset + i;
  }
}

TEST(Kill, LosesNoEventWithAReceipt) {
  const std::uint64_t cycles = kCycles * from_environment("PENSTOCK_CRASH_ROUNDS", 1);
  std::mt19937 random{static_cast<std::mt19937::result_type>(from_environment("PENSTOCK_CRASH_SEED", 1))};
  std::unique_ptr<test::TemporaryFolder> dir;
  History history;
  std::uint64_t next_number = 1;
  std::uint64_t receipts = 0;
  for (std::uint64_t cycle = 0; cycle < cycles; ++cycle) {
    if (cycle % kCyclesEach == 0) {
      dir = std::make_unique<test::TemporaryFolder>();
      history = {};
      next_number = 1;
    }
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    const auto seed = static_cast<std::uint32_t>(random());
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(pipe[0]);
      append_until_killed(options_in(dir->text(), cycle), next_number, seed, pipe[1]);
    }
    ::close(pipe[1]);
    // One in four is killed while it opens the journal, or soon after; the others after some batches.
    if (cycle % 4 != 0) take_receipts(pipe[0], 1 + random() % 20, history);
    std::this_thread::sleep_for(std::chrono::microseconds{random() % 3'000});
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << status;
    take_receipts(pipe[0], ~std::uint64_t{0}, history);
    if (cycle % kCyclesEach == kCyclesEach - 1) receipts += history.receipts.size();
    ::close(pipe[0]);

    Events events;
    const auto journal = journal::Journal::open(os::disk(), options_in(dir->text(), cycle + 1));
    const std::vector<Found> found = read_all(*journal, events);
    history.published_to = ~std::uint64_t{0};  // What the child published last it could not say.
    ASSERT_EQ(check(history, found), "") << "cycle " << cycle;
    ASSERT_EQ(journal->next_offset(), found.size() + 1);
    next_number = found.empty() ? 1 : found.back().number + 1;
  }
  EXPECT_GT(receipts, cycles) << "too few events came to be killed";
  std::cout << cycles << " cycles, " << receipts << " receipts\n";
}

}  // namespace
}  // namespace penstock::test
