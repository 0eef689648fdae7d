#include "os/thread.hpp"

#include <pthread.h>
#include <sched.h>

#include <cstring>
#include <thread>

namespace penstock::os {

void name_this_thread(const char* name) noexcept {
  char short_name[16] = {};
  std::strncpy(short_name, name, sizeof short_name - 1);
  ::pthread_setname_np(::pthread_self(), short_name);
}

bool may_run_on(int processor) noexcept {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (processor < 0 || processor >= CPU_SETSIZE || ::sched_getaffinity(0, sizeof allowed, &allowed) != 0) return false;
  return CPU_ISSET(static_cast<std::size_t>(processor), &allowed);
}

void pin_this_thread(int processor) noexcept {
  cpu_set_t only;
  CPU_ZERO(&only);
  CPU_SET(static_cast<std::size_t>(processor), &only);
  ::pthread_setaffinity_np(::pthread_self(), sizeof only, &only);
}

void pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#else
  std::this_thread::yield();
#endif
}

}  // namespace penstock::os
