#include "os/thread.hpp"

#include <gtest/gtest.h>
#include <pthread.h>

#include <array>
#include <string>
#include <thread>

namespace penstock::os {
namespace {

std::string name_after(const char* name) {
  std::array<char, 32> shown{};
  std::thread{[&] {
    name_this_thread(name);
    pthread_getname_np(pthread_self(), shown.data(), shown.size());
  }}.join();
  return shown.data();
}

TEST(ThreadName, IsWhatWasGiven) { EXPECT_EQ(name_after("worker"), "worker"); }

TEST(ThreadName, IsCutAtFifteenCharacters) { EXPECT_EQ(name_after("abcdefghijklmnopqrstuvwxyz"), "abcdefghijklmno"); }

}  // namespace
}  // namespace penstock::os
