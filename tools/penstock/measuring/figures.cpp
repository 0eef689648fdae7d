#include "measuring/figures.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <thread>

namespace penstock::measuring {
namespace {

double events_per_s(const Figures& figures) {
  return figures.seconds > 0 ? static_cast<double>(figures.events) / figures.seconds : 0;
}

double cpu_us_per_event(const Figures& figures) {
  return figures.events > 0 ? figures.cpu_seconds * 1e6 / static_cast<double>(figures.events) : 0;
}

std::string microseconds(std::uint64_t ns) {
  std::array<char, 32> text{};
  (void)std::snprintf(text.data(), text.size(), "%.1f", static_cast<double>(ns) / 1e3);
  return text.data();
}

std::string first_line_of(const char* file) {
  std::string line;
  std::ifstream in{file};
  std::getline(in, line);
  return line;
}

std::string processor() {
  std::ifstream in{"/proc/cpuinfo"};
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("model name")) continue;
    const std::size_t colon = line.find(": ");
    if (colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown processor";
}

}  // namespace

Latencies latencies(std::vector<std::uint64_t>& samples_ns) {
  if (samples_ns.empty()) return {};
  std::sort(samples_ns.begin(), samples_ns.end());
  const auto at = [&samples_ns](double share) {
    const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(samples_ns.size())));
    return samples_ns[std::max<std::size_t>(rank, 1) - 1];
  };
  return {.p50 = at(0.5), .p90 = at(0.9), .p99 = at(0.99), .p999 = at(0.999), .max = samples_ns.back()};
}

std::string table(const std::vector<Figures>& all) {
  std::size_t name_width = 4;
  for (const Figures& figures : all) name_width = std::max(name_width, figures.name.size());
  const auto padded = [](std::string text, std::size_t width) {
    return std::string(width > text.size() ? width - text.size() : 0, ' ') + std::move(text);
  };
  constexpr std::size_t width = 11;
  std::string text = "NAME" + std::string(name_width - 4, ' ');
  for (const char* head : {"EVENTS", "EVENTS/S", "CPU us", "p50 us", "p90 us", "p99 us", "p99.9 us", "max us"}) {
    text += padded(head, width);
  }
  text += '\n';
  for (const Figures& figures : all) {
    text += figures.name + std::string(name_width - figures.name.size(), ' ');
    text += padded(std::to_string(figures.events), width);
    text += padded(std::to_string(std::llround(events_per_s(figures))), width);
    text += padded(microseconds(static_cast<std::uint64_t>(cpu_us_per_event(figures) * 1e3)), width);
    const Latencies& latency = figures.latency;
    for (const std::uint64_t ns : {latency.p50, latency.p90, latency.p99, latency.p999, latency.max}) {
      text += padded(microseconds(ns), width);
    }
    text += '\n';
  }
  return text;
}

std::string json(const Figures& figures, const std::string& machine, const std::string& commit) {
  const Latencies& latency = figures.latency;
  const boost::json::object object{{"name", figures.name},
                                   {"events", figures.events},
                                   {"seconds", figures.seconds},
                                   {"events_per_s", events_per_s(figures)},
                                   {"cpu_us_per_event", cpu_us_per_event(figures)},
                                   {"allocations_per_event", nullptr},
                                   {"shared_rmw_per_event", nullptr},
                                   {"latency_ns", boost::json::object{{"p50", latency.p50},
                                                                      {"p90", latency.p90},
                                                                      {"p99", latency.p99},
                                                                      {"p999", latency.p999},
                                                                      {"max", latency.max}}},
                                   {"machine", machine},
                                   {"commit", commit}};
  return boost::json::serialize(object);
}

std::string machine() {
  return std::to_string(std::thread::hardware_concurrency()) + " x " + processor() + ", Linux " +
         first_line_of("/proc/sys/kernel/osrelease");
}

}  // namespace penstock::measuring
