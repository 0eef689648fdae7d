#include "webhook_in/hook_state.hpp"

namespace penstock::webhook_in {

std::size_t HookState::unverified_bytes() const noexcept {
  std::size_t sum = 0;
  for (const Lane& lane : *lanes) sum += lane.unverified_bytes.load(std::memory_order_relaxed);
  return sum;
}

bool HookState::charge(Lane& lane, std::size_t bytes) const noexcept {
  // Two threads may pass the look at the same moment: the limit is then passed by one step, and no line is shared.
  const std::size_t held = unverified_bytes();
  if (held > unverified_bytes_max || bytes > unverified_bytes_max - held) return false;
  lane.unverified_bytes.store(lane.unverified_bytes.load(std::memory_order_relaxed) + bytes, std::memory_order_relaxed);
  return true;
}

void HookState::release(Lane& lane, std::size_t bytes) noexcept {
  lane.unverified_bytes.store(lane.unverified_bytes.load(std::memory_order_relaxed) - bytes, std::memory_order_relaxed);
}

void HookState::refuse(Lane& lane, const Door& door, Refusal reason) const {
  lane.publisher.refuse(door.source, reason);
  if (on_refused) on_refused(door.source.name(), reason);
}

}  // namespace penstock::webhook_in
