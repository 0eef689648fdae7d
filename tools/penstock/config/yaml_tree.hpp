// A YAML file as a tree that remembers where everything stood and whether it stood in quotes.
//
//     Problems problems{"penstock.yaml"};
//     const std::optional<YamlNode> root = read_yaml(text, problems);   // nullopt: problems says why
//
// One document of maps, lists and scalars. Refused, with their place: a second document, anchors, aliases and tags (the
// file says what it says), a key twice, a key that is not a scalar, nesting deeper than 32, text that is not UTF-8,
// a quote that never ends. Threads: pure function. O(bytes).

#pragma once

#include "config/problem.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::config {

inline constexpr std::size_t kFileBytesMax = 4U << 20U;  ///< 10,000 sources of 300 bytes, and room.
inline constexpr std::size_t kDepthMax = 32;             ///< The configuration itself is 5 deep.

struct YamlNode {
  enum class Kind : unsigned char { null, scalar, list, map };
  struct Entry {
    std::string key;
    Position at;       ///< Of the key.
    std::size_t item;  ///< Its value is items[item].
  };

  Kind kind = Kind::null;
  Position at = {};
  std::string text = {};             ///< Of a scalar, as written: nothing is substituted yet.
  bool quoted = false;               ///< '…', "…" or a block scalar.
  std::string origin = {};           ///< Not from the file: the flag or variable that messages shall name instead.
  std::vector<YamlNode> items = {};  ///< Of a list; the values of a map.
  std::vector<Entry> entries = {};   ///< Of a map, in the order of the file.

  /// The value of that key; nullptr if there is none. O(entries).
  [[nodiscard]] const YamlNode* find(std::string_view key) const noexcept;
  [[nodiscard]] const YamlNode& value(const Entry& entry) const { return items[entry.item]; }
  /// Adds an entry; the value as it now stands here.
  YamlNode& add(std::string key, Position key_at, YamlNode&& value);
};

/// The tree of `bytes`; nullopt when it is no YAML at all. Other problems are noted and the rest is read on. An empty
/// file is a null node.
[[nodiscard]] std::optional<YamlNode> read_yaml(std::string_view bytes, Problems& problems);

}  // namespace penstock::config
