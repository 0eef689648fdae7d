#include "http/loop_memory.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace penstock::http {
namespace {

constexpr std::size_t kStep = LoopMemory::kStepBytes;

/// A budget that notes each charge, and refuses past `max`.
struct Budget {
  std::size_t max = 1U << 30U;
  std::size_t charged = 0;
  std::vector<std::size_t> charges = {};

  ServerOptions options() {
    ServerOptions options;
    options.charge = [this](std::size_t bytes) {
      if (charged + bytes > max) return false;
      charged += bytes;
      charges.push_back(bytes);
      return true;
    };
    options.uncharge = [this](std::size_t bytes) { charged -= bytes; };
    return options;
  }
};

TEST(LoopMemory, ChargesInStepsForAllConnectionsTogether) {
  Budget budget;
  const ServerOptions options = budget.options();
  LoopCounter held;
  LoopMemory memory{options, held};
  for (int i = 0; i < 60; ++i) EXPECT_TRUE(memory.hold(0, 1'000));
  EXPECT_EQ(budget.charges, std::vector{kStep});
  EXPECT_EQ(held.value(), 60'000U);
  EXPECT_TRUE(memory.hold(1'000, 1'000 + 2 * kStep));
  EXPECT_EQ(budget.charges, (std::vector{kStep, 2 * kStep}));
}

TEST(LoopMemory, KeepsOneStepMoreThanIsNeededAndGivesBackTheRest) {
  Budget budget;
  const ServerOptions options = budget.options();
  LoopCounter held;
  LoopMemory memory{options, held};
  EXPECT_TRUE(memory.hold(0, 10 * kStep));
  EXPECT_TRUE(memory.hold(10 * kStep, 10 * kStep - 1));
  EXPECT_EQ(budget.charged, 10 * kStep) << "a byte more or less charges nothing and gives nothing back";
  EXPECT_TRUE(memory.hold(10 * kStep - 1, kStep));
  EXPECT_EQ(budget.charged, 2 * kStep);
  EXPECT_TRUE(memory.hold(kStep, 0));
  EXPECT_EQ(held.value(), 0U);
  memory.end();
  EXPECT_EQ(budget.charged, 0U);
}

TEST(LoopMemory, SaysWhenTheBudgetIsSpentAndAsksAgain) {
  Budget budget{.max = kStep};
  const ServerOptions options = budget.options();
  LoopCounter held;
  LoopMemory memory{options, held};
  EXPECT_TRUE(memory.has_room(kStep));
  EXPECT_FALSE(memory.has_room(kStep + 1));
  EXPECT_EQ(held.value(), 0U);
  EXPECT_FALSE(memory.hold(0, kStep + 1));
  EXPECT_EQ(held.value(), kStep + 1) << "held all the same, and shown";
  budget.max = 2 * kStep;
  EXPECT_TRUE(memory.hold(kStep + 1, kStep + 2));
  EXPECT_EQ(budget.charged, 2 * kStep);
}

TEST(LoopMemory, TakesABudgetThatThrowsForASpentOne) {
  ServerOptions options;
  options.charge = [](std::size_t) -> bool { throw std::runtime_error("fault on purpose"); };
  LoopCounter held;
  LoopMemory memory{options, held};
  EXPECT_FALSE(memory.hold(0, 1));
}

TEST(LoopMemory, NeedsNoBudget) {
  const ServerOptions options;
  LoopCounter held;
  LoopMemory memory{options, held};
  EXPECT_TRUE(memory.has_room(1U << 30U));
  EXPECT_TRUE(memory.hold(0, 1U << 30U));
  EXPECT_TRUE(memory.hold(1U << 30U, 0));
  memory.end();
}

}  // namespace
}  // namespace penstock::http
