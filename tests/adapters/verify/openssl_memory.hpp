// Takes OpenSSL's memory away, on purpose.
//
//     ASSERT_TRUE(verify::openssl_memory_is_ours());
//     const verify::NoOpensslMemory none;    // until the end of the scope no allocation of OpenSSL succeeds
//
// Linked in, openssl_memory.cpp takes over OpenSSL's allocations before main(), the only time that OpenSSL lets one do
// so. One scope at a time; for all threads.

#pragma once

namespace penstock::verify {

[[nodiscard]] bool openssl_memory_is_ours() noexcept;

class NoOpensslMemory {
 public:
  NoOpensslMemory() noexcept;
  ~NoOpensslMemory();
  NoOpensslMemory(const NoOpensslMemory&) = delete;
  NoOpensslMemory& operator=(const NoOpensslMemory&) = delete;
};

}  // namespace penstock::verify
