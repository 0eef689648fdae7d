#include "delivery/running.hpp"

#include "delivery/live.hpp"

#include <mutex>

namespace penstock::delivery {

BarrierWait* BarrierWait::waiting = nullptr;

namespace {
thread_local const RunningHere* innermost = nullptr;
std::mutex waiting_mutex;
}  // namespace

RunningHere::RunningHere(const Live& live) noexcept : live_{live}, outer_{innermost} { innermost = this; }
RunningHere::~RunningHere() { innermost = outer_; }

bool RunningHere::contains(const Live& live) noexcept {
  for (const RunningHere* frame = innermost; frame != nullptr; frame = frame->outer_) {
    if (&frame->live_ == &live) return true;
  }
  return false;
}

bool RunningHere::any_of(const RefusingCount& broker) noexcept {
  for (const RunningHere* frame = innermost; frame != nullptr; frame = frame->outer_) {
    if (&frame->live_.broker() == &broker) return true;
  }
  return false;
}

BarrierWait::BarrierWait(const Live& target) : target_{&target}, frames_{innermost} {
  const std::lock_guard lock{waiting_mutex};
  may_wait_ = !runs_here(target_) && !leads_back(target_, 0);
  if (!may_wait_) return;
  next_ = waiting;
  waiting = this;
}

BarrierWait::~BarrierWait() {
  if (!may_wait_) return;
  const std::lock_guard lock{waiting_mutex};
  BarrierWait** at = &waiting;
  while (*at != this) at = &(*at)->next_;
  *at = next_;
}

bool BarrierWait::runs_here(const Live* live) const noexcept {
  for (const RunningHere* frame = frames_; frame != nullptr; frame = frame->outer_) {
    if (&frame->live_ == live) return true;
  }
  return false;
}

// Whether a thread that runs `target` waits, over any number of steps, for a handler that runs on this thread.
bool BarrierWait::leads_back(const Live* target, unsigned depth) const noexcept {
  constexpr unsigned kDepthMax = 256;  // As many as the pool has threads: a longer chain cannot be.
  if (depth == kDepthMax) return true;
  for (const BarrierWait* other = waiting; other != nullptr; other = other->next_) {
    if (!other->runs_here(target)) continue;
    if (runs_here(other->target_) || leads_back(other->target_, depth + 1)) return true;
  }
  return false;
}

}  // namespace penstock::delivery
