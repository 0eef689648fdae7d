// When a Publisher that wakes later does wake.

#include "support/broker_maker.hpp"
#include <gtest/gtest.h>
#include <penstock/broker.hpp>

#include <atomic>
#include <chrono>
#include <optional>
#include <thread>

namespace penstock {
namespace {

class PublisherWakes : public testing::Test {
 protected:
  /// Publishes so many events that nobody is woken for.
  void publish_quietly(int events) {
    std::this_thread::sleep_for(std::chrono::milliseconds{5});  // As a rule the worker sleeps by now.
    publisher_->wake_later();
    for (int i = 0; i < events; ++i) EXPECT_EQ(test::publish(*publisher_, "t", "x"), Verdict::accepted);
  }
  [[nodiscard]] bool comes(int events) const {
    return test::eventually([&] { return seen_ == events; });
  }

  std::atomic<int> seen_{0};
  std::optional<Broker> broker_{std::in_place, BrokerOptions{.workers = 1}};
  std::optional<Publisher> publisher_{broker_->publisher()};
  Subscription all_ = broker_->subscribe(">", [this](const Event&) { ++seen_; }, {.execution = Execution::in_worker});
};

TEST_F(PublisherWakes, ForAllThatWasQueuedWhenItIsCalled) {
  for (int round = 1; round <= 20; ++round) {
    publish_quietly(3);
    publisher_->wake();
    publisher_->wake();  // Nothing was queued since.
    EXPECT_TRUE(comes(3 * round));
  }
}

TEST_F(PublisherWakes, ByItselfForAWholeBatch) {
  publish_quietly(64);
  EXPECT_TRUE(comes(64));
}

TEST_F(PublisherWakes, WhenItEnds) {
  publish_quietly(1);
  publisher_.reset();
  EXPECT_TRUE(comes(1));
}

TEST_F(PublisherWakes, AreMadeUpForWhenTheBrokerCloses) {
  publish_quietly(1);
  EXPECT_TRUE(broker_->close());
  EXPECT_EQ(seen_, 1);
}

}  // namespace
}  // namespace penstock
