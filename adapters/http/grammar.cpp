#include "http/grammar.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace penstock::http::grammar {

namespace {

constexpr std::uint64_t kEach = 0x0101'0101'0101'0101;

// Whether some byte of eight is below 0x20 or 0x7f. The two tests by subtraction are exact for "some byte of them"
// (Warren, Hacker's Delight, 6-1): a borrow only comes from a byte that is itself a hit. Tabs count as hits here.
bool may_have_control(const char* eight) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, eight, sizeof word);
  const std::uint64_t del = word ^ (kEach * 0x7f);
  const std::uint64_t hits = ((word - kEach * 0x20) & ~word) | ((del - kEach) & ~del);
  return (hits & (kEach * 0x80)) != 0;
}

}  // namespace

bool has_control(std::string_view text) noexcept {
  constexpr std::size_t step = sizeof(std::uint64_t);
  const auto has = [](std::string_view part) { return std::any_of(part.begin(), part.end(), is_control); };
  while (text.size() >= step) {
    if (may_have_control(text.data()) && has(text.substr(0, step))) return true;
    text.remove_prefix(step);
  }
  return has(text);
}

bool is_token(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_byte);
}

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

bool has_only_good_escapes(std::string_view text) noexcept {
  for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1)) {
    if (text.size() - at < 3) return false;
    const int high = hex_value(text[at + 1]);
    const int low = hex_value(text[at + 2]);
    if (high < 0 || low < 0 || high + low == 0) return false;
  }
  return true;
}

}  // namespace penstock::http::grammar
