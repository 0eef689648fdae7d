#include "broker/keeper.hpp"

#include "os/clock.hpp"
#include "os/thread.hpp"

#include <mutex>

namespace penstock {

void Keeper::start() {
  thread_ = std::thread{[this] { run(); }};
}

void Keeper::stop() noexcept {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  stop_asked_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Keeper::run() noexcept {
  os::name_this_thread("keeper");
  std::unique_lock lock{mutex_};
  while (!stop_asked_.wait_for(lock, kPeriod, [this] { return stopping_; })) {
    lock.unlock();
    try {
      journal_->keep(os::wall_ns());
    } catch (...) {  // No memory for a file's name: the next round tries again.
    }
    lock.lock();
  }
}

}  // namespace penstock
