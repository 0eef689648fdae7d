#include "serving/descriptors.hpp"

#include <sys/resource.h>

namespace penstock::serving {

void raise_descriptor_limit() noexcept {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  static_cast<void>(setrlimit(RLIMIT_NOFILE, &limit));  // Not allowed: then the old one holds.
}

}  // namespace penstock::serving
