#include "delivery/running.hpp"

#include "delivery/live.hpp"
#include "os/atomics.hpp"

#include <mutex>

namespace penstock::delivery {

BarrierWait* BarrierWait::waiting = nullptr;

namespace {
thread_local const RunningHere* innermost = nullptr;
os::Mutex waiting_mutex;
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
  for (BarrierWait* other = waiting; other != nullptr; other = other->next_) other->looked_at_ = false;
  if (runs_here(target_) || leads_back(target_)) return;
  may_wait_ = true;
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
bool BarrierWait::leads_back(const Live* target) const noexcept {
  for (BarrierWait* other = waiting; other != nullptr; other = other->next_) {
    if (other->looked_at_ || !other->runs_here(target)) continue;
    other->looked_at_ = true;  // Once each: many may wait for the same one.
    if (runs_here(other->target_) || leads_back(other->target_)) return true;
  }
  return false;
}

}  // namespace penstock::delivery
