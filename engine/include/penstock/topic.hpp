// The grammar of topics and patterns: one place, used by configuration, routing, subscriptions and adapters alike.
//
//     topic   = level *( "." level )          level = 1*( ALPHA / DIGIT / "_" / ":" / "/" / "-" )
//     pattern = topic in which a whole level may be "*" (exactly one level) and the last may be ">" (one or more)
//
// Threads: pure functions, any thread. Nothing here blocks or allocates; O(length).

#pragma once

#include <penstock/export.hpp>

#include <cstddef>
#include <string_view>

namespace penstock {

inline constexpr std::size_t kBaseTopicBytesMax = 128;  ///< Longest base topic and longest pattern level sequence.
inline constexpr std::size_t kSubTopicBytesMax = 128;   ///< Longest value that a router may append.
inline constexpr std::size_t kTopicBytesMax = kBaseTopicBytesMax + 1 + kSubTopicBytesMax;

/// Whether `name` is a topic of at most kTopicBytesMax bytes: the event's final topic (base + "." + value).
[[nodiscard]] PENSTOCK_EXPORT bool valid_topic(std::string_view name) noexcept;

/// Whether `name` may be a base topic: a topic of at most kBaseTopicBytesMax bytes.
[[nodiscard]] PENSTOCK_EXPORT bool valid_base_topic(std::string_view name) noexcept;

/// Whether an untrusted `value` may become a sub-topic: a topic of at most kSubTopicBytesMax bytes. Else: unrouted.
[[nodiscard]] PENSTOCK_EXPORT bool valid_sub_topic(std::string_view value) noexcept;

/// Whether `pattern` can be subscribed to.
[[nodiscard]] PENSTOCK_EXPORT bool valid_pattern(std::string_view pattern) noexcept;

/// Whether a valid `pattern` asks for a valid `topic`. `github.*` takes `github.push`, not `github` nor `github.a.b`;
/// `github.>` takes both `github.push` and `github.a.b`, not `github`.
[[nodiscard]] PENSTOCK_EXPORT bool matches(std::string_view pattern, std::string_view topic) noexcept;

}  // namespace penstock
