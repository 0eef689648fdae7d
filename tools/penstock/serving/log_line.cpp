#include "serving/log_line.hpp"

#include "config/utf8.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <ctime>

namespace penstock::serving {
namespace {

/// C0, DEL and C1; and the two line ends of Unicode, which some viewers obey.
bool is_control(std::uint32_t code) {
  return code < 0x20U || (code >= 0x7FU && code < 0xA0U) || code == 0x2028U || code == 0x2029U;
}

void append_escape(std::string& out, std::uint32_t code) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += {'\\',
          'u',
          digits[(code >> 12U) & 0xFU],
          digits[(code >> 8U) & 0xFU],
          digits[(code >> 4U) & 0xFU],
          digits[code & 0xFU]};
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
  std::array<char, 96> text{};  // Whatever the fields hold, as far as the compiler can tell.
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
    const config::Utf8 character = config::utf8_at(text);
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
