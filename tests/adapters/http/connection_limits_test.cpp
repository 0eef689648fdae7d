#include "http/connection_limits.hpp"

#include <gtest/gtest.h>

namespace penstock::http {
namespace {

PeerAddress v4(unsigned char a, unsigned char d) { return {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, 0, 0, d}; }
PeerAddress v6(unsigned char network, unsigned char host) {
  return {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, network, 0, 0, 0, 0, 0, 0, 0, host};
}

TEST(ConnectionLimits, CountConnectionsInAll) {
  ConnectionLimits limits{2, 0};
  EXPECT_TRUE(limits.admit(v4(10, 1)));
  EXPECT_TRUE(limits.admit(v4(10, 2)));
  EXPECT_FALSE(limits.admit(v4(10, 3)));
  limits.leave(v4(10, 1));
  EXPECT_TRUE(limits.admit(v4(10, 3)));
  EXPECT_EQ(limits.connections(), 2U);
}

TEST(ConnectionLimits, CountConnectionsOfEachAddress) {
  ConnectionLimits limits{10, 1};
  EXPECT_TRUE(limits.admit(v4(10, 1)));
  EXPECT_FALSE(limits.admit(v4(10, 1)));
  EXPECT_TRUE(limits.admit(v4(10, 2)));
  limits.leave(v4(10, 1));
  EXPECT_TRUE(limits.admit(v4(10, 1)));
}

TEST(ConnectionLimits, CountARefusalNowhere) {
  ConnectionLimits limits{10, 1};
  EXPECT_TRUE(limits.admit(v4(10, 1)));
  EXPECT_FALSE(limits.admit(v4(10, 1)));
  EXPECT_EQ(limits.connections(), 1U);
}

TEST(ConnectionLimits, TakeANetworkOfSixtyFourBitsForOneAddress) {
  ConnectionLimits limits{10, 1};
  EXPECT_TRUE(limits.admit(v6(1, 1)));
  EXPECT_FALSE(limits.admit(v6(1, 2)));
  EXPECT_TRUE(limits.admit(v6(2, 1)));
}

TEST(ConnectionLimits, ExemptLoopback) {
  ConnectionLimits limits{3, 1};
  EXPECT_TRUE(limits.admit(v4(127, 1)));
  EXPECT_TRUE(limits.admit(v4(127, 1)));
  const PeerAddress loopback_v6{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  EXPECT_TRUE(limits.admit(loopback_v6));
  EXPECT_FALSE(limits.admit(loopback_v6)) << "the limit of all connections holds for loopback too";
}

TEST(ConnectionLimits, MayBeRaisedAndLoweredWhileConnectionsAreIn) {
  ConnectionLimits limits{2, 0};
  EXPECT_TRUE(limits.admit(v4(10, 1)));
  EXPECT_TRUE(limits.admit(v4(10, 1)));
  limits.set(3, 2);
  EXPECT_FALSE(limits.admit(v4(10, 1))) << "those that came before there was a limit are counted too";
  EXPECT_TRUE(limits.admit(v4(10, 2)));
  limits.set(2, 0);
  EXPECT_FALSE(limits.admit(v4(10, 3)));
  for (const PeerAddress& address : {v4(10, 1), v4(10, 1), v4(10, 2)}) limits.leave(address);
  EXPECT_EQ(limits.connections(), 0U);
  limits.set(9, 1);
  EXPECT_TRUE(limits.admit(v4(10, 1)));
}

}  // namespace
}  // namespace penstock::http
