#include "serving/log_line.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <ctime>

namespace penstock::serving {
namespace {

/// One character of UTF-8 (RFC 3629); length 0: the byte at hand begins none.
struct Character {
  std::uint32_t code;
  std::size_t length;
};

Character character_at(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
  const std::uint32_t first = byte(0);
  if (first < 0x80U) return {first, 1};
  const std::size_t length = first < 0xC2U ? 0 : first < 0xE0U ? 2 : first < 0xF0U ? 3 : first < 0xF5U ? 4 : 0;
  if (length == 0 || text.size() < length) return {0, 0};
  std::uint32_t code = first & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return {0, 0};
    code = (code << 6U) | (byte(i) & 0x3FU);
  }
  const bool overlong = (length == 3 && code < 0x800U) || (length == 4 && code < 0x10000U);
  const bool surrogate = code >= 0xD800U && code < 0xE000U;
  return overlong || surrogate || code > 0x10FFFFU ? Character{0, 0} : Character{code, length};
}

/// C0, DEL and C1; and the two line ends of Unicode, which some viewers obey.
bool is_control(std::uint32_t code) {
  return code < 0x20U || (code >= 0x7FU && code < 0xA0U) || code == 0x2028U || code == 0x2029U;
}

void append_escape(std::string& out, std::uint32_t code) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += {'\\',
          'u',
          kDigits[(code >> 12U) & 0xFU],
          kDigits[(code >> 8U) & 0xFU],
          kDigits[(code >> 4U) & 0xFU],
          kDigits[code & 0xFU]};
}

/// Needs no quotes in logfmt, whatever reads it.
bool is_bare(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view{"-_.:/[]+,*>"}.find(c) != std::string_view::npos;
  });
}

std::string time_text(std::chrono::system_clock::time_point time) {
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch());
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(ms).count();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  (void)std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900,
                      parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                      static_cast<int>(ms.count() % 1000));
  return text.data();
}

}  // namespace

std::string_view to_string(config::LogLevel level) noexcept {
  switch (level) {
    case config::LogLevel::debug: return "debug";
    case config::LogLevel::info: return "info";
    case config::LogLevel::warn: return "warn";
    case config::LogLevel::error: return "error";
  }
  return "";
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const Character character = character_at(text);
    if (character.length == 0) {
      append_escape(out, 0xFFFDU);  // U+FFFD: what stood here was no text.
      text.remove_prefix(1);
      continue;
    }
    if (is_control(character.code)) {
      append_escape(out, character.code);
    } else {
      if (character.code == '"' || character.code == '\\') out += '\\';
      out += text.substr(0, character.length);
    }
    text.remove_prefix(character.length);
  }
  return out + '"';
}

std::string log_line(config::LogFormat format, std::chrono::system_clock::time_point time, config::LogLevel level,
                     std::string_view message, std::initializer_list<Fact> facts) {
  const bool json = format == config::LogFormat::json;
  std::string line = json ? "{" : "";
  const auto add = [&](std::string_view key, std::string_view value) {
    if (line.size() > 1) line += json ? ',' : ' ';
    line += json ? quoted(key) + ':' : std::string{key} + '=';
    line += json || !is_bare(value) ? quoted(value) : std::string{value};
  };
  add("ts", time_text(time));
  add("level", to_string(level));
  add("msg", message);
  for (const auto& [key, value] : facts) add(key, value);
  return json ? line + '}' : line;
}

}  // namespace penstock::serving
