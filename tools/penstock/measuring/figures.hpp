// What a run of `penstock bench` found, as a line for people and as JSON for programs.
//
//     Figures found{.name = "journal/in_flight:64/payload:1024", .events = 100'000, .seconds = 1.5};
//     found.latency = latencies(samples_ns);
//     out << table({found});
//
// Threads: pure functions. Complexity: latencies() O(n log n).

#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace penstock::measuring {

/// Nanoseconds from the time an event was due until its answer. Percentiles by nearest rank: each is a sample.
struct Latencies {
  std::uint64_t p50 = 0;
  std::uint64_t p90 = 0;
  std::uint64_t p99 = 0;
  std::uint64_t p999 = 0;
  std::uint64_t max = 0;
};

struct Figures {
  std::string name = {};
  std::uint64_t events = 0;
  double seconds = 0;      ///< From the first event's time until the last one's answer.
  double cpu_seconds = 0;  ///< Of the whole process meanwhile, the system's share included.
  Latencies latency = {};
};

/// Sorts `samples_ns`. Of none: zeros.
[[nodiscard]] Latencies latencies(std::vector<std::uint64_t>& samples_ns);

/// A head and a line each.
[[nodiscard]] std::string table(const std::vector<Figures>& all);

/// One object, without a line's end. What was not counted is null.
[[nodiscard]] std::string json(const Figures& figures, const std::string& machine, const std::string& commit);

/// `2 x Intel(R) Xeon(R) Processor @ 2.00GHz, Linux 6.18.44`
[[nodiscard]] std::string machine();

}  // namespace penstock::measuring
