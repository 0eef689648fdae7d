#include <penstock/topic.hpp>

#include <cstddef>
#include <string_view>

namespace penstock {

namespace {

constexpr bool is_level_byte(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == ':' ||
         c == '/' || c == '-';
}

bool is_level(std::string_view level) noexcept {
  for (const char c : level) {
    if (!is_level_byte(c)) return false;
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

bool valid_name(std::string_view name, std::size_t bytes_max) noexcept {
  if (name.size() > bytes_max) return false;
  for (bool last = false; !last;) {
    if (!is_level(take_level(name, last))) return false;
  }
  return true;
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
