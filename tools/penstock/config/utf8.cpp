#include "config/utf8.hpp"

#include <array>

namespace penstock::config {
namespace {

std::size_t length_of(std::uint32_t first) noexcept {
  if (first < 0x80U) return 1;
  if (first < 0xC2U) return 0;  // The middle of a character, or an overlong form of two bytes.
  if (first < 0xE0U) return 2;
  if (first < 0xF0U) return 3;
  return first < 0xF5U ? 4 : 0;
}

bool is_code_of(std::size_t length, std::uint32_t code) noexcept {
  constexpr std::array<std::uint32_t, 5> least{0, 0, 0x80U, 0x800U, 0x10000U};
  const bool surrogate = code >= 0xD800U && code < 0xE000U;
  return code >= least.at(length) && code <= 0x10FFFFU && !surrogate;
}

}  // namespace

Utf8 utf8_at(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
  const std::size_t length = length_of(byte(0));
  if (length == 0 || length > text.size()) return {0, 0};
  if (length == 1) return {byte(0), 1};
  std::uint32_t code = byte(0) & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return {0, 0};
    code = (code << 6U) | (byte(i) & 0x3FU);
  }
  return is_code_of(length, code) ? Utf8{code, length} : Utf8{0, 0};
}

}  // namespace penstock::config
