#include "streams/position.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

namespace penstock::streams {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_offset(std::string_view text) {
  std::uint64_t offset = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), offset);
  return error == std::errc{} && end == text.data() + text.size() && offset > 0;
}

/// Takes a text apart from its front.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_{text} {}

  [[nodiscard]] bool done() const { return rest_.empty(); }

  /// Exactly so many digits.
  std::optional<int> number(std::size_t digits) {
    if (rest_.size() < digits || !std::all_of(rest_.begin(), rest_.begin() + digits, is_digit)) return std::nullopt;
    int value = 0;
    for (const char c : rest_.substr(0, digits)) value = 10 * value + (c - '0');
    rest_.remove_prefix(digits);
    return value;
  }

  bool one_of(std::string_view characters) {
    if (rest_.empty() || characters.find(rest_.front()) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// At least one digit.
  bool digits() {
    const auto* const end = std::find_if_not(rest_.begin(), rest_.end(), is_digit);
    const auto count = static_cast<std::size_t>(end - rest_.begin());
    rest_.remove_prefix(count);
    return count > 0;
  }

 private:
  std::string_view rest_;
};

int days_of(int year, int month) {
  constexpr std::array days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && leap ? 29 : days.at(static_cast<std::size_t>(month - 1));
}

bool read_date(Reader& reader) {
  const auto year = reader.number(4);
  if (!year || !reader.one_of("-")) return false;
  const auto month = reader.number(2);
  if (!month || *month < 1 || *month > 12 || !reader.one_of("-")) return false;
  const auto day = reader.number(2);
  return day && *day >= 1 && *day <= days_of(*year, *month);
}

/// hh:mm
bool read_hour_and_minute(Reader& reader) {
  const auto hour = reader.number(2);
  if (!hour || *hour > 23 || !reader.one_of(":")) return false;
  const auto minute = reader.number(2);
  return minute && *minute <= 59;
}

bool is_time(std::string_view text) {
  Reader reader{text};
  if (!read_date(reader) || !reader.one_of("Tt") || !read_hour_and_minute(reader) || !reader.one_of(":")) return false;
  const auto second = reader.number(2);
  if (!second || *second > 60) return false;
  if (reader.one_of(".") && !reader.digits()) return false;
  const bool has_zone = reader.one_of("Zz") || (reader.one_of("+-") && read_hour_and_minute(reader));
  return has_zone && reader.done();
}

}  // namespace

bool is_position(std::string_view text) noexcept {
  return text == "now" || text == "earliest" || is_offset(text) || is_time(text);
}

}  // namespace penstock::streams
