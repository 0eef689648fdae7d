#include "metrics/counter.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <thread>

namespace penstock::metrics {
namespace {

TEST(Counter, BeginsAtZeroAndSumsWhatIsAdded) {
  Counter counter;
  EXPECT_EQ(counter.read(), 0U);
  counter.add(3);
  counter.add(0);
  counter.add(4);
  EXPECT_EQ(counter.read(), 7U);
}

TEST(Counter, NeverGoesBackForAReaderWhileItsWriterAdds) {
  Counter counter;
  std::atomic<bool> done{false};
  constexpr std::uint64_t adds = 100'000;
  std::thread writer{[&] {
    for (std::uint64_t i = 0; i < adds; ++i) counter.add(1);
    done = true;
  }};
  std::uint64_t last = 0;
  while (!done) {
    const std::uint64_t now = counter.read();
    if (now < last) ADD_FAILURE() << now << " after " << last;
    last = now;
  }
  writer.join();
  EXPECT_EQ(counter.read(), adds);
}

}  // namespace
}  // namespace penstock::metrics
