#include "http/request.hpp"

#include <algorithm>
#include <cstring>

namespace penstock::http {

namespace {

constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Eight letters at once: adding to seven bits carries into the eighth where a byte is past a bound.
std::uint64_t lower_eight(std::uint64_t word) noexcept {
  constexpr std::uint64_t each = 0x0101'0101'0101'0101;
  const std::uint64_t low_bits = word & (each * 0x7f);
  const std::uint64_t from_a = low_bits + each * (0x80 - 'A');
  const std::uint64_t past_z = low_bits + each * (0x7f - 'Z');
  const std::uint64_t upper = (from_a ^ past_z) & ~word & (each * 0x80);
  return word | (upper >> 2U);  // 0x20 makes a letter small.
}

}  // namespace

bool same_letters(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

void lower_case(std::string_view text, std::string& out) {
  out.assign(text);
  std::size_t at = 0;
  for (std::uint64_t word = 0; at + sizeof word <= out.size(); at += sizeof word) {
    std::memcpy(&word, out.data() + at, sizeof word);
    word = lower_eight(word);
    std::memcpy(out.data() + at, &word, sizeof word);
  }
  for (; at < out.size(); ++at) out[at] = lower(out[at]);
}

std::optional<std::string_view> RequestHead::field(std::string_view name) const noexcept {
  for (const Field& line : fields) {
    if (equal_without_case(line.first, name)) return line.second;
  }
  return std::nullopt;
}

std::optional<std::string_view> RequestHead::only_field(std::string_view name) const noexcept {
  std::optional<std::string_view> value;
  for (const Field& line : fields) {
    if (!equal_without_case(line.first, name)) continue;
    if (value) return std::nullopt;
    value = line.second;
  }
  return value;
}

}  // namespace penstock::http
