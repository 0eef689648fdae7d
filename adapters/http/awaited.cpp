#include "http/awaited.hpp"

namespace penstock::http {

void Awaited::add(std::size_t count) {
  const std::lock_guard lock{mutex_};
  count_ += count;
}

void Awaited::over() {
  const std::lock_guard lock{mutex_};
  if (--count_ == 0) none_left_.notify_all();
}

bool Awaited::wait_until_none(std::chrono::milliseconds limit) const {
  std::unique_lock lock{mutex_};
  return none_left_.wait_for(lock, limit, [this] { return count_ == 0; });
}

}  // namespace penstock::http
