#include "delivery/handler_pool.hpp"

#include "delivery/ring.hpp"
#include "os/atomics.hpp"
#include "os/thread.hpp"

#include <mutex>
#include <thread>
#include <utility>

namespace penstock::delivery {

namespace {
constexpr std::chrono::milliseconds kStuckAfter{2};
constexpr std::chrono::seconds kIdleMax{10};
constexpr std::size_t kEntriesPerRun = 16;  // Then another subscription's turn.
}  // namespace

struct HandlerPool::State {
  State(std::size_t min, event::Memory& of, std::function<void(Live&)> after)
      : threads_min{min}, memory{of}, after_run{std::move(after)} {
    memory.ref();
  }
  ~State() { memory.unref(); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  const std::size_t threads_min;
  event::Memory& memory;
  const std::function<void(Live&)> after_run;
  os::Mutex mutex;
  os::Condition work, trouble, ended;  // Workers, the watch and stop() wait on them.
  Ring<std::shared_ptr<Live>> ready;
  std::size_t threads = 0, idle = 0;
  std::uint64_t taken = 0;
  bool watching = false, watch_ended = false, stopping = false;
};

HandlerPool::HandlerPool(std::size_t threads_min, event::Memory& memory, std::function<void(Live&)> after_run)
    : state_{std::make_shared<State>(threads_min, memory, std::move(after_run))} {
  std::thread{watch, state_}.detach();
}

HandlerPool::~HandlerPool() { stop(std::chrono::steady_clock::now()); }

void HandlerPool::start_thread(const std::shared_ptr<State>& state) {
  ++state->threads;
  try {
    std::thread{run, state}.detach();
  } catch (const std::system_error&) {
    --state->threads;  // The system has no thread to give: those that are there go on.
  }
}

// Under the lock, after `ready` grew: wakes, starts or calls for a thread. A notified thread counts as idle until it
// runs, hence the comparison of counts.
void HandlerPool::find_thread(const std::shared_ptr<State>& state) {
  if (state->idle > 0) state->work.notify_one();
  if (state->ready.size() <= state->idle) return;
  if (state->threads < state->threads_min) {
    start_thread(state);
  } else if (!state->watching) {
    state->watching = true;
    state->trouble.notify_one();
  }
}

void HandlerPool::schedule(std::shared_ptr<Live> live) noexcept {
  os::count_shared_rmw(2);  // The pointer: copied for us, let go after the run.
  const std::lock_guard lock{state_->mutex};
  if (state_->stopping) return;
  state_->ready.push_back(std::move(live));
  find_thread(state_);
}

void HandlerPool::run(const std::shared_ptr<State>& state) {
  os::name_this_thread("handler");
  std::unique_lock lock{state->mutex};
  while (!state->stopping) {
    if (state->ready.empty()) {
      ++state->idle;
      const bool woken = state->work.wait_for(lock, kIdleMax, [&] { return state->stopping || !state->ready.empty(); });
      --state->idle;
      if (!woken && state->threads > state->threads_min) break;
      continue;
    }
    std::shared_ptr<Live> live = state->ready.pop_front();
    ++state->taken;
    lock.unlock();
    const bool more = live->run_queued(kEntriesPerRun);
    if (live->closed()) state->after_run(*live);
    if (!more) live.reset();  // Not under the lock: it may be the last reference.
    lock.lock();
    if (!more) continue;
    state->ready.push_back(std::move(live));
    find_thread(state);
  }
  --state->threads;
  state->ended.notify_all();
}

void HandlerPool::watch(const std::shared_ptr<State>& state) {
  os::name_this_thread("handler-watch");
  std::unique_lock lock{state->mutex};
  while (!state->stopping) {
    if (state->ready.empty()) {
      state->watching = false;
      state->trouble.wait(lock, [&] { return state->stopping || state->watching; });
      continue;
    }
    const std::uint64_t taken = state->taken;
    state->trouble.wait_for(lock, kStuckAfter, [&] { return state->stopping; });
    const bool stuck = state->taken == taken && !state->ready.empty() && state->idle == 0;
    if (stuck && state->threads < kThreadsMax) start_thread(state);
  }
  state->watch_ended = true;
  state->ended.notify_all();
}

bool HandlerPool::stop(std::chrono::steady_clock::time_point deadline) noexcept {
  Ring<std::shared_ptr<Live>> left;  // Let go when the lock is open.
  std::unique_lock lock{state_->mutex};
  state_->stopping = true;
  std::swap(left, state_->ready);
  state_->work.notify_all();
  state_->trouble.notify_all();
  state_->ended.wait(lock, [this] { return state_->watch_ended; });
  return state_->ended.wait_until(lock, deadline, [this] { return state_->threads == 0; });
}

std::size_t HandlerPool::threads() const noexcept {
  const std::lock_guard lock{state_->mutex};
  return state_->threads;
}

}  // namespace penstock::delivery
