#include "journal/crc32c.hpp"

#include <array>
#include <cstring>

namespace penstock::journal {

namespace {

constexpr std::uint32_t kPolynomial = 0x82F63B78U;  // Reflected, as the RFC has it.

// tables[k][b]: what byte b does to the sum when k more bytes follow it.
constexpr auto make_tables() noexcept {
  std::array<std::array<std::uint32_t, 256>, 8> tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t sum = byte;
    for (int bit = 0; bit < 8; ++bit) sum = (sum & 1U) != 0 ? (sum >> 1U) ^ kPolynomial : sum >> 1U;
    tables[0][byte] = sum;
  }
  for (std::size_t k = 1; k < tables.size(); ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = tables[k - 1][byte];
      tables[k][byte] = (before >> 8U) ^ tables[0][before & 0xFFU];
    }
  }
  return tables;
}
constexpr auto kTables = make_tables();

std::uint64_t word_at(const char* data) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, data, sizeof word);
  return word;
}

using Way = std::uint32_t (*)(std::uint32_t, const char*, std::size_t) noexcept;

Way best_way() noexcept { return crc32c_has_instruction() ? crc32c_by_instruction : crc32c_by_table; }

}  // namespace

std::uint32_t crc32c_by_table(std::uint32_t sum, const char* data, std::size_t bytes) noexcept {
  sum = ~sum;
  for (; bytes >= 8; data += 8, bytes -= 8) {
    const std::uint64_t word = word_at(data) ^ sum;
    sum = 0;
    for (unsigned i = 0; i < 8; ++i) sum ^= kTables[7 - i][(word >> (8 * i)) & 0xFFU];
  }
  for (; bytes != 0; ++data, --bytes) {
    sum = (sum >> 8U) ^ kTables[0][(sum ^ static_cast<unsigned char>(*data)) & 0xFFU];
  }
  return ~sum;
}

#if defined(__x86_64__)

bool crc32c_has_instruction() noexcept { return __builtin_cpu_supports("sse4.2") != 0; }

namespace {

// What `bytes` zero bytes do to a sum is linear in the sum: four lookups, one for each of its bytes.
using Shift = std::array<std::array<std::uint32_t, 256>, 4>;

constexpr std::uint32_t zeros_behind(std::uint32_t sum, std::size_t bytes) noexcept {
  for (std::size_t i = 0; i < bytes; ++i) sum = (sum >> 8U) ^ kTables[0][sum & 0xFFU];
  return sum;
}

Shift make_shift(std::size_t bytes) noexcept {
  std::array<std::uint32_t, 32> of_bit{};
  for (std::size_t bit = 0; bit < 32; ++bit) of_bit[bit] = zeros_behind(1U << bit, bytes);
  Shift shift{};
  for (std::size_t place = 0; place < 4; ++place) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      for (std::size_t bit = 0; bit < 8; ++bit) {
        if ((byte >> bit & 1U) != 0) shift[place][byte] ^= of_bit[place * 8 + bit];
      }
    }
  }
  return shift;
}

std::uint32_t shifted(const Shift& shift, std::uint32_t sum) noexcept {
  return shift[0][sum & 0xFFU] ^ shift[1][sum >> 8U & 0xFFU] ^ shift[2][sum >> 16U & 0xFFU] ^ shift[3][sum >> 24U];
}

// The instruction gives its result three cycles later but may be begun each cycle: three stretches side by side.
constexpr std::size_t kStretch = 512;

}  // namespace

__attribute__((target("sse4.2"))) std::uint32_t crc32c_by_instruction(std::uint32_t sum, const char* data,
                                                                      std::size_t bytes) noexcept {
  static const Shift over = make_shift(kStretch);
  std::uint64_t first = static_cast<std::uint32_t>(~sum);
  for (; bytes >= 3 * kStretch; data += 3 * kStretch, bytes -= 3 * kStretch) {
    std::uint64_t second = 0;
    std::uint64_t third = 0;
    for (std::size_t at = 0; at < kStretch; at += 8) {
      first = __builtin_ia32_crc32di(first, word_at(data + at));
      second = __builtin_ia32_crc32di(second, word_at(data + kStretch + at));
      third = __builtin_ia32_crc32di(third, word_at(data + 2 * kStretch + at));
    }
    const std::uint32_t both = shifted(over, static_cast<std::uint32_t>(first)) ^ static_cast<std::uint32_t>(second);
    first = shifted(over, both) ^ static_cast<std::uint32_t>(third);
  }
  for (; bytes >= 8; data += 8, bytes -= 8) first = __builtin_ia32_crc32di(first, word_at(data));
  auto last = static_cast<std::uint32_t>(first);
  for (; bytes != 0; ++data, --bytes) last = __builtin_ia32_crc32qi(last, static_cast<unsigned char>(*data));
  return ~last;
}

#else

bool crc32c_has_instruction() noexcept { return false; }

std::uint32_t crc32c_by_instruction(std::uint32_t sum, const char* data, std::size_t bytes) noexcept {
  return crc32c_by_table(sum, data, bytes);
}

#endif

std::uint32_t crc32c(std::uint32_t sum, const char* data, std::size_t bytes) noexcept {
  static const Way way = best_way();
  return way(sum, data, bytes);
}

}  // namespace penstock::journal
