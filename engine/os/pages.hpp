// Memory straight from the kernel: for slabs and for large payloads, so that what is given back is given back.
//
//     char* slab = os::map_pages(1 << 20);     // nullptr: the kernel has none
//     os::unmap_pages(slab, 1 << 20);
//
// Threads: any. A system call each; pages are zero and take no memory until they are written.

#pragma once

#include <cstddef>

namespace penstock::os {

[[nodiscard]] char* map_pages(std::size_t bytes) noexcept;
void unmap_pages(char* pages, std::size_t bytes) noexcept;

}  // namespace penstock::os
