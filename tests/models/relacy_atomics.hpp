// The atomics of the models: relacy's in place of the standard's, and faults planted on purpose.
//
//     class Model : public rl::test_suite<Model, 2> { Protocol<RelacyAtomics> …; void thread(unsigned index) { … } };
//     EXPECT_TRUE(holds<Model>());
//     EXPECT_TRUE(fails_with<Model>({"release", "store"}));      // `release`'s store is relaxed: the model must notice
//
// relacy (package relacy-dev) runs the threads of a model as fibres of one thread, in an order that it chooses anew
// each time, and lets each load read any value that the C++ memory model allows. It finds failed assertions, data races
// (on Plain), deadlocks, livelocks, leaks and use after free.
//
// A planted fault names a function of the protocol and an operation in it: load, store, exchange, compare_exchange,
// fetch_add and fetch_sub become relaxed; fence, light_barrier, heavy_barrier and lock are left out.
//
// Models cannot be sanitized (fibres), and are not built then.

#pragma once

#include <gtest/gtest.h>
#include <relacy/relacy.hpp>
// Words that relacy takes for itself; its own operator new is in force all the same.
#undef new
#undef delete
#undef malloc
#undef calloc
#undef realloc
#undef free
#undef assert
#undef errno
#undef memory_order_relaxed
#undef memory_order_consume
#undef memory_order_acquire
#undef memory_order_release
#undef memory_order_acq_rel
#undef memory_order_seq_cst

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <ostream>
#include <streambuf>
#include <string>
#include <string_view>
#include <utility>

namespace penstock::models {

struct Planted {
  std::string_view function = {};
  std::string_view operation = {};
};

/// What os/barrier.hpp stands for: where the kernel lacks membarrier(2), a seq_cst fence on both sides; where it has
/// it, nothing on the light side, and on the heavy side a fence in all threads at once.
enum class Barrier : std::uint8_t { fences, membarrier };

/// Of the run in progress.
inline Planted planted;
inline Barrier barrier = Barrier::fences;

[[nodiscard]] inline bool is_planted(std::string_view function, std::string_view operation) {
  if (planted.function.empty() || planted.operation != operation) return false;
  function = function.substr(0, function.find('<'));  // GCC names a template's arguments too.
  return planted.function == function;
}

[[nodiscard]] inline rl::memory_order order_of(std::memory_order order) {
  switch (order) {
    case std::memory_order_relaxed: return rl::mo_relaxed;
    case std::memory_order_consume: return rl::mo_consume;
    case std::memory_order_acquire: return rl::mo_acquire;
    case std::memory_order_release: return rl::mo_release;
    case std::memory_order_acq_rel: return rl::mo_acq_rel;
    case std::memory_order_seq_cst: break;
  }
  return rl::mo_seq_cst;
}

/// Where in the protocol an operation stands: its default argument is evaluated there.
struct Place {
  const char* function;
  int line;
  // NOLINTNEXTLINE(google-explicit-constructor): nobody is to write it down.
  Place(const char* at_function = __builtin_FUNCTION(), int at_line = __builtin_LINE())
      : function{at_function}, line{at_line} {}

  [[nodiscard]] rl::debug_info info() const { return {function, "", static_cast<unsigned>(line)}; }
  [[nodiscard]] rl::memory_order weakened(std::string_view operation, std::memory_order order) const {
    return is_planted(function, operation) ? rl::mo_relaxed : order_of(order);
  }
};

template <class T>
class RelacyAtomic {
  // relacy prints what is stored as a void*, so a pointer to const is kept as one to what is not.
  template <class U>
  static U* stored(const U* value) {
    return const_cast<U*>(value);
  }
  template <class U>
  static U stored(U value) {
    return value;
  }
  using Stored = decltype(stored(std::declval<T>()));

 public:
  RelacyAtomic() = default;
  RelacyAtomic(T value) : value_{stored(value)} {}  // NOLINT(google-explicit-constructor): as std::atomic's.

