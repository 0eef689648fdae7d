#include "journal/siphash.hpp"

#include <bit>
#include <cstring>

namespace penstock::journal {

static_assert(std::endian::native == std::endian::little, "words are read as they lie in memory");

// The four constants are "somepseudorandomlygeneratedbytes"; 0xee marks the 128-bit variant.
SipHash::SipHash(const SipKey& key) noexcept
    : v_{key.low ^ 0x736f6d6570736575U, key.high ^ 0x646f72616e646f6dU ^ 0xeeU, key.low ^ 0x6c7967656e657261U,
         key.high ^ 0x7465646279746573U} {}

void SipHash::round() noexcept {
  v_[0] += v_[1];
  v_[2] += v_[3];
  v_[1] = std::rotl(v_[1], 13) ^ v_[0];
  v_[3] = std::rotl(v_[3], 16) ^ v_[2];
  v_[0] = std::rotl(v_[0], 32);
  v_[2] += v_[1];
  v_[0] += v_[3];
  v_[1] = std::rotl(v_[1], 17) ^ v_[2];
  v_[3] = std::rotl(v_[3], 21) ^ v_[0];
  v_[2] = std::rotl(v_[2], 32);
}

void SipHash::take_word(std::uint64_t word) noexcept {
  v_[3] ^= word;
  round();
  round();
  v_[0] ^= word;
}

void SipHash::add(std::string_view bytes) noexcept {
  const char* at = bytes.data();
  const char* end = at + bytes.size();
  std::size_t filled = bytes_ % 8;
  bytes_ += bytes.size();
  while (at != end) {
    if (filled == 0 && end - at >= 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, at, sizeof word);
      take_word(word);
      at += 8;
      continue;
    }
    pending_ |= std::uint64_t{static_cast<unsigned char>(*at++)} << (8 * filled);
    if (++filled == 8) {
      take_word(pending_);
      pending_ = 0;
      filled = 0;
    }
  }
}

Hash128 SipHash::finish() noexcept {
  take_word(pending_ | std::uint64_t{bytes_} << 56U);
  v_[2] ^= 0xeeU;
  for (int i = 0; i < 4; ++i) round();
  Hash128 hash;
  hash.low = v_[0] ^ v_[1] ^ v_[2] ^ v_[3];
  v_[1] ^= 0xddU;
  for (int i = 0; i < 4; ++i) round();
  hash.high = v_[0] ^ v_[1] ^ v_[2] ^ v_[3];
  return hash;
}

}  // namespace penstock::journal
