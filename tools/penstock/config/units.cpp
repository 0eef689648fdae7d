#include "config/units.hpp"

#include "config/problem.hpp"
#include "config/suggestion.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <span>

namespace penstock::config {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::array kSizes{Unit{"TiB", 1ULL << 40U},
                            Unit{"GiB", 1ULL << 30U},
                            Unit{"MiB", 1ULL << 20U},
                            Unit{"KiB", 1ULL << 10U},
                            Unit{"B", 1},
                            Unit{"TB", 1000000000000ULL},
                            Unit{"GB", 1000000000ULL},
                            Unit{"MB", 1000000ULL},
                            Unit{"kB", 1000}};
constexpr std::size_t kBinarySizes = 5;

constexpr std::uint64_t kDayMs = 86400000;
constexpr std::uint64_t kHourMs = 3600000;
constexpr std::uint64_t kMinuteMs = 60000;
constexpr std::array kDurations{Unit{"d", kDayMs}, Unit{"h", kHourMs}, Unit{"m", kMinuteMs}, Unit{"s", 1000},
                                Unit{"ms", 1}};
constexpr std::array kRates{Unit{"/s", 1000}, Unit{"/m", kMinuteMs}, Unit{"/h", kHourMs}};

/// What one kind of quantity is called, and what its bare number may have meant.
struct Quantity {
  std::string_view name;
  std::span<const Unit> units;
  std::array<std::string_view, 2> likely;
};

const Quantity kSize{"a size", kSizes, {"MiB", "B"}};
const Quantity kDuration{"a time", kDurations, {"s", "ms"}};
const Quantity kRate{"a rate", kRates, {"/s", "/m"}};

struct Read {
  std::uint64_t number;
  std::uint64_t factor;
};

std::string unit_names(const Quantity& quantity) {
  std::string names;
  for (const Unit& unit : quantity.units) {
    if (!names.empty()) names += ", ";
    names += unit.name;
  }
  return names;
}

std::optional<std::uint64_t> number_at(std::string_view text, std::size_t& used) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), number);
  used = static_cast<std::size_t>(end - text.begin());
  if (error != std::errc{}) return std::nullopt;
  return number;
}

UnitError unknown_unit(std::string_view text, std::string_view unit, const Quantity& quantity) {
  if (unit.front() == '.' || unit.front() == ',') {
    return {shown(text) + ": write a whole number, in a smaller unit if need be"};
  }
  std::vector<std::string_view> names;
  for (const Unit& known : quantity.units) names.push_back(known.name);
  std::string hint = suggestion(unit, names);
  if (hint.empty()) hint = "; known are " + unit_names(quantity);
  return {shown(text) + ": unknown unit " + shown(unit) + hint};
}

Parsed<Read> read(std::string_view text, const Quantity& quantity) {
  std::size_t used = 0;
  const std::optional<std::uint64_t> number = number_at(text, used);
  if (!number) {
    if (used > 0) return UnitError{shown(text) + ": too large"};
    return UnitError{shown(text) + " is not " + std::string{quantity.name} + " such as 10" +
                     std::string{quantity.likely[0]}};
  }
  std::string_view unit = text.substr(used);
  if (unit.empty()) {
    const std::string digits{text};
    return UnitError{shown(text) + ": " + std::string{quantity.name} + " needs a unit; did you mean " + digits +
                     std::string{quantity.likely[0]} + " or " + digits + std::string{quantity.likely[1]} + "?"};
  }
  if (unit.front() == ' ') unit.remove_prefix(1);
  const auto known = std::find_if(quantity.units.begin(), quantity.units.end(),
                                  [&](const Unit& candidate) { return candidate.name == unit; });
  if (known == quantity.units.end()) return unknown_unit(text, unit.empty() ? " " : unit, quantity);
  return Read{*number, known->factor};
}

Parsed<std::uint64_t> product(std::string_view text, const Quantity& quantity, std::uint64_t max) {
  const Parsed<Read> parsed = read(text, quantity);
  if (const auto* error = std::get_if<UnitError>(&parsed)) return *error;
  const Read value = std::get<Read>(parsed);
  if (value.number > max / value.factor) return UnitError{shown(text) + ": too large"};
  return value.number * value.factor;
}

std::string shortest(std::uint64_t number, std::span<const Unit> units) {
  for (const Unit& unit : units) {
    if (number != 0 && number % unit.factor == 0) return std::to_string(number / unit.factor) + std::string{unit.name};
  }
  return "0" + std::string{units.back().name};
}

}  // namespace

Parsed<std::uint64_t> parse_size(std::string_view text) {
  return product(text, kSize, std::numeric_limits<std::int64_t>::max());
}

Parsed<std::chrono::milliseconds> parse_duration(std::string_view text) {
  constexpr std::uint64_t duration_max_ms = 100ULL * 365 * kDayMs;  // Far from what a clock's arithmetic cannot hold.
  const Parsed<std::uint64_t> ms = product(text, kDuration, duration_max_ms);
  if (const auto* error = std::get_if<UnitError>(&ms)) return *error;
  return std::chrono::milliseconds{std::get<std::uint64_t>(ms)};
}

Parsed<Rate> parse_rate(std::string_view text) {
  const Parsed<Read> parsed = read(text, kRate);
  if (const auto* error = std::get_if<UnitError>(&parsed)) return *error;
  const Read value = std::get<Read>(parsed);
  return Rate{value.number, std::chrono::milliseconds{value.factor}};
}

Parsed<std::uint64_t> parse_count(std::string_view text) {
  std::size_t used = 0;
  const std::optional<std::uint64_t> number = number_at(text, used);
  if (!number || used != text.size()) return UnitError{shown(text) + " is not a whole number"};
  return *number;
}

std::string size_text(std::uint64_t bytes) { return shortest(bytes, std::span{kSizes}.first(kBinarySizes)); }

std::string duration_text(std::chrono::milliseconds duration) {
  const auto ms = static_cast<std::uint64_t>(duration.count());
  // "24h" is how a day of hours is written everywhere; days begin at two.
  if (ms == kDayMs) return "24h";
  return shortest(ms, kDurations);
}

}  // namespace penstock::config
