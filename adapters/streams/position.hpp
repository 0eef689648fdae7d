// Where a stream may begin, as users write it everywhere: `now`, `earliest`, an offset, or a time.
//
//     const std::optional<Position> from = position_of("2026-11-24T12:00:00.5+01:00");   // nullopt: no position
//
// An offset is decimal digits, from 1 to 2^64 - 1. A time is RFC 3339, 5.6: with a zone, `T` and `Z` in either case,
// seconds up to 60 (a leap second, taken for the second behind it), any number of digits of a second's fraction, and a
// day that its month has. Digits beyond nanoseconds are dropped; what the clock cannot hold becomes its first or last
// moment. Whether there is such an event is the journal's to say.
// Pure; allocates nothing. O(text).

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

namespace penstock::streams {

struct Now {};
struct Earliest {};

/// An offset is inclusive: the first event wanted.
using Position = std::variant<Now, Earliest, std::uint64_t, std::chrono::system_clock::time_point>;

[[nodiscard]] std::optional<Position> position_of(std::string_view text) noexcept;

}  // namespace penstock::streams
