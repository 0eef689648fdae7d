#include "webhook_in/hook_state.hpp"

#include <gtest/gtest.h>
#include <penstock/broker.hpp>

namespace penstock::webhook_in {
namespace {

TEST(UnverifiedAccount, TakesUpToItsLimitOverAllLanes) {
  Broker broker{{.workers = 1}};
  HookState state;
  state.unverified_bytes_max = 100;
  Lane& one = state.lanes->emplace_back(broker.publisher());
  Lane& two = state.lanes->emplace_back(broker.publisher());

  EXPECT_TRUE(state.charge(one, 60));
  EXPECT_FALSE(state.charge(two, 41));
  EXPECT_EQ(state.unverified_bytes(), 60U);
  EXPECT_TRUE(state.charge(two, 40));
  EXPECT_FALSE(state.charge(one, 1));
  EXPECT_TRUE(state.charge(one, 0));
  EXPECT_EQ(state.unverified_bytes(), 100U);

  HookState::release(one, 60);
  EXPECT_TRUE(state.charge(two, 60));
  HookState::release(two, 100);
  EXPECT_EQ(state.unverified_bytes(), 0U);
}

TEST(UnverifiedAccount, IsNotFooledByASizeThatWrapsAround) {
  Broker broker{{.workers = 1}};
  HookState state;
  state.unverified_bytes_max = 100;
  Lane& lane = state.lanes->emplace_back(broker.publisher());
  ASSERT_TRUE(state.charge(lane, 60));
  EXPECT_FALSE(state.charge(lane, static_cast<std::size_t>(-10)));
  EXPECT_EQ(state.unverified_bytes(), 60U);
}

}  // namespace
}  // namespace penstock::webhook_in
