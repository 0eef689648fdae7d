#include "admin/exposition.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>

namespace penstock::admin {

namespace {

// Of the engine's fine buckets only some are shown: each is a series in every scrape.
constexpr double kFirstBucketSeconds = 1e-6;
constexpr double kBucketStep = 1.9;

std::string number(double value) {
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  std::array<char, 32> digits{};
  char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return {digits.data(), end};
}

void append_label_value(std::string& out, std::string_view value) {
  for (const char c : value) {
    switch (c) {
      case '\\': out += "\\\\"; break;
      case '"': out += "\\\""; break;
      case '\n': out += "\\n"; break;
      // Names are ASCII by configuration; a stray byte must not make the whole scrape unreadable.
      default: out += static_cast<unsigned char>(c) < 0x80 ? c : '?'; break;
    }
  }
}

}  // namespace

void Exposition::family(std::string_view name, std::string_view type, std::string_view help) {
  text_.append("# HELP ").append(name).append(" ").append(help).append("\n");
  text_.append("# TYPE ").append(name).append(" ").append(type).append("\n");
}

void Exposition::begin_sample(std::string_view name, std::string_view suffix, Labels labels, std::string_view upper) {
  text_.append(name).append(suffix);
  char separator = '{';
  const auto label = [&](std::string_view label_name, std::string_view value) {
    text_ += separator;
    separator = ',';
    text_.append(label_name).append("=\"");
    append_label_value(text_, value);
    text_ += '"';
  };
  for (const auto& [label_name, value] : labels) label(label_name, value);
  if (!upper.empty()) label("le", upper);
  if (separator == ',') text_ += '}';
  text_ += ' ';
}

void Exposition::sample(std::string_view name, Labels labels, std::uint64_t value) {
  begin_sample(name, "", labels, "");
  text_.append(std::to_string(value)).append("\n");
}

void Exposition::sample(std::string_view name, Labels labels, double value) {
  begin_sample(name, "", labels, "");
  text_.append(number(value)).append("\n");
}

void Exposition::histogram(std::string_view name, Labels labels, const HistogramStats& stats) {
  std::uint64_t below = 0;
  double next = kFirstBucketSeconds;
  for (std::size_t i = 0; i < stats.upper_seconds.size() && i < stats.counts.size(); ++i) {
    below += stats.counts[i];
    const double upper = stats.upper_seconds[i];
    if (upper < next) continue;
    next = upper * kBucketStep;
    begin_sample(name, "_bucket", labels, number(upper));
    text_.append(std::to_string(below)).append("\n");
  }
  const std::string count = std::to_string(stats.count());
  begin_sample(name, "_bucket", labels, "+Inf");
  text_.append(count).append("\n");
  begin_sample(name, "_sum", labels, "");
  text_.append(number(stats.sum_seconds)).append("\n");
  begin_sample(name, "_count", labels, "");
  text_.append(count).append("\n");
}

}  // namespace penstock::admin
