// What the strict reader makes of a run of bytes, as one text that can be compared: every request with its parts and
// body, and how it ended. The driver of all fuzzing of the reader; knows no fuzzing engine.
//
//     EXPECT_EQ(outcome_of(bytes, {}), outcome_of(bytes, {3, 17}));   // whole, and cut behind 3 and 17 bytes
//
// Bytes are revealed cut by cut in one piece of memory; what is not yet revealed is filled with other bytes, so that a
// reader that looked ahead would give itself away.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::http::fuzz {

/// `cuts`: ascending positions in `bytes`. The end of `bytes` is always the last one.
[[nodiscard]] std::string outcome_of(std::string_view bytes, const std::vector<std::size_t>& cuts);

}  // namespace penstock::http::fuzz
