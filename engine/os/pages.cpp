#include "os/pages.hpp"

#include <sys/mman.h>

namespace penstock::os {

char* map_pages(std::size_t bytes) noexcept {
  void* pages = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return pages == MAP_FAILED ? nullptr : static_cast<char*>(pages);
}

void unmap_pages(char* pages, std::size_t bytes) noexcept { ::munmap(pages, bytes); }

}  // namespace penstock::os
