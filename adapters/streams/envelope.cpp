#include "streams/envelope.hpp"

#include "streams/json_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <span>

namespace penstock::streams {

namespace {

using Fields = std::span<const MetadataField>;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

void append_digits(std::string& out, unsigned value, std::size_t digits) {
  const std::size_t begin = out.size();
  out.append(digits, '0');
  for (std::size_t at = begin + digits; at > begin; value /= 10) out[--at] = static_cast<char>('0' + value % 10);
}

void append_name(std::string& out, std::string_view name) {
  const std::size_t begin = out.size();
  append_json_string(out, name);
  std::transform(out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(),
                 out.begin() + static_cast<std::ptrdiff_t>(begin), lower);
}

/// The values of all fields named like `fields[first]`: a string, or an array if there are several.
void append_values(std::string& out, Fields fields, std::size_t first) {
  const std::size_t begin = out.size();
  std::size_t values = 0;
  for (const MetadataField& field : fields.subspan(first)) {
    if (!same_name(field.first, fields[first].first)) continue;
    if (values++ > 0) out += ',';
    append_json_string(out, field.second);
  }
  if (values == 1) return;
  out.insert(begin, 1, '[');
  out += ']';
}

void append_metadata(std::string& out, Fields fields) {
  bool some = false;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const Fields before = fields.first(i);
    const bool seen = std::any_of(before.begin(), before.end(),
                                  [&](const MetadataField& field) { return same_name(field.first, fields[i].first); });
    if (seen) continue;
    if (some) out += ',';
    some = true;
    append_name(out, fields[i].first);
    out += ':';
    append_values(out, fields, i);
  }
}

void append_offset(std::string& out, std::uint64_t offset) {
  if (offset == 0) return;  // No journal.
  std::array<char, 20> digits{};
  char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), offset).ptr;
  out += R"("offset":)";
  out.append(digits.data(), end);
  out += ',';
}

}  // namespace

// By hand: a stream formats one for each event.
void append_time(std::string& out, std::chrono::system_clock::time_point time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::milliseconds>(time - day)};
  append_digits(out, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  append_digits(out += '-', static_cast<unsigned>(date.month()), 2);
  append_digits(out += '-', static_cast<unsigned>(date.day()), 2);
  append_digits(out += 'T', static_cast<unsigned>(clock.hours().count()), 2);
  append_digits(out += ':', static_cast<unsigned>(clock.minutes().count()), 2);
  append_digits(out += ':', static_cast<unsigned>(clock.seconds().count()), 2);
  append_digits(out += '.', static_cast<unsigned>(clock.subseconds().count()), 3);
  out += 'Z';
}

void append_envelope_head(std::string& out, const Event& event, bool as_json) {
  out += '{';
  append_offset(out, event.offset());
  out += R"("id":")";
  out += event.id().text();
  out += R"(","source":)";
  append_json_string(out, event.source());
  out += R"(,"topic":)";
  append_json_string(out, event.topic());
  out += R"(,"time":")";
  append_time(out, event.time());
  out += R"(","metadata":{)";
  append_metadata(out, event.metadata());
  out += as_json ? R"(},"payload":)" : R"(},"payload_base64":")";
}

std::string_view envelope_end(bool as_json) noexcept { return as_json ? "}" : R"("})"; }

}  // namespace penstock::streams
