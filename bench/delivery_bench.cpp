// What one more delivery costs, what a route costs on a real payload, and how soon a sleeping worker has an event.
//
// Each row measures its two sides in turn in one loop and reports their difference per delivery, with what the machine
// asks for the bare step beside it (`…_floor`). Who polls dispatches, so that nothing but the step is timed. A row
// counts only if every event came.

#include "os/atomics.hpp"
#include "os/clock.hpp"
#include "os/thread.hpp"
#include <benchmark/benchmark.h>
#include <penstock/broker.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace penstock {
namespace {

constexpr std::size_t kBatch = 32;
constexpr std::size_t kFurther = 100;  // Subscriptions beside the first one.

/// CPU time of this thread, so that other programs disturb less.
std::int64_t cpu_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
}

template <class Step>
std::int64_t ns_of(Step step) {
  const std::int64_t begun_ns = cpu_ns();
  step();
  return cpu_ns() - begun_ns;
}

double per(std::int64_t ns, std::uint64_t steps) { return static_cast<double>(ns) / static_cast<double>(steps); }

/// A broker that is polled, with so many subscriptions to all that it gets.
class Polled {
 public:
  Polled(bool mailboxes, std::size_t subscriptions) {
    for (std::size_t i = 0; i < subscriptions; ++i) {
      subscriptions_.push_back(
          mailboxes ? broker_.subscribe_mailbox({">"}, [] {})
                    : broker_.subscribe(">", [this](const Event&) { ++seen_; }, {.execution = Execution::in_worker}));
    }
  }

  std::int64_t hand_over_ns() {
    for (std::size_t i = 0; i < kBatch; ++i) {
      EventBuilder event = publisher_.event("bench", 256);
      (void)event.payload(256);
      if (publisher_.publish(std::move(event)) != Verdict::accepted) missing_ = true;
    }
    const std::int64_t ns = ns_of([this] { missing_ |= broker_.poll(kBatch) != kBatch; });
    owed_ += kBatch * subscriptions_.size();
    for (Subscription& one : subscriptions_) (void)one.take(kBatch, visit_);
    missing_ |= seen_ != owed_;
    return ns;
  }

  [[nodiscard]] bool missing() const { return missing_; }

 private:
  Broker broker_{{.dispatch = Dispatch::poll}};
  Publisher publisher_ = broker_.publisher();
  std::uint64_t seen_ = 0;
  std::uint64_t owed_ = 0;
  bool missing_ = false;
  std::function<void(const Event&)> visit_ = [this](const Event&) { ++seen_; };
  std::vector<Subscription> subscriptions_;
};

void each_further(benchmark::State& state, bool mailboxes) {
  Polled one{mailboxes, 1};
  Polled many{mailboxes, 1 + kFurther};
  std::uint64_t called = 0;
  std::vector<std::function<void(const std::uint64_t&)>> calls(kFurther,
                                                               [&called](const std::uint64_t& n) { called += n; });
  std::int64_t further_ns = 0;
  std::int64_t floor_ns = 0;
  for ([[maybe_unused]] auto _ : state) {
    const std::int64_t ns = std::max<std::int64_t>(0, -one.hand_over_ns() + many.hand_over_ns());
    further_ns += ns;
    floor_ns += ns_of([&] {
      for (const auto& call : calls) {
        for (std::uint64_t i = 0; i < kBatch; ++i) call(i);
      }
    });
    benchmark::DoNotOptimize(called);
    state.SetIterationTime(static_cast<double>(ns) / 1e9);
  }
  if (one.missing() || many.missing()) state.SkipWithError("an event is missing");
  const auto deliveries = static_cast<std::uint64_t>(state.iterations()) * kFurther * kBatch;
  state.counters["each_ns"] = per(further_ns, deliveries);
  state.counters["call_floor_ns"] = per(floor_ns, deliveries);
}

void BM_EachFurtherInlineDelivery(benchmark::State& state) { each_further(state, false); }
BENCHMARK(BM_EachFurtherInlineDelivery)->Iterations(500)->UseManualTime();

