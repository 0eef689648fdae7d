// What the operating system says about this process, under the names that every Prometheus client uses.
//
// Read from /proc without waiting; a value that cannot be read is left out.
// Threads: any. Allocates a little.

#pragma once

#include <cstdint>
#include <optional>

namespace penstock::admin {

struct ProcessStats {
  std::optional<double> cpu_seconds = {};         ///< User and system, all threads.
  std::optional<double> start_time_seconds = {};  ///< Unix time.
  std::optional<std::uint64_t> resident_bytes = {};
  std::optional<std::uint64_t> virtual_bytes = {};
  std::optional<std::uint64_t> open_fds = {};
  std::optional<std::uint64_t> fds_max = {};
};

[[nodiscard]] ProcessStats read_process();

}  // namespace penstock::admin