  [[nodiscard]] T load(std::memory_order order, Place at = Place(__builtin_FUNCTION(), __builtin_LINE())) const {
    return value_.load(at.weakened("load", order), at.info());
  }
  void store(T value, std::memory_order order, Place at = Place(__builtin_FUNCTION(), __builtin_LINE())) {
    value_.store(stored(value), at.weakened("store", order), at.info());
  }
  T exchange(T value, std::memory_order order, Place at = Place(__builtin_FUNCTION(), __builtin_LINE())) {
    return value_.exchange(stored(value), at.weakened("exchange", order), at.info());
  }
  T fetch_add(T value, std::memory_order order, Place at = Place(__builtin_FUNCTION(), __builtin_LINE())) {
    return value_.fetch_add(value, at.weakened("fetch_add", order), at.info());
  }
  T fetch_sub(T value, std::memory_order order, Place at = Place(__builtin_FUNCTION(), __builtin_LINE())) {
    return value_.fetch_sub(value, at.weakened("fetch_sub", order), at.info());
  }
  bool compare_exchange_strong(T& expected, T value, std::memory_order order,
                               Place at = Place(__builtin_FUNCTION(), __builtin_LINE())) {
    return value_.compare_exchange_strong(expected, value, at.weakened("compare_exchange", order), at.info());
  }
  bool compare_exchange_weak(T& expected, T value, std::memory_order order, std::memory_order failed_order,
                             Place at = Place(__builtin_FUNCTION(), __builtin_LINE())) {
    return value_.compare_exchange_weak(expected, value, at.weakened("compare_exchange", order), at.info(),
                                        at.weakened("compare_exchange", failed_order), at.info());
  }

  rl::atomic<Stored>& relacy() { return value_; }

 private:
  rl::atomic<Stored> value_;
};

/// Data that is not atomic: relacy reports two threads that touch it without order between them.
template <class T>
class RelacyPlain {
 public:
  RelacyPlain() : value_{T{}} {}
  RelacyPlain(T value) : value_{value} {}  // NOLINT(google-explicit-constructor): stands where a T stands.
  RelacyPlain(const RelacyPlain& other) : value_{static_cast<T>(other)} {}
  RelacyPlain& operator=(
      const RelacyPlain& other) {  // NOLINT(bugprone-unhandled-self-assignment): a read, then a write.
    *this = static_cast<T>(other);
    return *this;
  }
  ~RelacyPlain() = default;

  operator T() const { return value_(RL_INFO); }  // NOLINT(google-explicit-constructor)
  T operator->() const { return value_(RL_INFO); }
  RelacyPlain& operator=(T value) {
    value_(RL_INFO) = value;
    return *this;
  }
  RelacyPlain& operator+=(T value) { return *this = static_cast<T>(static_cast<T>(*this) + value); }
  RelacyPlain& operator-=(T value) { return *this = static_cast<T>(static_cast<T>(*this) - value); }

 private:
  rl::var<T> value_;
};

struct RelacyAtomics {
  template <class T>
  using Atomic = RelacyAtomic<T>;
  template <class T>
  using Plain = RelacyPlain<T>;

  class Mutex {
   public:
    void lock() { mutex_.lock(RL_INFO); }
    bool try_lock() { return mutex_.try_lock(RL_INFO); }
    void unlock() { mutex_.unlock(RL_INFO); }
    rl::mutex& relacy() { return mutex_; }

   private:
    rl::mutex mutex_;
  };

  class Lock {
   public:
    explicit Lock(Mutex& mutex, const char* function = __builtin_FUNCTION())
        : mutex_{mutex}, left_out_{is_planted(function, "lock")} {
      lock();
    }
    Lock(Mutex& mutex, std::try_to_lock_t /*tag*/) : mutex_{mutex}, owns_{mutex.try_lock()} {}
    ~Lock() {
      if (owns_) unlock();
    }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

    void lock() {
      if (!left_out_) mutex_.lock();
      owns_ = true;
    }
    void unlock() {
      if (!left_out_) mutex_.unlock();
      owns_ = false;
    }
    explicit operator bool() const { return owns_; }
    Mutex& mutex() { return mutex_; }

