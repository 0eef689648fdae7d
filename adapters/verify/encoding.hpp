// Hex and base64 (RFC 4648), decoded strictly: one text for one value, nothing skipped, nothing forgiven.
//
//     verify::Digest given;
//     if (verify::decode_hex(text, given)) ...
//
// Threads: pure functions. Nothing here blocks; only the encoders allocate. O(length).

#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace penstock::verify {

/// Exactly two digits a byte of `out`, either case.
[[nodiscard]] bool decode_hex(std::string_view text, std::span<unsigned char> out) noexcept;

/// The standard alphabet with right padding and zero spare bits (RFC 4648, 3.5). The number of bytes written to the
/// front of `out`; nullopt when the text is not canonical or does not fit.
[[nodiscard]] std::optional<std::size_t> decode_base64(std::string_view text, std::span<unsigned char> out) noexcept;

[[nodiscard]] std::string encode_hex(std::span<const unsigned char> bytes);  ///< Lower case.
[[nodiscard]] std::string encode_base64(std::span<const unsigned char> bytes);

}  // namespace penstock::verify
