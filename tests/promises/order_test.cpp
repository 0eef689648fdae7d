// order: each subscription first receives the events of one Publisher in their order.

#include "support/broker_maker.hpp"
#include <gtest/gtest.h>

#include <atomic>
#include <charconv>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace penstock {
namespace {

/// Checks that the numbers of each publisher arrive as 0, 1, 2 … Payload: "publisher number".
class OrderCheck {
 public:
  explicit OrderCheck(std::size_t publishers) : next_(publishers) {}

  void see(std::string_view payload) {
    std::size_t publisher = 0;
    std::uint64_t number = 0;
    const char* end = payload.data() + payload.size();
    const auto first = std::from_chars(payload.data(), end, publisher);
    std::from_chars(first.ptr + 1, end, number);
    if (number != next_.at(publisher).exchange(number + 1)) out_of_order_.fetch_add(1);
    seen_.fetch_add(1);
  }
  [[nodiscard]] std::uint64_t seen() const { return seen_; }
  [[nodiscard]] std::uint64_t out_of_order() const { return out_of_order_; }

 private:
  std::vector<std::atomic<std::uint64_t>> next_;
  std::atomic<std::uint64_t> seen_{0};
  std::atomic<std::uint64_t> out_of_order_{0};
};

struct Case {
  const char* name;
  Execution execution;
  Wait wait;
};

class Order : public testing::TestWithParam<Case> {};

TEST_P(Order, OfEachPublisherHoldsForEachSubscriptionWhileWorkersTakeOverShards) {
  constexpr std::size_t publisher_count = 6;
  constexpr std::uint64_t event_count = 5'000;
  Broker broker{{.workers = 3, .wait = GetParam().wait}};
  OrderCheck all{publisher_count};
  OrderCheck by_pattern{publisher_count};
  const SubscribeOptions options{.execution = GetParam().execution, .queue_bytes_max = 512U << 20U};
  const Subscription first = broker.subscribe(
      "numbers", [&](const Event& event) { all.see(event.payload()); }, options);
  const Subscription second = broker.subscribe(
      ">", [&](const Event& event) { by_pattern.see(event.payload()); }, options);

  std::vector<std::thread> threads;
  threads.reserve(publisher_count);
  for (std::size_t publisher = 0; publisher < publisher_count; ++publisher) {
    threads.emplace_back([&broker, publisher] {
      Publisher mine = broker.publisher();
      for (std::uint64_t number = 0; number < event_count; ++number) {
        test::publish_surely(mine, "numbers", std::to_string(publisher) + ' ' + std::to_string(number));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  EXPECT_TRUE(broker.close());
  EXPECT_EQ(all.seen(), publisher_count * event_count);
  EXPECT_EQ(by_pattern.seen(), publisher_count * event_count);
  EXPECT_EQ(all.out_of_order() + by_pattern.out_of_order(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Ways, Order,
                         testing::Values(Case{"InThePoolParked", Execution::pool, Wait::park},
                                         Case{"InTheWorkerParked", Execution::in_worker, Wait::park},
                                         Case{"InTheWorkerSpinning", Execution::in_worker, Wait::spin}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(Order, HoldsWhenAPublisherTravelsFromThreadToThread) {
  constexpr std::uint64_t event_count = 2'000;
  Broker broker{{.workers = 2}};
  OrderCheck check{1};
  const Subscription subscription =
      broker.subscribe("numbers", [&](const Event& event) { check.see(event.payload()); });

  Publisher publisher = broker.publisher();
  for (std::uint64_t number = 0; number < event_count; ++number) {
    // A new thread for every few events: no two at once, as a strand would have it.
    std::thread{[&] { test::publish_surely(publisher, "numbers", "0 " + std::to_string(number)); }}.join();
  }

  EXPECT_TRUE(broker.close());
  EXPECT_EQ(check.seen(), event_count);
  EXPECT_EQ(check.out_of_order(), 0U);
}

}  // namespace
}  // namespace penstock
