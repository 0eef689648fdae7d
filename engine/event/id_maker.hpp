// Makes event ids: UUIDv7 (RFC 9562, 5.7), 48 bits of Unix milliseconds and 74 random bits.
//
//     EventId id = ids.make(event_time_ns);
//
// Threads: one. About 3 ns, no system call: the random bits are xoshiro256** (Blackman, Vigna 2018), seeded once from
// the system. They make ids unique, not secret.

#pragma once

#include <penstock/event.hpp>

#include <array>
#include <bit>
#include <cstdint>
#include <random>

namespace penstock::event {

class IdMaker {
 public:
  IdMaker() {
    std::random_device seed;
    for (std::uint64_t& word : state_) word = (std::uint64_t{seed()} << 32U) | seed();
  }

  [[nodiscard]] EventId make(std::int64_t wall_ns) noexcept {
    const auto ms = static_cast<std::uint64_t>(wall_ns / 1'000'000);
    const std::uint64_t high = (ms << 16U) | 0x7000U | (next() & 0x0FFFU);
    const std::uint64_t low = (std::uint64_t{2} << 62U) | (next() >> 2U);
    const std::array<std::uint64_t, 2> words{big_endian(high), big_endian(low)};
    return std::bit_cast<EventId>(words);
  }

 private:
  static std::uint64_t rotate(std::uint64_t x, unsigned by) noexcept { return (x << by) | (x >> (64U - by)); }

  static std::uint64_t big_endian(std::uint64_t word) noexcept {
    return std::endian::native == std::endian::big ? word : __builtin_bswap64(word);
  }

  std::uint64_t next() noexcept {
    const std::uint64_t result = rotate(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17U;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = rotate(state_[3], 45);
    return result;
  }

  std::array<std::uint64_t, 4> state_{};
};

}  // namespace penstock::event