   private:
    Mutex& mutex_;
    bool left_out_ = false;
    bool owns_ = false;
  };
  using Guard = Lock;

  class Condition {
   public:
    void notify_one() { condition_.notify_one(RL_INFO); }
    void notify_all() { condition_.notify_all(RL_INFO); }
    template <class Ready>
    void wait(Lock& lock, Ready ready) {
      while (!ready()) condition_.wait(lock.mutex().relacy(), RL_INFO);
    }

   private:
    rl::condition_variable condition_;
  };

  static void fence(const char* function = __builtin_FUNCTION()) { fence("fence", function); }
  static void light_barrier(const char* function = __builtin_FUNCTION()) {
    if (barrier == Barrier::fences) fence("light_barrier", function);
  }
  static void heavy_barrier(const char* function = __builtin_FUNCTION()) {
    if (barrier == Barrier::fences) return fence("heavy_barrier", function);
    rl::ctx().sched();
    if (!is_planted(function, "heavy_barrier")) rl::systemwide_fence(RL_INFO);
  }

  static void sleep(Atomic<std::uint32_t>& word, std::uint32_t value) {
    rl::context& context = rl::ctx();
    context.sched();
    if (word.relacy().debug_value() != value) return;  // The kernel looks under a lock of its own.
    (void)word.relacy().wait(context, false, false, RL_INFO);
  }
  static void wake(Atomic<std::uint32_t>& word) {
    rl::context& context = rl::ctx();
    context.sched();
    (void)word.relacy().wake(context, 1, RL_INFO);
  }
  static void pause() { rl::yield(1, RL_INFO); }

 private:
  static void fence(std::string_view operation, const char* function) {
    if (!is_planted(function, operation)) rl::atomic_thread_fence(rl::mo_seq_cst, RL_INFO);
  }
};

inline constexpr unsigned kInterleavings = 200'000;  ///< With a planted fault at most: the first failure ends them.

/// Keeps the beginning of what is written to it. Allocates nothing: a string that grows inside a model is relacy's.
class Report : public std::streambuf {
 public:
  Report() { setp(text_.data(), text_.data() + text_.size()); }
  [[nodiscard]] std::string text() const { return {pbase(), pptr()}; }

 private:
  std::array<char, 16'384> text_{};
};

template <class Model>
[[nodiscard]] testing::AssertionResult run(unsigned interleavings, const Planted& fault, Barrier of = Barrier::fences) {
  planted = fault;
  barrier = of;
  Report report;
  std::ostream output{&report};
  std::ostream no_output{nullptr};
  rl::test_params params;
  params.iteration_count = interleavings;
  params.output_stream = &output;
  params.progress_stream = &no_output;
  const bool held = rl::simulate<Model>(params);
  planted = {};
  if (held) return testing::AssertionSuccess() << interleavings << " interleavings without a failure";
  return testing::AssertionFailure() << "in interleaving " << params.stop_iteration << ": "
                                     << rl::test_result_str(params.test_result) << "\n"
                                     << report.text();
}

/// The protocol as it is.
template <class Model>
[[nodiscard]] testing::AssertionResult holds(Barrier of = Barrier::fences) {
  return run<Model>(kInterleavings, {}, of);
}

/// The protocol does not need what is weakened.
template <class Model>
[[nodiscard]] testing::AssertionResult holds_without(const Planted& fault) {
  return run<Model>(kInterleavings, fault);
}

/// The protocol with a planted fault: some interleaving fails.
template <class Model>
[[nodiscard]] testing::AssertionResult fails_with(const Planted& fault, Barrier of = Barrier::fences) {
  const testing::AssertionResult result = run<Model>(kInterleavings, fault, of);
  if (!result) return testing::AssertionSuccess();
  return testing::AssertionFailure() << fault.function << ": " << fault.operation << " weakened, and "
                                     << result.message();
}

}  // namespace penstock::models