void BM_EachFurtherMailbox(benchmark::State& state) { each_further(state, true); }
BENCHMARK(BM_EachFurtherMailbox)->Iterations(500)->UseManualTime();

/// Publishes the real push of GitHub, 7.7 KB, filled in beforehand: only publish() is timed.
class PushPublisher {
 public:
  explicit PushPublisher(const Route* route) {
    if (route != nullptr) broker_.route("github", *route);
  }

  std::int64_t publish_ns(const std::string& push) {
    std::vector<EventBuilder> events;
    events.reserve(kBatch);
    for (std::size_t i = 0; i < kBatch; ++i) {
      events.push_back(publisher_.event("github", push.size()));
      push.copy(events.back().payload(push.size()).data(), push.size());
      events.back().metadata("content-type", "application/json");
      events.back().metadata("user-agent", "GitHub-Hookshot/044aadd");
      events.back().metadata("x-github-delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958");
      events.back().metadata("x-github-event", "push");
    }
    const std::int64_t ns = ns_of([&] {
      for (EventBuilder& event : events) missing_ |= publisher_.publish(std::move(event)) != Verdict::accepted;
    });
    missing_ |= broker_.poll(kBatch) != kBatch || routed_ != (owed_ += kBatch);
    return ns;
  }

  [[nodiscard]] bool missing() const { return missing_; }

  void expect(std::string_view topic) {
    counting_ =
        broker_.subscribe(std::string(topic), [this](const Event&) { ++routed_; }, {.execution = Execution::in_worker});
  }

 private:
  Broker broker_{{.dispatch = Dispatch::poll}};
  Publisher publisher_ = broker_.publisher();
  std::uint64_t routed_ = 0;
  std::uint64_t owed_ = 0;
  bool missing_ = false;
  Subscription counting_;
};

void BM_RouteOfARealPush(benchmark::State& state) {
  std::ifstream file{PENSTOCK_PAYLOADS "/github/push.json", std::ios::binary};
  const std::string push{std::istreambuf_iterator<char>{file}, {}};
  const Route by_header = Route::header("x-github-event");
  const Route by_field = Route::json("/repository/name");
  PushPublisher plain{nullptr};
  PushPublisher header{&by_header};
  PushPublisher field{&by_field};
  plain.expect("github");
  header.expect("github.push");
  field.expect("github.Hello-World");
  std::array<std::int64_t, 3> sum_ns{};
  for ([[maybe_unused]] auto _ : state) {
    const std::int64_t ns = plain.publish_ns(push);
    sum_ns[0] += ns;
    sum_ns[1] += header.publish_ns(push);
    sum_ns[2] += field.publish_ns(push);
    state.SetIterationTime(static_cast<double>(ns) / 1e9);
  }
  if (plain.missing() || header.missing() || field.missing()) state.SkipWithError("an event is missing");
  const auto events = static_cast<std::uint64_t>(state.iterations()) * kBatch;
  state.counters["publish_ns"] = per(sum_ns[0], events);
  state.counters["header_adds_ns"] = per(sum_ns[1] - sum_ns[0], events);
  state.counters["json_adds_ns"] = per(sum_ns[2] - sum_ns[0], events);
}
BENCHMARK(BM_RouteOfARealPush)->Iterations(500)->UseManualTime();

double median_us(std::vector<std::int64_t>& ns) {
  if (ns.empty()) return 0;
  const auto middle = ns.begin() + static_cast<std::ptrdiff_t>(ns.size() / 2);
  std::nth_element(ns.begin(), middle, ns.end());
  return static_cast<double>(*middle) / 1e3;
}

/// A thread that sleeps on a word and tells when it ran: what the kernel asks for waking one thread.
class BareSleeper {
 public:
  BareSleeper() = default;
  BareSleeper(const BareSleeper&) = delete;
  BareSleeper& operator=(const BareSleeper&) = delete;
  ~BareSleeper() {
    stop_ = true;
    (void)wake_ns();
    thread_.join();
  }

