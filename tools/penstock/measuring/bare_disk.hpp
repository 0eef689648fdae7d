// What the disk alone allows: batches written one after the other, each with its own sync, and nothing else done.
//
//     BareDisk disk{"/var/lib/scratch"};
//     Figures floor = disk.measure(64, 1'024, {.events = 100'000, .time_max = 10s});
//
// The limit beside which the journal's figures stand, from the same run on the same disk: no sums, no headers, no ids,
// no threads. Files are set aside whole, as the journal's segments are.
// Threads: one. Blocking: on the disk. Errors: std::system_error.

#pragma once

#include "measuring/figures.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace penstock::measuring {

/// When a measurement ends: whichever comes first.
struct Extent {
  std::uint64_t events = 0;
  std::chrono::milliseconds time_max{10'000};
  std::function<bool()> stop = {};  ///< Asked now and then; empty: never.
};

class BareDisk {
 public:
  explicit BareDisk(std::string dir);  ///< Makes its files there, and removes them.
  BareDisk(const BareDisk&) = delete;
  BareDisk& operator=(const BareDisk&) = delete;
  ~BareDisk();

  /// A batch holds `events_of_batch` events of `payload_bytes`; each event's latency is its batch's write and sync.
  [[nodiscard]] Figures measure(std::size_t events_of_batch, std::size_t payload_bytes, const Extent& extent);

 private:
  void next_file();
  void drop_file() noexcept;

  const std::string path_;
  int descriptor_ = -1;
  std::int64_t position_ = 0;
};

}  // namespace penstock::measuring
