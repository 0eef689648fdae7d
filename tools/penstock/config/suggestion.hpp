// "did you mean …": the known name nearest to one that is not known.
//
//     suggestion("secret", {"secrets", "preset"})   // "; did you mean 'secrets'?"
//
// Threads: pure functions. O(names × length²), lengths cut at 64.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::config {

/// Fewest single steps (a letter put in, taken out, changed, or two neighbours exchanged) from `left` to `right`,
/// without regard to case, `-` and `_`.
[[nodiscard]] std::size_t edit_distance(std::string_view left, std::string_view right);

/// `; did you mean 'x'?`, or nothing when no name is within a third of its length.
[[nodiscard]] std::string suggestion(std::string_view name, const std::vector<std::string_view>& known);

}  // namespace penstock::config
