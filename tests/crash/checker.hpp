// Judges what a journal holds after a crash against what its publishers were told.
//
//     History history;
//     history.published(7, "key"); history.answered(7, stored); …crash, open…
//     EXPECT_EQ(check(history, found), "");                    // what is wrong, or nothing
//
// The rule: each event with a receipt is there, once, whole, at the offset the receipt names, in the order of
// publishing; offsets are dense; nothing is there that was never published or was refused. An event that was never
// answered, or whose batch failed, may be there or not.

#pragma once

#include "journal/journal.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::test {

/// One event read after the crash. `number` 0: its bytes are none that were published.
struct Found {
  std::uint64_t offset = 0;
  std::uint64_t number = 0;
};

struct History {
  std::uint64_t published_to = 0;                   ///< Numbers 1 … this were given to append, in order.
  std::map<std::uint64_t, std::uint64_t> receipts;  ///< Number to offset, of those that were `stored`.
  std::set<std::uint64_t> refused;                  ///< Numbers whose publishers were told `full`.

  void answer(std::uint64_t first_number, const std::vector<journal::Stored>& stored);
};

/// Empty when all is well; else the first thing that is not. `first_kept`: what retention left begins there.
[[nodiscard]] std::string check(const History& history, const std::vector<Found>& found, std::uint64_t first_kept = 1);

/// A number from the environment: how often, or which seed.
[[nodiscard]] std::uint64_t from_environment(const char* name, std::uint64_t otherwise);

}  // namespace penstock::test
