#include <penstock/topic.hpp>

#include <array>
#include <cstddef>
#include <string_view>

namespace penstock {

namespace {

constexpr std::array<bool, 256> level_bytes() noexcept {
  std::array<bool, 256> is{};
  for (const char c : std::string_view{"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:/-"}) {
    is[static_cast<unsigned char>(c)] = true;
  }
  return is;
}
constexpr std::array<bool, 256> kIsLevelByte = level_bytes();

bool is_level(std::string_view level) noexcept {
  for (const char c : level) {
    if (!kIsLevelByte[static_cast<unsigned char>(c)]) return false;
  }
  return !level.empty();
}

/// Takes the first level off `rest`; `rest` becomes what follows its dot, and `last` whether nothing does.
std::string_view take_level(std::string_view& rest, bool& last) noexcept {
  const std::size_t dot = rest.find('.');
  last = dot == std::string_view::npos;
  const std::string_view level = rest.substr(0, dot);
  rest = last ? std::string_view{} : rest.substr(dot + 1);
  return level;
}

// In one pass: it stands on the way of every routed event.
bool valid_name(std::string_view name, std::size_t bytes_max) noexcept {
  if (name.size() > bytes_max) return false;
  bool level_begins = true;
  for (const char c : name) {
    if (c == '.' ? level_begins : !kIsLevelByte[static_cast<unsigned char>(c)]) return false;
    level_begins = c == '.';
  }
  return !level_begins;
}

}  // namespace

bool valid_topic(std::string_view name) noexcept { return valid_name(name, kTopicBytesMax); }
bool valid_base_topic(std::string_view name) noexcept { return valid_name(name, kBaseTopicBytesMax); }
bool valid_sub_topic(std::string_view value) noexcept { return valid_name(value, kSubTopicBytesMax); }

bool valid_pattern(std::string_view pattern) noexcept {
  if (pattern.size() > kTopicBytesMax) return false;
  for (bool last = false; !last;) {
    const std::string_view level = take_level(pattern, last);
    if (level == "*" || (last && level == ">")) continue;
    if (!is_level(level)) return false;
  }
  return true;
}

bool matches(std::string_view pattern, std::string_view topic) noexcept {
  for (bool pattern_ends = false, topic_ends = false;;) {
    const std::string_view wanted = take_level(pattern, pattern_ends);
    const std::string_view level = take_level(topic, topic_ends);
    if (wanted == ">") return true;
    if (wanted != "*" && wanted != level) return false;
    if (pattern_ends || topic_ends) return pattern_ends && topic_ends;
  }
}

}  // namespace penstock
