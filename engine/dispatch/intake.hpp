// A shard that Publishers queue in, and how many of them do. Without a journal a Lane (dispatch/workers.hpp), which
// workers drain; with one the commit thread drains it.
//
//     Intake* best = fewest_publishers(intakes, count);       // set-up: where the next Publisher goes
//     if (best->publishers == Shard::kPublishersMax) …        // another shard is needed, or refuse_publisher()

#pragma once

#include "dispatch/shard.hpp"
#include <penstock/error.hpp>

#include <cstddef>

namespace penstock::dispatch {

struct Intake {
  explicit Intake(std::size_t number) : shard{number} {}

  Shard shard;
  std::size_t publishers = 0;  ///< Under the set-up lock.
};

/// Of the first `count` (at least 1) pointers in `intakes`. O(count).
template <class Intakes>
[[nodiscard]] auto* fewest_publishers(const Intakes& intakes, std::size_t count) noexcept {
  auto* best = intakes[0].get();
  for (std::size_t i = 1; i < count; ++i) {
    if (intakes[i]->publishers < best->publishers) best = intakes[i].get();
  }
  return best;
}

[[noreturn]] inline void refuse_publisher() {
  throw SetupError("publisher: there are 1,024 already; use one per thread, not one per connection or event");
}

}  // namespace penstock::dispatch
