// SipHash-2-4 with 128 bits of result (Aumasson, Bernstein 2012): a hash that nobody can steer without its key.
//
//     SipHash hash{key};                    // key: secret, random, one for each index
//     hash.add(source); hash.add(id);       // the same as one add of both joined
//     DedupKey found = hash.finish();       // once
//
// For keys of tables that are filled from outside: who sends cannot make two ids meet. Not for signatures.
// Threads: one at a time. No allocation, no errors. About 1.5 ns a byte at the lengths of ids (16 to 64 bytes).

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace penstock::journal {

struct SipKey {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  friend bool operator==(const SipKey&, const SipKey&) = default;
};

struct Hash128 {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  friend bool operator==(const Hash128&, const Hash128&) = default;
};

class SipHash {
 public:
  explicit SipHash(const SipKey& key) noexcept;
  void add(std::string_view bytes) noexcept;
  [[nodiscard]] Hash128 finish() noexcept;

 private:
  void take_word(std::uint64_t word) noexcept;
  void round() noexcept;

  std::array<std::uint64_t, 4> v_;
  std::uint64_t pending_ = 0;  // Bytes that make no whole word yet, lowest first.
  std::size_t bytes_ = 0;      // All so far.
};

}  // namespace penstock::journal
