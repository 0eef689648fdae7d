#include "http/loop_memory.hpp"

namespace penstock::http {

namespace {

constexpr std::size_t in_whole_steps(std::size_t bytes) noexcept {
  return (bytes + LoopMemory::kStepBytes - 1) / LoopMemory::kStepBytes * LoopMemory::kStepBytes;
}

}  // namespace

bool LoopMemory::hold(std::size_t before, std::size_t now) noexcept {
  if (now > before) {
    held_.add(now - before);
    return cover(held_.value());
  }
  held_.subtract(before - now);
  give_back_to(in_whole_steps(held_.value()) + kStepBytes);
  return true;
}

bool LoopMemory::cover(std::size_t bytes) noexcept {
  if (bytes <= charged_bytes_ || !options_.charge) return true;
  const std::size_t more = in_whole_steps(bytes - charged_bytes_);
  try {
    if (!options_.charge(more)) return false;
  } catch (...) {
    return false;  // Whether it was charged cannot be known; nothing is counted on.
  }
  charged_bytes_ += more;
  return true;
}

void LoopMemory::give_back_to(std::size_t bytes) noexcept {
  if (charged_bytes_ <= bytes) return;
  const std::size_t less = charged_bytes_ - bytes;
  charged_bytes_ = bytes;
  try {
    if (options_.uncharge) options_.uncharge(less);
  } catch (...) {
    return;  // The budget's own fault: it stays smaller than it could be.
  }
}

}  // namespace penstock::http
