// The two clocks of the engine: wall time for events, steady time for durations. Both in nanoseconds, any thread.

#pragma once

#include <chrono>
#include <cstdint>

namespace penstock::os {

/// Since 1970, UTC. May step.
[[nodiscard]] inline std::int64_t wall_ns() noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// Since an arbitrary point. Never goes back.
[[nodiscard]] inline std::int64_t steady_ns() noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace penstock::os
