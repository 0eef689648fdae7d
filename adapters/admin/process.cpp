#include "admin/process.hpp"

#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>

namespace penstock::admin {

namespace {

// Of the times in /proc/PID/stat: Linux gives them to programs in this unit on every machine we build for.
constexpr double kTicksPerSecond = 100;

std::optional<double> cpu_seconds() {
  std::timespec used{};
  if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) != 0) return std::nullopt;
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

/// The number behind `key` in a file of `key value` lines.
std::optional<std::uint64_t> number_in(const char* path, std::string_view key) {
  std::ifstream file{path};
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(key)) continue;
    std::istringstream rest{line.substr(key.size())};
    if (std::uint64_t number = 0; rest >> number) return number;
    return std::nullopt;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> kilobytes(std::string_view key) {
  const auto number = number_in("/proc/self/status", key);
  return number ? std::optional{*number * 1024} : std::nullopt;
}

std::optional<double> start_time() {
  std::ifstream file{"/proc/self/stat"};
  std::string text;
  std::getline(file, text);
  const std::size_t name_end = text.rfind(')');  // The name of the program may hold anything.
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream rest{text.substr(name_end + 1)};
  std::string field;
  for (int i = 3; i <= 22; ++i) rest >> field;  // proc(5): the 22nd is the start, in ticks since boot.
  const auto boot = number_in("/proc/stat", "btime ");
  std::uint64_t ticks = 0;
  if (!rest || !boot || !(std::istringstream{field} >> ticks)) return std::nullopt;
  return static_cast<double>(*boot) + static_cast<double>(ticks) / kTicksPerSecond;
}

std::optional<std::uint64_t> open_fds() {
  std::error_code error;
  std::uint64_t count = 0;
  std::filesystem::directory_iterator at{"/proc/self/fd", error};
  for (; !error && at != std::filesystem::directory_iterator{}; at.increment(error)) ++count;
  if (error) return std::nullopt;
  return count > 0 ? count - 1 : 0;  // Without the one that lists them.
}

}  // namespace

ProcessStats read_process() {
  return {.cpu_seconds = cpu_seconds(),
          .start_time_seconds = start_time(),
          .resident_bytes = kilobytes("VmRSS:"),
          .virtual_bytes = kilobytes("VmSize:"),
          .open_fds = open_fds(),
          .fds_max = number_in("/proc/self/limits", "Max open files")};
}

}  // namespace penstock::admin
