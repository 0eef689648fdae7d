#include "delivery/ring.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <random>

namespace penstock::delivery {
namespace {

TEST(RingTest, DoesWhatADequeDoesThroughEveryWrapAndGrowth) {
  Ring<int> ring;
  std::deque<int> model;
  std::minstd_rand random{7};  // NOLINT(cert-msc51-cpp,cert-msc32-c): the same steps each time.
  for (int i = 0; i < 20'000; ++i) {
    const unsigned step = random() % 8;
    if (step < 4) {
      ring.push_back(i);
      model.push_back(i);
    } else if (step == 4) {
      ring.push_front(i);
      model.push_front(i);
    } else if (!model.empty()) {
      ASSERT_EQ(ring.pop_front(), model.front());
      model.pop_front();
    }
    ASSERT_EQ(ring.size(), model.size());
    ASSERT_EQ(ring.empty(), model.empty());
    if (!model.empty()) {
      ASSERT_EQ(ring.front(), model.front());
    }
  }
}

TEST(RingTest, HoldsNothingThatHasLeftIt) {
  Ring<std::shared_ptr<int>> ring;
  const auto value = std::make_shared<int>(1);
  for (int i = 0; i < 20; ++i) ring.push_back(value);
  EXPECT_EQ(value.use_count(), 21);
  while (!ring.empty()) (void)ring.pop_front();
  EXPECT_EQ(value.use_count(), 1);
}

}  // namespace
}  // namespace penstock::delivery
