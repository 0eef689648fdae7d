// Where a stream may begin, as users write it everywhere: `now`, `earliest`, an offset, or a time.
//
//     is_position("2026-11-24T12:00:00.5+01:00")     // true; whether there is such an event is the journal's to say
//
// An offset is decimal digits, from 1 to 2^64 - 1. A time is RFC 3339, 5.6: with a zone, `T` and `Z` in either case,
// seconds up to 60 (a leap second), any number of digits of a second's fraction, and a day that its month has.
// Pure; allocates nothing. O(text).

#pragma once

#include <string_view>

namespace penstock::streams {

[[nodiscard]] bool is_position(std::string_view text) noexcept;

}  // namespace penstock::streams
