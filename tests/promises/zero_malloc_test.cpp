// zero-malloc: after warm-up, publish and dispatch take nothing from the general heap, on any thread. A program of its
// own: support/heap_watch.cpp replaces operator new and malloc().

#include "support/broker_maker.hpp"
#include "support/heap_watch.hpp"
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace penstock {
namespace {

constexpr int kEvents = 100'000;
constexpr int kLongest = 512;  // Events on their way at once.
constexpr std::string_view kSmall = R"({"type":"push"})";

class ZeroMalloc : public testing::Test {
 protected:
  /// Publishes `events`, at most `window` at a time on their way, and waits until all are delivered.
  void cycle(int events, int window) {
    const std::uint64_t before = delivered_;
    for (int i = 0; i < events; ++i) {
      const auto sent = static_cast<std::uint64_t>(i);
      while (before + sent >= delivered_ + static_cast<std::uint64_t>(window)) std::this_thread::yield();
      const std::string_view payload = i % 50 == 0 ? std::string_view{large_} : kSmall;
      EventBuilder event = publisher_.event(i % 2 == 0 ? "routed" : "plain", payload.size());
      std::copy(payload.begin(), payload.end(), event.payload(payload.size()).begin());
      event.metadata("x-name", "value");
      give_delivery_id(event, published_);
      if (publisher_.publish(std::move(event)) != Verdict::accepted) ++refused_;
      ++published_;
    }
    while (delivered_ != before + static_cast<std::uint64_t>(events)) std::this_thread::yield();
  }

  /// What `kEvents` events allocate once as many have passed, and once each queue has been as long as it can get
  /// meanwhile. How far workers and subscribers fall behind is the scheduler's to say: warm-up leaves it to nobody.
  long in_steady_state(const Subscription* queued = nullptr) {
    broker_.route("routed", Route::json("/type"));
    fill_shard();
    if (queued != nullptr) fill_mailbox(*queued);
    cycle(kEvents / 2, kLongest);
    cycle(kEvents / 50, 1);
    test::watch_heap();
    cycle(kEvents / 2, kLongest);
    cycle(kEvents / 2, 16);
    const long allocations = test::allocations_watched();
    EXPECT_EQ(refused_, 0);
    return allocations;
  }

  // A third of the events has none, a third is given one, a third has it found.
  void give_delivery_id(EventBuilder& event, std::uint64_t number) const {
    std::array<char, 20> digits{};
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    const std::string_view text{digits.data(), static_cast<std::size_t>(written.ptr - digits.data())};
    if (number % 3 == 0) return;
    if (number % 3 == 1) return event.delivery_id(text, std::chrono::hours{1});
    event.metadata("x-delivery", text);
    event.deduplicate(dedup_);
  }

  /// Twice over: the queue's blocks of 32 are begun at one end while they are not yet drained at the other.
  void fill_shard() {
    const std::uint64_t all = published_ + std::uint64_t{2} * kLongest;
    const Subscription gate = broker_.subscribe(">",
                                                [this, all](const Event&) {
                                                  while (published_ < all) std::this_thread::yield();
                                                },
                                                {.execution = Execution::in_worker});
    cycle(2 * kLongest, 2 * kLongest + 1);
  }

  /// Has each event make a batch of its own, and all of them wait.
  void fill_mailbox(const Subscription& queued) {
    const std::uint64_t before = delivered_;
    const std::uint64_t matched = queued.stats().matched;
    held_ = true;
    for (std::uint64_t sent = 1; sent <= kLongest; ++sent) {
      EventBuilder event = publisher_.event("plain", kSmall.size());
      std::copy(kSmall.begin(), kSmall.end(), event.payload(kSmall.size()).begin());
      if (publisher_.publish(std::move(event)) != Verdict::accepted) ++refused_;
      while (queued.stats().matched != matched + sent) std::this_thread::yield();
    }
    held_ = false;
    while (delivered_ != before + kLongest) std::this_thread::yield();
  }

  Broker broker_{{.workers = 2}};
  Publisher publisher_ = broker_.publisher();
  const Dedup dedup_{Route::header("x-delivery"), std::chrono::hours{1}};
  std::atomic<std::uint64_t> published_{0};
  std::atomic<std::uint64_t> delivered_{0};
  std::atomic<bool> held_{false};
  std::string large_ = R"({"type":"push","rest":")" + std::string(20'000, 'x') + R"("})";
  int refused_ = 0;
};

TEST_F(ZeroMalloc, HoldsForInlineHandlers) {
  const Subscription all =
      broker_.subscribe(">", [this](const Event&) { ++delivered_; }, {.execution = Execution::in_worker});
  EXPECT_EQ(in_steady_state(), 0) << test::first_allocation();
}

TEST_F(ZeroMalloc, HoldsForPooledHandlers) {
  const Subscription all = broker_.subscribe(">", [this](const Event&) {
    while (held_) std::this_thread::yield();
    ++delivered_;
  });
  // Inline: cycle() waits for the first one only, and a queue that nobody waits for may grow.
  const Subscription also = broker_.subscribe("routed.push", [](const Event&) {}, {.execution = Execution::in_worker});
  EXPECT_EQ(in_steady_state(&all), 0) << test::first_allocation();
}

TEST_F(ZeroMalloc, HoldsForATaker) {
  std::atomic<bool> filled{false};
  Subscription taken = broker_.subscribe_mailbox({">"}, [&] { filled = true; });
  std::atomic<bool> done{false};
  std::thread taker{[&] {
    const std::function<void(const Event&)> visit = [this](const Event&) { ++delivered_; };
    while (!done) {
      if (!held_ && filled.exchange(false)) {
        while (taken.take(100, visit) != 0) {
        }
      }
      std::this_thread::yield();
    }
  }};
  EXPECT_EQ(in_steady_state(&taken), 0) << test::first_allocation();
  done = true;
  taker.join();
}

TEST_F(ZeroMalloc, WouldBeSeenToBeBroken) {
  const Subscription all = broker_.subscribe(">",
                                             [this](const Event& event) {
                                               if (delivered_++ % 1'000 == 0) delete new std::string(event.payload());
                                             },
                                             {.execution = Execution::in_worker});
  EXPECT_GT(in_steady_state(), 0);
}

}  // namespace
}  // namespace penstock
