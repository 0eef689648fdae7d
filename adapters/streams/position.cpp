#include "streams/position.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace penstock::streams {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::optional<std::uint64_t> offset_of(std::string_view text) {
  std::uint64_t offset = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), offset);
  const bool whole = error == std::errc{} && end == text.data() + text.size() && offset > 0;
  return whole ? std::optional{offset} : std::nullopt;
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

  /// At least one digit, of a second's fraction; those beyond nanoseconds count nothing.
  std::optional<std::chrono::nanoseconds> fraction() {
    std::int64_t ns = 0;
    std::int64_t place = 100'000'000;
    std::size_t count = 0;
    for (; count < rest_.size() && is_digit(rest_[count]); ++count, place /= 10) ns += place * (rest_[count] - '0');
    rest_.remove_prefix(count);
    return count > 0 ? std::optional{std::chrono::nanoseconds{ns}} : std::nullopt;
  }

 private:
  std::string_view rest_;
};

std::optional<std::chrono::sys_days> read_date(Reader& reader) {
  const auto year = reader.number(4);
  if (!year || !reader.one_of("-")) return std::nullopt;
  const auto month = reader.number(2);
  if (!month || !reader.one_of("-")) return std::nullopt;
  const auto day = reader.number(2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  return date.ok() ? std::optional{std::chrono::sys_days{date}} : std::nullopt;
}

/// hh:mm
std::optional<std::chrono::minutes> read_hour_and_minute(Reader& reader) {
  const auto hour = reader.number(2);
  if (!hour || *hour > 23 || !reader.one_of(":")) return std::nullopt;
  const auto minute = reader.number(2);
  if (!minute || *minute > 59) return std::nullopt;
  return std::chrono::hours{*hour} + std::chrono::minutes{*minute};
}

/// How far the zone's clocks are ahead of UTC.
std::optional<std::chrono::minutes> read_zone(Reader& reader) {
  if (reader.one_of("Zz")) return std::chrono::minutes{0};
  const bool behind = reader.one_of("-");
  if (!behind && !reader.one_of("+")) return std::nullopt;
  const auto ahead = read_hour_and_minute(reader);
  return ahead && behind ? -*ahead : ahead;
}

/// RFC 3339 has years that the system's clock, in nanoseconds, has not.
std::chrono::system_clock::time_point held_by_clock(std::chrono::sys_seconds time, std::chrono::nanoseconds fraction) {
  using Clock = std::chrono::system_clock;
  using std::chrono::floor;
  using std::chrono::seconds;
  if (time <= floor<seconds>(Clock::time_point::min())) return Clock::time_point::min();
  if (time >= floor<seconds>(Clock::time_point::max())) return Clock::time_point::max();
  return Clock::time_point{time} + std::chrono::duration_cast<Clock::duration>(fraction);
}

std::optional<std::chrono::system_clock::time_point> time_of(std::string_view text) {
  Reader reader{text};
  const auto date = read_date(reader);
  if (!date || !reader.one_of("Tt")) return std::nullopt;
  const auto minutes = read_hour_and_minute(reader);
  if (!minutes || !reader.one_of(":")) return std::nullopt;
  const auto second = reader.number(2);
  if (!second || *second > 60) return std::nullopt;
  std::optional<std::chrono::nanoseconds> fraction{0};
  if (reader.one_of(".")) fraction = reader.fraction();
  if (!fraction) return std::nullopt;
  const auto ahead = read_zone(reader);
  if (!ahead || !reader.done()) return std::nullopt;
  return held_by_clock(*date + *minutes + std::chrono::seconds{*second} - *ahead, *fraction);
}

}  // namespace

std::optional<Position> position_of(std::string_view text) noexcept {
  if (text == "now") return Now{};
  if (text == "earliest") return Earliest{};
  if (const auto offset = offset_of(text)) return *offset;
  if (const auto time = time_of(text)) return *time;
  return std::nullopt;
}

}  // namespace penstock::streams
