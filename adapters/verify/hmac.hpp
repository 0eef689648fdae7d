// SHA-256 and HMAC-SHA256 (FIPS 180-4, RFC 2104) with the key schedule done once, at set-up.
//
//     const verify::HmacKey key{secret.reveal()};
//     verify::Digest mac;
//     if (key.sign(body, mac) && verify::equal(mac, given)) ...
//
// The keyed inner and outer states are only ever copied, into a scratch context of the calling thread: 1 KiB costs
// 0.6 µs on OpenSSL 3.0, where the one-shot HMAC() fetches and keys anew for another 0.8 µs.
// Threads: any number at once. Never blocks. Allocation: none of ours after a thread's first call; OpenSSL 3.0 takes
// and gives back one small block for each state that it copies or begins.

#pragma once

#include <array>
#include <memory>
#include <string_view>

namespace penstock::verify {

using Digest = std::array<unsigned char, 32>;

/// False only when OpenSSL has no memory; `out` then means nothing.
[[nodiscard]] bool sha256(std::string_view bytes, Digest& out) noexcept;

/// Takes as long whatever differs.
[[nodiscard]] bool equal(const Digest& a, const Digest& b) noexcept;

class HmacKey {
 public:
  explicit HmacKey(std::string_view secret);  ///< Throws std::runtime_error when OpenSSL cannot do SHA-256.
  HmacKey(HmacKey&& other) noexcept;
  HmacKey& operator=(HmacKey&& other) noexcept;
  HmacKey(const HmacKey&) = delete;
  HmacKey& operator=(const HmacKey&) = delete;
  ~HmacKey();  ///< OpenSSL wipes both states.

  /// False only when OpenSSL has no memory; `out` then means nothing.
  [[nodiscard]] bool sign(std::string_view message, Digest& out) const noexcept;

 private:
  struct States;
  std::unique_ptr<States> states_;
};

}  // namespace penstock::verify
