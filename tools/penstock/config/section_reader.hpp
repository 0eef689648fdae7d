// Reads one map of the file: known keys into typed fields, everything else into problems with their place.
//
//     SectionReader limits{context, node, "limits", Section::limits};
//     limits.size("payload", config.limits.payload_bytes, {.min = 1, .max = 1U << 30U});
//
// A key that is left out leaves its field (the default) alone; a bad value is a problem and leaves it alone too, so
// that one pass finds all that is wrong. Threads: one.

#pragma once

#include "config/endpoint.hpp"
#include "config/keys.hpp"
#include "config/problem.hpp"
#include "config/substitution.hpp"
#include "config/suggestion.hpp"
#include "config/units.hpp"
#include "config/yaml_tree.hpp"
#include "verify/secret.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace penstock::config {

/// What all sections of one reading share.
struct Context {
  Problems& problems;
  const Substitution& substitution;
};

/// A scalar after substitution. `written` is what the file says: all that a message may quote.
struct Value {
  std::string text;
  std::string written;
  Position at;
  std::string path;
  bool known = true;      ///< False with --no-environment: text is not the value.
  bool replaced = false;  ///< Some of it came from the environment or a file.
};

/// `path: text` at the place of `node`, or under the name of the flag that it came from.
void report(const Context& context, const YamlNode& node, std::string_view path, std::string_view text);

/// The value of a scalar node; nullopt: a problem was noted.
[[nodiscard]] std::optional<Value> read_scalar(const Context& context, const YamlNode& node, std::string_view path);

/// The same for a secret: never quoted in a message, empty is a problem, written out in the file is a warning.
/// With --no-environment a stand-in comes back.
[[nodiscard]] std::optional<verify::Secret> read_secret(const Context& context, const YamlNode& node,
                                                        std::string_view path);

struct Range {
  std::uint64_t min = 0;
  std::uint64_t max = UINT64_MAX;
};

class SectionReader {
 public:
  /// Notes each key of `node` that is unknown or not built. A `node` that is no map is a problem, and an empty section.
  SectionReader(const Context& context, const YamlNode& node, std::string path, Section section);

  /// The value of a known key; nullptr when it is left out.
  [[nodiscard]] const YamlNode* find(std::string_view key) const;
  [[nodiscard]] std::string path(std::string_view key) const;
  [[nodiscard]] const YamlNode& node() const noexcept { return node_; }
  [[nodiscard]] const Context& context() const noexcept { return context_; }
  /// suggestion(), unless nobody would read it.
  [[nodiscard]] std::string hint(std::string_view name, const std::vector<std::string_view>& known) const;
  void error(const YamlNode& node, std::string_view key, std::string_view text) const;

  [[nodiscard]] std::optional<Value> text(std::string_view key) const;
  /// A list of scalars; one scalar is a list of one.
  [[nodiscard]] std::vector<Value> texts(std::string_view key) const;

  void size(std::string_view key, std::size_t& into, Range range) const;
  void duration(std::string_view key, std::chrono::milliseconds& into, Range range_ms) const;
  void count(std::string_view key, std::size_t& into, Range range) const;
  void endpoint(std::string_view key, Endpoint& into) const;

  template <typename T>
  void choice(std::string_view key, T& into, std::initializer_list<std::pair<std::string_view, T>> choices) const {
    const std::optional<Value> value = text(key);
    if (!value || !value->known) return;
    std::vector<std::string_view> names;
    for (const auto& [name, meaning] : choices) {
      if (name == value->text) {
        into = meaning;
        return;
      }
      names.push_back(name);
    }
    refuse_choice(key, *value, names);
  }

 private:
  void check_keys(Section section) const;
  void refuse_choice(std::string_view key, const Value& value, const std::vector<std::string_view>& names) const;
  template <typename T, typename Parse>
  std::optional<T> parsed(std::string_view key, Parse parse) const;
  bool in_range(std::string_view key, std::uint64_t number, Range range, std::string (*write)(std::uint64_t)) const;

  const Context& context_;
  const YamlNode& node_;
  std::string path_;
};

}  // namespace penstock::config
