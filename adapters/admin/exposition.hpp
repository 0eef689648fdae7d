// Writes the Prometheus text format, 0.0.4: families of samples, each with a HELP and a TYPE line.
//
//     Exposition text;
//     text.family("penstock_build_info", "gauge", "What is running.");
//     text.sample("penstock_build_info", {{"version", "0.1.0"}}, std::uint64_t{1});
//
// Label values may hold any bytes: backslash, quote and line feed are escaped, bytes above 0x7F become `?`.
// One thread. O(bytes written).

#pragma once

#include <penstock/stats.hpp>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace penstock::admin {

class Exposition {
 public:
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  void family(std::string_view name, std::string_view type, std::string_view help);
  void sample(std::string_view name, Labels labels, std::uint64_t value);
  void sample(std::string_view name, Labels labels, double value);
  /// The samples of one histogram: buckets thinned out to about four a power of ten, from 1 µs on, then sum and count.
  void histogram(std::string_view name, Labels labels, const HistogramStats& stats);

  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  void begin_sample(std::string_view name, std::string_view suffix, Labels labels, std::string_view upper);

  std::string text_;
};

}  // namespace penstock::admin
