#include "adapters/verify/openssl_memory.hpp"

#include <openssl/crypto.h>

#include <atomic>
#include <cstddef>
#include <cstdlib>

namespace penstock::verify {
namespace {

std::atomic<bool> gone{false};  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables): OpenSSL takes no context

void* allocate(std::size_t bytes, const char* /*file*/, int /*line*/) { return gone ? nullptr : std::malloc(bytes); }
void* reallocate(void* memory, std::size_t bytes, const char* /*file*/, int /*line*/) {
  return gone ? nullptr : std::realloc(memory, bytes);
}
void release(void* memory, const char* /*file*/, int /*line*/) { std::free(memory); }

// Before main(): OpenSSL takes it only while it has allocated nothing. NOLINTNEXTLINE(cert-err58-cpp): C throws nothing
const bool kOurs = CRYPTO_set_mem_functions(allocate, reallocate, release) == 1;

}  // namespace

bool openssl_memory_is_ours() noexcept { return kOurs; }

NoOpensslMemory::NoOpensslMemory() noexcept { gone = true; }
NoOpensslMemory::~NoOpensslMemory() { gone = false; }

}  // namespace penstock::verify
