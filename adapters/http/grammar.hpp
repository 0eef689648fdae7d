// Classes of bytes and small comparisons that HTTP/1.1's grammar is made of (RFC 9110 5.6.2, RFC 9112 2.2).
//
//     if (!is_token(name)) return 400;
//
// Pure functions: no allocation, never throw.

#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace penstock::http::grammar {

namespace detail {

consteval std::array<bool, 256> bytes_of(std::string_view others) {
  std::array<bool, 256> table{};
  for (unsigned c = '0'; c <= '9'; ++c) table.at(c) = true;
  for (unsigned c = 'A'; c <= 'Z'; ++c) table.at(c) = true;
  for (unsigned c = 'a'; c <= 'z'; ++c) table.at(c) = true;
  for (const char c : others) table.at(static_cast<unsigned char>(c)) = true;
  return table;
}

inline constexpr std::array<bool, 256> kToken = bytes_of("!#$%&'*+-.^_`|~");
inline constexpr std::array<bool, 256> kTarget = bytes_of("!$%&'()*+,-./:;=?@[]_~");
inline constexpr std::array<bool, 256> kHostName = bytes_of("-._~%!$&'()*+;=");

}  // namespace detail

[[nodiscard]] constexpr bool is_token_byte(char c) noexcept { return detail::kToken[static_cast<unsigned char>(c)]; }
/// Visible ASCII but `" # < > \ ^ { } |` and the backquote, which no valid target holds (RFC 3986).
[[nodiscard]] constexpr bool is_target_byte(char c) noexcept { return detail::kTarget[static_cast<unsigned char>(c)]; }
/// A registered name (RFC 3986 3.2.2) without the comma, which would make a list of hosts.
[[nodiscard]] constexpr bool is_host_byte(char c) noexcept { return detail::kHostName[static_cast<unsigned char>(c)]; }

/// A control byte other than HTAB. Bytes of 0x80 and more are opaque text.
[[nodiscard]] constexpr bool is_control(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && byte != '\t') || byte == 0x7f;
}

[[nodiscard]] constexpr bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }
[[nodiscard]] constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// 0 to 15; -1 for a byte that is no hex digit.
[[nodiscard]] constexpr int hex_value(char c) noexcept {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// O(text), eight bytes at a step.
[[nodiscard]] bool has_control(std::string_view text) noexcept;
/// One byte or more, token bytes only.
[[nodiscard]] bool is_token(std::string_view text) noexcept;
/// Without SP and HTAB at both ends.
[[nodiscard]] std::string_view trim(std::string_view text) noexcept;
/// Every `%` is followed by two hex digits, and none of them is `%00`.
[[nodiscard]] bool has_only_good_escapes(std::string_view text) noexcept;

}  // namespace penstock::http::grammar
