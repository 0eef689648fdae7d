// What an event costs from publish to handler, and what each step adds: routing, further subscriptions, refusal.
//
// One publisher fills 256 bytes in and publishes; one spinning worker delivers inline. The events in flight are
// bounded, so the slower side sets the pace. A row counts only if the handlers saw every event, under the right topic.
//
// Built with PENSTOCK_COUNT, rows also tell shared_rmw, wakes and allocations per event, the broker's start and warm-up
// among them (more iterations, less of them); their times say nothing then.

#if defined(PENSTOCK_COUNT)
#include "os/counted.hpp"
#include "support/heap_watch.hpp"
#endif
#include <benchmark/benchmark.h>
#include <penstock/broker.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace penstock {
namespace {

constexpr std::size_t kInFlightMax = 16'384;
constexpr std::size_t kBurst = 1'024;  // Events between two looks at how far the worker is.

enum class Sort : std::uint8_t { plain, header, json };

std::string payload_of(Sort sort) {
  std::string payload = sort == Sort::json ? R"({"type":"push","rest":")" : R"({"rest":")";
  payload.resize(254, 'x');
  return payload + "\"}";
}

/// Publishes and waits until everything has come; what `handlers` inline subscriptions count is the answer.
class Flow {
 public:
  Flow(Sort sort, std::size_t handlers) : sort_{sort}, payload_{payload_of(sort)} {
    if (sort == Sort::header) broker_.route("bench", Route::header("x-event"));
    if (sort == Sort::json) broker_.route("bench", Route::json("/type"));
    const std::string topic = sort == Sort::plain ? "bench" : "bench.push";
    for (std::size_t i = 0; i < handlers; ++i) {
      subscriptions_.push_back(broker_.subscribe(
          topic, [&seen = seen_[i == 0 ? 0 : 1]](const Event&) { seen.store(seen.load(kRelaxed) + 1, kRelaxed); },
          {.execution = Execution::in_worker}));
    }
  }

  void burst() {
    for (std::size_t i = 0; i < kBurst; ++i) {
      EventBuilder event = publisher_.event("bench", payload_.size());
      std::copy(payload_.begin(), payload_.end(), event.payload(payload_.size()).begin());
      if (sort_ == Sort::header) event.metadata("x-event", "push");
      if (publisher_.publish(std::move(event)) != Verdict::accepted) ++refused_;
    }
    sent_ += kBurst;
    while (sent_ - seen_[0].load(kRelaxed) > kInFlightMax - kBurst) std::this_thread::yield();
  }

  void finish(benchmark::State& state, std::size_t handlers) {
    const bool drained = broker_.close();
    const std::uint64_t others = handlers > 1 ? sent_ * (handlers - 1) : 0;
    if (!drained || refused_ != 0 || seen_[0] != sent_ || seen_[1] != others)
      state.SkipWithError("an event is missing");
    state.SetItemsProcessed(static_cast<std::int64_t>(sent_));
    tell_costs(state);
  }

 private:
#if defined(PENSTOCK_COUNT)
  void tell_costs(benchmark::State& state) const {
    const os::Costs spent = os::costs() - costs_before_;
    const auto per_event = [this](auto count) { return static_cast<double>(count) / static_cast<double>(sent_); };
    state.counters["shared_rmw_per_event"] = per_event(spent.shared_rmw);
    state.counters["wakes_per_event"] = per_event(spent.wakes);
    state.counters["allocations_per_event"] = per_event(test::allocations_watched());
  }
  const os::Costs costs_before_ = (test::watch_heap(), os::costs());
#else
  static void tell_costs(benchmark::State& /*state*/) {}
#endif

  static constexpr auto kRelaxed = std::memory_order_relaxed;
  Broker broker_{{.workers = 1, .wait = Wait::spin}};
  Publisher publisher_ = broker_.publisher();
  Sort sort_;
  std::string payload_;
  std::array<std::atomic<std::uint64_t>, 2> seen_{};  // Of the first subscription, and of all others together.
  std::vector<Subscription> subscriptions_;
  std::uint64_t sent_ = 0;
  std::uint64_t refused_ = 0;
};

void BM_PublishToInlineHandler(benchmark::State& state) {
  Flow flow{static_cast<Sort>(state.range(0)), 1};
  while (state.KeepRunningBatch(kBurst)) flow.burst();
  flow.finish(state, 1);
}
BENCHMARK(BM_PublishToInlineHandler)->ArgName("plain0_header1_json2")->Arg(0)->Arg(1)->Arg(2)->UseRealTime();

void BM_FanOut(benchmark::State& state) {
  const auto handlers = static_cast<std::size_t>(state.range(0));
  Flow flow{Sort::plain, handlers};
  while (state.KeepRunningBatch(kBurst)) flow.burst();
  flow.finish(state, handlers);
}
BENCHMARK(BM_FanOut)->ArgName("subscriptions")->Arg(1)->Arg(10)->Arg(100)->UseRealTime();

void BM_RefusalWhenFull(benchmark::State& state) {
  Broker broker{{.workers = 1, .memory_bytes_max = 16U << 20U}};
  std::atomic<bool> open{false};
  const Subscription held = broker.subscribe("bench",
                                             [&open](const Event&) {
                                               while (!open) std::this_thread::yield();
                                             },
                                             {.execution = Execution::in_worker});
  Publisher publisher = broker.publisher();
  constexpr std::size_t bytes = 16'384;
  const auto publish = [&publisher] {
    EventBuilder event = publisher.event("bench", bytes);
    (void)event.payload(bytes);
    return publisher.publish(std::move(event));
  };
  while (publish() == Verdict::accepted) {
  }
  for ([[maybe_unused]] auto _ : state) {
    if (publish() != Verdict::full) state.SkipWithError("taken by a broker without room");
  }
  open = true;
}
BENCHMARK(BM_RefusalWhenFull);

}  // namespace
}  // namespace penstock
