// A shard that Publishers queue in, and how many of them do. Without a journal a Lane (dispatch/workers.hpp), which
// workers drain; with one the commit thread drains it.

#pragma once

#include "dispatch/shard.hpp"

#include <cstddef>

namespace penstock::dispatch {

struct Intake {
  explicit Intake(std::size_t number) : shard{number} {}

  Shard shard;
  std::size_t publishers = 0;  ///< Under the set-up lock.
};

}  // namespace penstock::dispatch
