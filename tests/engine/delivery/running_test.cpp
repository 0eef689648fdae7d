#include "delivery/running.hpp"

#include "engine/delivery/lives.hpp"
#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <thread>
#include <utility>

namespace penstock::delivery {
namespace {

/// A thread that runs the handler of `running` and waits there for the end of `target`, until it is let go.
class Waiter {
 public:
  Waiter(const Live& running, const Live& target)
      : thread_{[this, &running, &target] {
          const RunningHere here{running};
          const BarrierWait wait{target};
          may_wait_ = static_cast<bool>(wait);
          waits_.set_value();
          let_go_.get_future().wait();
        }} {
    waits_.get_future().wait();
  }
  ~Waiter() {
    let_go_.set_value();
    thread_.join();
  }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  [[nodiscard]] bool may_wait() const { return may_wait_; }

 private:
  std::promise<void> waits_, let_go_;
  bool may_wait_ = false;
  std::thread thread_;
};

class RunningTest : public testing::Test {
 protected:
  RefusingCount broker_{0};
  RefusingCount other_broker_{0};
  std::shared_ptr<Live> a_ = test::live(broker_, {"a"});
  std::shared_ptr<Live> b_ = test::live(broker_, {"b"});
  std::shared_ptr<Live> c_ = test::live(other_broker_, {"c"});
};

TEST_F(RunningTest, KnowsTheHandlersOnThisThreadAndNoOther) {
  EXPECT_FALSE(RunningHere::contains(*a_));
  {
    const RunningHere outer{*a_};
    const RunningHere inner{*b_};
    EXPECT_TRUE(RunningHere::contains(*a_));
    EXPECT_TRUE(RunningHere::contains(*b_));
    EXPECT_FALSE(RunningHere::contains(*c_));
    EXPECT_TRUE(RunningHere::any_of(broker_));
    EXPECT_FALSE(RunningHere::any_of(other_broker_));
    std::thread{[this] { EXPECT_FALSE(RunningHere::contains(*a_)); }}.join();
  }
  EXPECT_FALSE(RunningHere::contains(*a_));
  EXPECT_FALSE(RunningHere::any_of(broker_));
}

TEST_F(RunningTest, LetsAThreadWaitThatRunsNothing) { EXPECT_TRUE(BarrierWait{*a_}); }

TEST_F(RunningTest, LetsNoHandlerWaitForItself) {
  const RunningHere here{*a_};
  EXPECT_FALSE(BarrierWait{*a_});
  EXPECT_TRUE(BarrierWait{*b_});
}

TEST_F(RunningTest, LetsNoHandlerWaitForOneThatItStandsIn) {
  const RunningHere outer{*a_};
  const RunningHere inner{*b_};
  EXPECT_FALSE(BarrierWait{*a_});
}

TEST_F(RunningTest, LetsTwoHandlersNotWaitForEachOther) {
  const Waiter first{*a_, *b_};
  EXPECT_TRUE(first.may_wait());
  const Waiter second{*b_, *a_};
  EXPECT_FALSE(second.may_wait()) << "it would close the ring";
}

TEST_F(RunningTest, LetsThreeHandlersNotWaitInARing) {
  const Waiter first{*a_, *b_};
  const Waiter second{*b_, *c_};
  EXPECT_TRUE(second.may_wait());
  const Waiter third{*c_, *a_};
  EXPECT_FALSE(third.may_wait());
}

TEST_F(RunningTest, LetsAChainThatEndsWait) {
  const Waiter first{*a_, *b_};
  const Waiter second{*b_, *c_};
  EXPECT_TRUE(BarrierWait{*a_}) << "this thread runs nothing that anybody waits for";
}

TEST_F(RunningTest, ForgetsAWaitThatHasEnded) {
  { const Waiter first{*a_, *b_}; }
  const RunningHere here{*b_};
  EXPECT_TRUE(BarrierWait{*a_});
}

}  // namespace
}  // namespace penstock::delivery
