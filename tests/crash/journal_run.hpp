// A run of a journal as the crash tests make it: batches of random sizes, now and then the keeper, a restart.

#pragma once

#include "crash/checker.hpp"
#include "engine/journal/journals.hpp"
#include "journal/journal.hpp"
#include "journal/reader.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <vector>

namespace penstock::test {

inline journal::JournalOptions small_segments() {
  return {.dir = "j", .segment_bytes = 8U << 10U, .retain_bytes = 0, .retain_age = {}, .dedup_bytes = 1U << 16U};
}

/// Opens, appends `batches` batches, keeps, closes. Ends early when the journal fails. Throws as opening does.
inline void run(os::Disk& disk, Events& events, History& history, std::mt19937& random, int batches) {
  const auto journal = journal::Journal::open(disk, small_segments());
  for (int i = 0; i < batches && journal->failure() == nullptr; ++i) {
    if (random() % 4 == 0) journal->keep(kNow);
    const std::uint64_t first = history.published_to + 1;
    const std::size_t count = 1 + random() % 6;
    history.published_to += count;
    const std::size_t bytes = random() % 8 == 0 ? 5'000 : 100 + random() % 900;
    const auto stored = events.append(*journal, first, count, {.payload_bytes = bytes});
    history.answer(first, stored);
  }
}

/// Everything a journal holds.
inline std::vector<Found> read_all(const journal::Journal& journal, Events& events) {
  std::vector<Found> found;
  journal::Reader reader{journal, events.pool, 1};
  std::array<event::Block*, 16> blocks{};
  for (;;) {
    const journal::Reading got = reader.read(blocks);
    if (got.what == journal::Read::gap) continue;
    if (got.what != journal::Read::events) return found;
    for (event::Block* block : std::span{blocks}.first(got.count)) {
      found.push_back({block->offset, number_of(block->payload_view())});
      events.pool.give(block);
    }
  }
}

}  // namespace penstock::test
