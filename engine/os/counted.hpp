// What events cost between threads, counted: the atomics, locks and wake-ups of a build with PENSTOCK_COUNT.
//
//     const os::Costs before = os::costs();
//     … publish and deliver …
//     const os::Costs spent = os::costs() - before;      // spent.shared_rmw / events: at most 0.1 in batches of 64
//
// os/atomics.hpp puts these in the place of the standard's, whose names and orders they have; in all other builds
// nothing includes this, and os::Atomic is std::atomic. Counted is what x86-64 executes with a locked instruction on
// memory that threads share: every exchange, compare_exchange (failed ones too) and fetch, every seq_cst store (an
// xchg), and each lock and unlock of a mutex. What could do so uncounted does not compile. A fence locks a word of the
// thread's own stack: counted apart. A wake-up is a futex call by which one thread has the kernel run another, or the
// notification of a condition that somebody waits for.
//
// Threads: any. The sums are of all threads, so compare them when nobody else is busy. Cost: twice the locked
// instructions, so times measured in such a build say nothing.

#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <utility>

namespace penstock::os {

struct Costs {
  std::uint64_t shared_rmw = 0;  ///< Read-modify-writes of shared memory.
  std::uint64_t fences = 0;
  std::uint64_t wakes = 0;

  friend Costs operator-(const Costs& a, const Costs& b) noexcept {
    return {a.shared_rmw - b.shared_rmw, a.fences - b.fences, a.wakes - b.wakes};
  }
};

namespace detail {
// NOLINTBEGIN(cppcoreguidelines-avoid-non-const-global-variables): of a measuring build only.
inline std::atomic<std::uint64_t> shared_rmw{0};
inline std::atomic<std::uint64_t> fences{0};
inline std::atomic<std::uint64_t> wakes{0};
// NOLINTEND(cppcoreguidelines-avoid-non-const-global-variables)
}  // namespace detail

inline void count_shared_rmw(std::uint64_t n = 1) noexcept {
  detail::shared_rmw.fetch_add(n, std::memory_order_relaxed);
}
inline void count_fence() noexcept { detail::fences.fetch_add(1, std::memory_order_relaxed); }
inline void count_wake() noexcept { detail::wakes.fetch_add(1, std::memory_order_relaxed); }
[[nodiscard]] inline Costs costs() noexcept { return {detail::shared_rmw, detail::fences, detail::wakes}; }

template <class T>
class CountedAtomic : public std::atomic<T> {
  using Base = std::atomic<T>;
  static constexpr std::memory_order kDefault = std::memory_order_seq_cst;

 public:
  CountedAtomic() noexcept = default;
  constexpr CountedAtomic(T value) noexcept : Base{value} {}  // NOLINT(google-explicit-constructor): as std::atomic's.
  ~CountedAtomic() = default;
  CountedAtomic(const CountedAtomic&) = delete;
  CountedAtomic& operator=(const CountedAtomic&) = delete;

  void store(T value, std::memory_order order = kDefault) noexcept {
    if (order == std::memory_order_seq_cst) count_shared_rmw();
    Base::store(value, order);
  }
  T operator=(T value) noexcept {  // NOLINT(misc-unconventional-assign-operator): as std::atomic's.
    store(value);
    return value;
  }
  T exchange(T value, std::memory_order order = kDefault) noexcept {
    count_shared_rmw();
    return Base::exchange(value, order);
  }
  template <class... Orders>
  bool compare_exchange_strong(T& expected, T value, Orders... orders) noexcept {
    count_shared_rmw();
    return Base::compare_exchange_strong(expected, value, orders...);
  }
  template <class... Orders>
  bool compare_exchange_weak(T& expected, T value, Orders... orders) noexcept {
    count_shared_rmw();
    return Base::compare_exchange_weak(expected, value, orders...);
  }
  template <class N>
  T fetch_add(N n, std::memory_order order = kDefault) noexcept {
    count_shared_rmw();
    return Base::fetch_add(n, order);
  }
  template <class N>
  T fetch_sub(N n, std::memory_order order = kDefault) noexcept {
    count_shared_rmw();
    return Base::fetch_sub(n, order);
  }

  // Nobody of ours uses these yet.
  void operator++() = delete;
  void operator++(int) = delete;
  void operator--() = delete;
  void operator--(int) = delete;
  void operator+=(T) = delete;
  void operator-=(T) = delete;
  void fetch_and() = delete;
  void fetch_or() = delete;
  void fetch_xor() = delete;
};

class CountedMutex {
 public:
  void lock() {
    count_shared_rmw();
    mutex_.lock();
  }
  bool try_lock() {
    count_shared_rmw();
    return mutex_.try_lock();
  }
  void unlock() {
    count_shared_rmw();
    mutex_.unlock();
  }

 private:
  std::mutex mutex_;
};

class CountedCondition {
 public:
  void notify_one() noexcept {
    if (waiting_ != 0) count_wake();
    condition_.notify_one();
  }
  void notify_all() noexcept {
    if (waiting_ != 0) count_wake();
    condition_.notify_all();
  }
  template <class... Ready>
  void wait(std::unique_lock<CountedMutex>& lock, Ready... ready) {
    const Waiting here{waiting_};
    condition_.wait(lock, std::move(ready)...);
  }
  template <class Duration, class Ready>
  bool wait_for(std::unique_lock<CountedMutex>& lock, Duration duration, Ready ready) {
    const Waiting here{waiting_};
    return condition_.wait_for(lock, duration, std::move(ready));
  }
  template <class Time, class Ready>
  bool wait_until(std::unique_lock<CountedMutex>& lock, Time time, Ready ready) {
    const Waiting here{waiting_};
    return condition_.wait_until(lock, time, std::move(ready));
  }

 private:
  class Waiting {
   public:
    explicit Waiting(std::atomic<int>& count) noexcept : count_{count} { ++count_; }
    ~Waiting() { --count_; }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

   private:
    std::atomic<int>& count_;
  };

  std::condition_variable_any condition_;
  std::atomic<int> waiting_{0};
};

}  // namespace penstock::os
