// Journals whose bytes are not what was written: flipped bits, files cut at each byte, pages swapped, zeroed, repeated.
// Never a crash, never a wrong payload; what is missing is told, and what is whole is still given.

#include "crash/checker.hpp"
#include "crash/journal_run.hpp"
#include "journal/survey.hpp"
#include "support/memory_disk.hpp"
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace penstock::test {
namespace {

/// A journal of some segments, closed as it should be: all its events are known to be synced.
struct Whole {
  Whole() {
    std::mt19937 random{3};
    run(disk, events, history, random, 20);
    for (const std::string& path : disk.paths()) {
      if (path.ends_with(".seg") && !path.ends_with("next.seg")) segments.push_back(path);
    }
  }
  MemoryDisk disk;
  Events events;
  History history;
  std::vector<std::string> segments;
};

class DamagedJournal : public testing::Test {
 protected:
  /// Opens it, skipping damage; every event that is given must be one that was published, each once and in order, and
  /// every one that is not given must have been told of.
  void look_at(MemoryDisk& disk, const std::string& what) {
    ++journals_;
    const journal::Survey seen = journal::survey(disk, "j");
    const bool opens = opens_without_skipping(disk, what);
    journal::JournalOptions options = small_segments();
    options.skip_damaged = true;
    const auto journal = journal::Journal::open(disk, options);
    const std::vector<Found> found = read_all(*journal, whole_.events);
    std::uint64_t last = 0;
    for (const Found& event : found) {
      ASSERT_NE(event.number, 0U) << what << ": a wrong payload at offset " << event.offset;
      ASSERT_EQ(whole_.history.receipts[event.number], event.offset) << what;
      ASSERT_GT(event.offset, last) << what;
      last = event.offset;
    }
    const bool all = found.size() == whole_.history.receipts.size();
    ASSERT_TRUE(all || !seen.damaged.empty()) << what << ": events are missing, and nothing was said";
    ASSERT_TRUE(all || !opens) << what << ": events are missing, and it was opened";
    ASSERT_TRUE(opens || !seen.damaged.empty()) << what << ": refused, and verify finds nothing";
    lost_ += whole_.history.receipts.size() - found.size();
  }

  [[nodiscard]] static bool opens_without_skipping(const MemoryDisk& disk, const std::string& what) {
    MemoryDisk copy = disk.copy();
    try {
      (void)journal::Journal::open(copy, small_segments());
      return true;
    } catch (const journal::Damaged& damaged) {
      EXPECT_FALSE(damaged.damage().segment.empty()) << what;
      return false;
    }
  }

  Whole whole_;
  std::uint64_t journals_ = 0;
  std::uint64_t lost_ = 0;
};

TEST_F(DamagedJournal, IsToldApartFromAWholeOneWhenABitIsFlipped) {
  std::mt19937 random{static_cast<std::mt19937::result_type>(from_environment("PENSTOCK_CRASH_SEED", 1))};
  const std::uint64_t rounds = 1'200 * from_environment("PENSTOCK_CRASH_ROUNDS", 1);
  for (std::uint64_t i = 0; i < rounds; ++i) {
    MemoryDisk disk = whole_.disk.copy();
    const std::string& path = whole_.segments[random() % whole_.segments.size()];
    std::string& bytes = disk.contents(path);
    const std::size_t bit = random() % (bytes.size() * 8);
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    look_at(disk, path + ", bit " + std::to_string(bit));
    if (HasFatalFailure()) return;
  }
  EXPECT_LT(lost_, journals_ * 2) << "one bit costs one event, or a segment's head";
  std::cout << journals_ << " damaged journals, " << lost_ << " events lost and told of\n";
}

TEST_F(DamagedJournal, IsToldApartWhenItIsCutAtAnyByte) {
  const std::string& last = whole_.segments.back();
  const std::size_t used = whole_.disk.contents(last).find_last_not_of('\0') + 1;
  for (std::size_t bytes = 0; bytes <= used; ++bytes) {
    if (bytes == 200 && used > 1'000) bytes = used - 800;  // The file's head, then its last records.
    MemoryDisk disk = whole_.disk.copy();
    disk.contents(last).resize(bytes);
    look_at(disk, last + ", cut at " + std::to_string(bytes));
    if (HasFatalFailure()) return;
  }
  std::cout << journals_ << " damaged journals\n";
}

TEST_F(DamagedJournal, IsToldApartWhenStretchesOfItAreElsewhere) {
  std::mt19937 random{static_cast<std::mt19937::result_type>(from_environment("PENSTOCK_CRASH_SEED", 1) + 7)};
  const std::uint64_t rounds = 600 * from_environment("PENSTOCK_CRASH_ROUNDS", 1);
  for (std::uint64_t i = 0; i < rounds; ++i) {
    MemoryDisk disk = whole_.disk.copy();
    const std::string& path = whole_.segments[random() % whole_.segments.size()];
    std::string& bytes = disk.contents(path);
    std::string& others = disk.contents(whole_.segments[random() % whole_.segments.size()]);
    const std::size_t stretch = std::size_t{64} << random() % 7;
    const std::size_t room = std::min(bytes.size(), others.size());
    if (room < stretch) continue;
    const std::size_t from = random() % (room - stretch + 1);
    const std::size_t to = random() % (room - stretch + 1);
    switch (i % 3) {
      case 0: std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(to), stretch, '\0'); break;
      case 1: bytes.replace(to, stretch, others.substr(from, stretch)); break;
      default: {
        const std::string kept = bytes.substr(to, stretch);
        bytes.replace(to, stretch, bytes.substr(from, stretch));
        bytes.replace(from, stretch, kept);
      }
    }
    look_at(disk, path + ", round " + std::to_string(i));
    if (HasFatalFailure()) return;
  }
  std::cout << journals_ << " damaged journals, " << lost_ << " events lost and told of\n";
}

TEST_F(DamagedJournal, IsToldApartWhenAFileOfItIsMissing) {
  for (const std::string& path : whole_.disk.paths()) {
    if (path.ends_with("next.seg") || path.ends_with(".ids")) continue;
    if (path == whole_.segments.front()) continue;  // Retention might have taken that one.
    MemoryDisk disk = whole_.disk.copy();
    ASSERT_EQ(disk.unlink(path), 0);
    EXPECT_FALSE(opens_without_skipping(disk, path)) << path;
    look_at(disk, path + " is missing");
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace penstock::test
