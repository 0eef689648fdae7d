#include "bench_arguments.hpp"

#include "arguments.hpp"
#include "config/problem.hpp"
#include "config/units.hpp"
#include "wrong_use.hpp"
#include <CLI/App.hpp>
#include <CLI/Option.hpp>

#include <algorithm>

namespace penstock::command {
namespace {

constexpr std::uint64_t kEventsMax = 50'000'000;  // Each leaves a latency of eight bytes.
constexpr std::uint64_t kPayloadMax = 16U << 20U;
constexpr std::uint64_t kInFlightMax = 65'536;
constexpr std::uint64_t kInFlightBytesMax = 64U << 20U;  // One batch of the bare disk, and one file of it.

/// `100000`, `100k` or `10M`.
std::uint64_t count(std::string text, const std::string& flag, std::uint64_t max) {
  std::uint64_t times = 1;
  if (!text.empty() && (text.back() == 'k' || text.back() == 'M')) {
    times = text.back() == 'k' ? 1'000 : 1'000'000;
    text.pop_back();
  }
  const config::Parsed<std::uint64_t> parsed = config::parse_count(text);
  const auto* value = std::get_if<std::uint64_t>(&parsed);
  if (value == nullptr || *value == 0 || *value > max / times) {
    throw WrongUse{flag + ": write a number from 1 to " + std::to_string(max) + ", such as 100k or 10M"};
  }
  return *value * times;
}

template <typename T>
T value_of(const config::Parsed<T>& parsed, const std::string& flag) {
  if (const auto* error = std::get_if<config::UnitError>(&parsed)) throw WrongUse{flag + ' ' + error->text};
  return std::get<T>(parsed);
}

}  // namespace

void add_journal_bench(CLI::App& journal, BenchFields& fields) {
  journal.add_option("DIR", fields.dir, "On the disk to measure; a folder is made there and removed");
  journal.add_option("--events", fields.events, "How many in each line; else 100k")->type_name("N");
  journal.add_option("--payload", fields.payload, "Bytes of each; else 1KiB")->type_name("SIZE");
  journal.add_option("--in-flight", fields.in_flight, "How many wait for receipts at a time; else 1,64,1024")
      ->type_name("N,N")
      ->allow_extra_args(false)
      ->delimiter(',')
      ->take_all();
  journal.add_option("--rate", fields.rate, "One line more: at this rate, whether receipts come or not")
      ->type_name("RATE");
  journal.add_option("--time", fields.time, "No line takes longer; else 10s")->type_name("DURATION");
}

BenchOptions bench_options(const BenchFields& fields) {
  BenchOptions options{.dir = fields.dir, .events = count(fields.events, "--events", kEventsMax)};
  options.payload_bytes = value_of(config::parse_size(fields.payload), "--payload");
  if (options.payload_bytes == 0 || options.payload_bytes > kPayloadMax) {
    throw WrongUse{"--payload: from 1B to " + config::size_text(kPayloadMax)};
  }
  for (const std::string& text : fields.in_flight)
    options.in_flight.push_back(count(text, "--in-flight", kInFlightMax));
  if (options.in_flight.empty()) options.in_flight = {1, 64, 1'024};
  const std::uint64_t most = *std::max_element(options.in_flight.begin(), options.in_flight.end());
  if (most * options.payload_bytes > kInFlightBytesMax) {
    throw WrongUse{"--in-flight times --payload: at most " + config::size_text(kInFlightBytesMax)};
  }
  options.rate_per_s = rate(fields.rate);
  options.time_max = value_of(config::parse_duration(fields.time), "--time");
  if (options.time_max.count() == 0) throw WrongUse{"--time must be above 0"};
  return options;
}

}  // namespace penstock::command
