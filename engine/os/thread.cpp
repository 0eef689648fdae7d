#include "os/thread.hpp"

#include <pthread.h>

#include <cstring>
#include <thread>

namespace penstock::os {

void name_this_thread(const char* name) noexcept {
  char short_name[16] = {};
  std::strncpy(short_name, name, sizeof short_name - 1);
  ::pthread_setname_np(::pthread_self(), short_name);
}

void pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#else
  std::this_thread::yield();
#endif
}

}  // namespace penstock::os
