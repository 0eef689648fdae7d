// Sizes, times and rates as people write them, with their unit.
//
//     parse_size("25MiB")     // 26214400
//     parse_duration("15s")   // 15000 ms
//     parse_size("25")        // error: "a size needs a unit; did you mean 25MiB or 25B?"
//
// Whole numbers only, so that what is written is what is meant. Threads: pure functions.

#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace penstock::config {

/// Why a text is no quantity: what, and how to mend it.
struct UnitError {
  std::string text;
};

template <typename T>
using Parsed = std::variant<T, UnitError>;

/// B, KiB, MiB, GiB, TiB (powers of 1024), kB, MB, GB, TB (powers of 1000; IEC 80000-13).
[[nodiscard]] Parsed<std::uint64_t> parse_size(std::string_view text);

/// ms, s, m, h, d.
[[nodiscard]] Parsed<std::chrono::milliseconds> parse_duration(std::string_view text);

/// How many in how long.
struct Rate {
  std::uint64_t count = 0;
  std::chrono::milliseconds per{1000};
};

/// N/s, N/m, N/h.
[[nodiscard]] Parsed<Rate> parse_rate(std::string_view text);

/// A whole number without a unit.
[[nodiscard]] Parsed<std::uint64_t> parse_count(std::string_view text);

/// The shortest exact way to write it: 26214400 → "25MiB", 86400000 ms → "24h".
[[nodiscard]] std::string size_text(std::uint64_t bytes);
[[nodiscard]] std::string duration_text(std::chrono::milliseconds duration);

}  // namespace penstock::config