  std::int64_t wake_ns() {
    ran_ns_ = 0;
    const std::int64_t begun_ns = os::steady_ns();
    word_.fetch_add(1, std::memory_order_release);
    os::StdAtomics::wake(word_);
    while (ran_ns_ == 0) os::pause();
    return ran_ns_ - begun_ns;
  }

 private:
  void run() {
    for (std::uint32_t seen = 0; !stop_; seen = word_) {
      while (word_.load(std::memory_order_acquire) == seen) os::StdAtomics::sleep(word_, seen);
      ran_ns_ = os::steady_ns();
    }
  }

  os::Atomic<std::uint32_t> word_{0};
  std::atomic<std::int64_t> ran_ns_{0};
  std::atomic<bool> stop_{false};
  std::thread thread_{[this] { run(); }};
};

void BM_EventForASleepingWorker(benchmark::State& state) {
  constexpr auto asleep_after = std::chrono::microseconds{300};
  std::atomic<std::int64_t> came_ns{0};
  Broker broker{{.workers = 1}};
  const Subscription all = broker.subscribe(">", [&came_ns](const Event&) { came_ns = os::steady_ns(); },
                                            {.execution = Execution::in_worker});
  Publisher publisher = broker.publisher();
  BareSleeper bare;
  std::vector<std::int64_t> event_ns;
  std::vector<std::int64_t> floor_ns;
  for ([[maybe_unused]] auto _ : state) {
    std::this_thread::sleep_for(asleep_after);
    came_ns = 0;
    EventBuilder event = publisher.event("bench", 256);
    (void)event.payload(256);
    const std::int64_t begun_ns = os::steady_ns();
    if (publisher.publish(std::move(event)) != Verdict::accepted) state.SkipWithError("refused");
    while (came_ns == 0) os::pause();
    event_ns.push_back(came_ns - begun_ns);
    std::this_thread::sleep_for(asleep_after);
    floor_ns.push_back(bare.wake_ns());
    state.SetIterationTime(static_cast<double>(event_ns.back()) / 1e9);
  }
  state.counters["p50_us"] = median_us(event_ns);
  state.counters["futex_floor_p50_us"] = median_us(floor_ns);
}
BENCHMARK(BM_EventForASleepingWorker)->Iterations(500)->UseManualTime();

void BM_ManyWorkers(benchmark::State& state) {
  constexpr std::uint64_t burst = 1'024;
  std::atomic<std::uint64_t> seen{0};
  Broker broker{{.workers = static_cast<std::size_t>(state.range(0))}};
  const Subscription all =
      broker.subscribe(">", [&seen](const Event&) { seen.fetch_add(1, std::memory_order_relaxed); },
                       {.execution = Execution::in_worker});
  std::vector<Publisher> publishers;  // Two shards' worth, so that several workers have something to do.
  publishers.reserve(32);
  for (int i = 0; i < 32; ++i) publishers.push_back(broker.publisher());
  std::uint64_t sent = 0;
  while (state.KeepRunningBatch(static_cast<benchmark::IterationCount>(burst))) {
    for (std::uint64_t i = 0; i < burst; ++i) {
      Publisher& publisher = publishers[sent++ % publishers.size()];
      EventBuilder event = publisher.event("bench", 256);
      (void)event.payload(256);
      if (publisher.publish(std::move(event)) != Verdict::accepted) state.SkipWithError("refused");
    }
    while (sent - seen > 8 * burst) std::this_thread::yield();
  }
  if (!broker.close() || seen != sent) state.SkipWithError("an event is missing");
  state.SetItemsProcessed(static_cast<std::int64_t>(sent));
}
BENCHMARK(BM_ManyWorkers)->ArgName("workers")->Arg(1)->Arg(2)->Arg(8)->Arg(64)->UseRealTime()->MeasureProcessCPUTime();

}  // namespace
}  // namespace penstock
