#include "support/heap_watch.hpp"

#include <execinfo.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <string>

namespace {

// NOLINTBEGIN(cppcoreguidelines-avoid-non-const-global-variables)
std::atomic<bool> watching{false};
std::atomic<long> allocations{0};
std::array<void*, 32> first_stack{};  // Of the first allocation that was watched.
std::atomic<int> first_depth{0};
thread_local bool looking = false;
// NOLINTEND(cppcoreguidelines-avoid-non-const-global-variables)

void count_allocation() noexcept {
  if (!watching.load(std::memory_order_relaxed) || looking) return;
  looking = true;  // backtrace() may allocate itself.
  if (allocations.fetch_add(1) == 0)
    first_depth = ::backtrace(first_stack.data(), static_cast<int>(first_stack.size()));
  looking = false;
}

std::string stack_of_first() {
  char** lines = ::backtrace_symbols(first_stack.data(), first_depth);
  std::string text;
  for (int i = 0; lines != nullptr && i < first_depth; ++i) text += std::string(lines[i]) + '\n';
  std::free(static_cast<void*>(lines));  // NOLINT(cppcoreguidelines-no-malloc)
  return text;
}

void* allocate(std::size_t bytes, std::size_t alignment) noexcept {
  count_allocation();
  // NOLINTBEGIN(cppcoreguidelines-no-malloc)
  if (alignment <= alignof(std::max_align_t)) return std::malloc(bytes == 0 ? 1 : bytes);
  return std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  // NOLINTEND(cppcoreguidelines-no-malloc)
}

void* allocate_or_throw(std::size_t bytes, std::size_t alignment) {
  void* memory = allocate(bytes, alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

namespace penstock::test {

void watch_heap() noexcept {
  allocations = 0;
  watching = true;
}

long allocations_watched() noexcept {
  watching = false;
  return allocations;
}

std::string first_allocation() { return allocations == 0 ? std::string{} : stack_of_first(); }

}  // namespace penstock::test

// NOLINTBEGIN(cppcoreguidelines-no-malloc,misc-new-delete-overloads,readability-inconsistent-declaration-parameter-name)
void* operator new(std::size_t bytes) { return allocate_or_throw(bytes, 0); }
void* operator new[](std::size_t bytes) { return allocate_or_throw(bytes, 0); }
void* operator new(std::size_t bytes, const std::nothrow_t& /*tag*/) noexcept { return allocate(bytes, 0); }
void* operator new[](std::size_t bytes, const std::nothrow_t& /*tag*/) noexcept { return allocate(bytes, 0); }
void* operator new(std::size_t bytes, std::align_val_t to) { return allocate_or_throw(bytes, std::size_t(to)); }
void* operator new[](std::size_t bytes, std::align_val_t to) { return allocate_or_throw(bytes, std::size_t(to)); }
// Not inlined: g++ would see free() beside a new-expression and warn of a mismatch that is none.
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t /*bytes*/) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t /*bytes*/) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t /*to*/) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t /*to*/) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t /*bytes*/, std::align_val_t /*to*/) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t /*bytes*/, std::align_val_t /*to*/) noexcept { std::free(memory); }
// NOLINTEND(cppcoreguidelines-no-malloc,misc-new-delete-overloads,readability-inconsistent-declaration-parameter-name)

#if defined(__linux__) && !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
// moodycamel takes its blocks from malloc() itself. glibc's own names are behind these.
extern "C" {
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming): glibc's.
void* __libc_malloc(std::size_t bytes);
// NOLINTNEXTLINE(cert-dcl58-cpp,readability-inconsistent-declaration-parameter-name): as above.
void* malloc(std::size_t bytes) noexcept {
  count_allocation();
  return __libc_malloc(bytes);
}
}
#endif
