// What a source may be called: one rule for the configuration, for Hooks, and for whoever makes names.
//
//     if (!webhook_in::valid_source_name(name)) refuse(name + std::string{webhook_in::kBadSourceName});
//
// It is the last part of /hooks/{source}, a label of counters, and by default the topic: so no dots either, which would
// make levels of it. Threads: pure function, O(length), allocates nothing.

#pragma once

#include <penstock/topic.hpp>

#include <algorithm>
#include <string_view>

namespace penstock::webhook_in {

/// Goes behind the name.
inline constexpr std::string_view kBadSourceName =
    " cannot be the name of a source; use letters, digits, - and _ (at most 128)";

[[nodiscard]] inline bool valid_source_name(std::string_view name) noexcept {
  return !name.empty() && name.size() <= kBaseTopicBytesMax && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

}  // namespace penstock::webhook_in
