#include "config/suggestion.hpp"

#include <algorithm>
#include <array>

namespace penstock::config {
namespace {

constexpr std::size_t kLengthMax = 64;

std::string folded(std::string_view name) {
  std::string result;
  for (const char c : name.substr(0, kLengthMax)) {
    if (c == '-' || c == '_') continue;
    result += (c >= 'A' && c <= 'Z') ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return result;
}

std::size_t distance_max(std::size_t bytes) { return std::max<std::size_t>(1, bytes / 3); }

/// Every byte that one has more is a step, but for `-` and `_`: a few of those.
bool can_be_near(std::size_t name_bytes, std::size_t candidate_bytes) {
  constexpr std::size_t separators_max = 4;
  const std::size_t more = std::max(name_bytes, candidate_bytes) - std::min(name_bytes, candidate_bytes);
  return more <= distance_max(candidate_bytes) + separators_max;
}

}  // namespace

// Three rows of the optimal string alignment table: an exchange looks two rows back.
std::size_t edit_distance(std::string_view left, std::string_view right) {
  const std::string a = folded(left);
  const std::string b = folded(right);
  std::array<std::array<std::size_t, kLengthMax + 1>, 3> rows{};
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto& row = rows[i % 3];
    const auto& above = rows[(i + 2) % 3];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, changed});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], rows[(i + 1) % 3][j - 2] + 1);
      }
    }
  }
  return rows[a.size() % 3][b.size()];
}

std::string suggestion(std::string_view name, const std::vector<std::string_view>& known) {
  std::string_view best;
  std::size_t best_distance = kLengthMax;
  for (const std::string_view candidate : known) {
    if (!can_be_near(name.size(), candidate.size())) continue;
    const std::size_t distance = edit_distance(name, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  // A name of which not one letter fits is no hint.
  if (best.empty() || best_distance >= best.size() || best_distance > distance_max(best.size())) return {};
  return "; did you mean '" + std::string{best} + "'?";
}

}  // namespace penstock::config
