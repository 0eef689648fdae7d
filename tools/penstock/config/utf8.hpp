// UTF-8 (RFC 3629), one character at a time.
//
//     utf8_at("\xC3\xBC")   // {0xFC, 2}
//
// Threads: pure function.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace penstock::config {

struct Utf8 {
  std::uint32_t code;
  std::size_t length;  ///< 0: no character begins here. Overlong forms and surrogates are none.
};

/// The character at the front of `text`, which is not empty.
[[nodiscard]] Utf8 utf8_at(std::string_view text) noexcept;

}  // namespace penstock::config
