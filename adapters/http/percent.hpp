// Percent-decoding (RFC 3986, 2.1), strict: a `%` without two hex digits is an error, `+` is a plus.
//
//     if (const auto topic = http::percent_decoded(part)) subscribe(*topic); else answer_400();
//
// Pure; allocates the result; O(text). What comes out may be any bytes: check it against a grammar before use.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace penstock::http {

[[nodiscard]] inline std::optional<std::string> percent_decoded(std::string_view text) {
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    const int high = digit(text[i + 1]);
    const int low = digit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

}  // namespace penstock::http
