#include "http/request.hpp"

namespace penstock::http {

namespace {

constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

bool equal_without_case(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

std::optional<std::string_view> RequestHead::field(std::string_view name) const noexcept {
  for (const Field& line : fields) {
    if (equal_without_case(line.first, name)) return line.second;
  }
  return std::nullopt;
}

std::optional<std::string_view> RequestHead::only_field(std::string_view name) const noexcept {
  std::optional<std::string_view> value;
  for (const Field& line : fields) {
    if (!equal_without_case(line.first, name)) continue;
    if (value) return std::nullopt;
    value = line.second;
  }
  return value;
}

}  // namespace penstock::http
