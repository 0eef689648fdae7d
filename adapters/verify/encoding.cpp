#include "verify/encoding.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace penstock::verify {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNoDigit = 0xff;

using Values = std::array<std::uint8_t, 256>;

constexpr Values values_of(std::string_view digits) {
  Values values{};
  values.fill(kNoDigit);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    values[static_cast<unsigned char>(digits[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}

constexpr Values kHexValues = [] {
  Values values = values_of(kHexDigits);
  for (std::size_t i = 10; i < 16; ++i) values['A' + i - 10] = static_cast<std::uint8_t>(i);
  return values;
}();
constexpr Values kBase64Values = values_of(kAlphabet);

std::uint8_t value_of(const Values& values, char digit) { return values[static_cast<unsigned char>(digit)]; }

}  // namespace

bool decode_hex(std::string_view text, std::span<unsigned char> out) noexcept {
  if (text.size() != out.size() * 2) return false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::uint8_t high = value_of(kHexValues, text[2 * i]);
    const std::uint8_t low = value_of(kHexValues, text[2 * i + 1]);
    if (high == kNoDigit || low == kNoDigit) return false;
    out[i] = static_cast<unsigned char>(high << 4U | low);
  }
  return true;
}

std::optional<std::size_t> decode_base64(std::string_view text, std::span<unsigned char> out) noexcept {
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t digits = text.size();
  while (digits > 0 && text.size() - digits < 2 && text[digits - 1] == '=') --digits;
  const std::size_t bytes = digits * 6 / 8;
  if (bytes > out.size()) return std::nullopt;

  std::uint32_t bits = 0;
  unsigned held = 0;
  std::size_t written = 0;
  for (const char digit : text.substr(0, digits)) {
    const std::uint8_t value = value_of(kBase64Values, digit);
    if (value == kNoDigit) return std::nullopt;
    bits = bits << 6U | value;
    held += 6;
    if (held >= 8) {
      held -= 8;
      out[written++] = static_cast<unsigned char>(bits >> held);
      bits &= (1U << held) - 1;
    }
  }
  if (bits != 0) return std::nullopt;
  return written;
}

std::string encode_hex(std::span<const unsigned char> bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const unsigned char byte : bytes) {
    text += kHexDigits[byte >> 4U];
    text += kHexDigits[byte & 15U];
  }
  return text;
}

std::string encode_base64(std::span<const unsigned char> bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t taken = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) bits = bits << 8U | (k < taken ? bytes[i + k] : 0U);
    for (std::size_t k = 0; k < 4; ++k) text += k <= taken ? kAlphabet[bits >> (18 - 6 * k) & 63U] : '=';
  }
  return text;
}

}  // namespace penstock::verify
