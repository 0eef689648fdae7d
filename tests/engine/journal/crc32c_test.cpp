#include "journal/crc32c.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

namespace penstock::journal {
namespace {

using Way = std::uint32_t (*)(std::uint32_t, const char*, std::size_t) noexcept;
constexpr Way kWays[] = {crc32c, crc32c_by_table, crc32c_by_instruction};

std::string random_bytes(std::size_t bytes) {
  std::mt19937 random{7};
  std::string text(bytes, '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

TEST(Crc32c, AgreesWithTheExamplesOfRfc3720) {
  std::string rising(32, '\0');
  std::string falling(32, '\0');
  for (std::size_t i = 0; i < 32; ++i) {
    rising[i] = static_cast<char>(i);
    falling[i] = static_cast<char>(31 - i);
  }
  for (const Way way : kWays) {
    EXPECT_EQ(way(0, std::string(32, '\0').data(), 32), 0x8A9136AAU);
    EXPECT_EQ(way(0, std::string(32, '\xFF').data(), 32), 0x62A8AB43U);
    EXPECT_EQ(way(0, rising.data(), 32), 0x46DD794EU);
    EXPECT_EQ(way(0, falling.data(), 32), 0x113FDB5CU);
    EXPECT_EQ(way(0, "123456789", 9), 0xE3069283U);
    EXPECT_EQ(way(0, "", 0), 0U);
  }
}

TEST(Crc32c, IsTheSameByTableAndByInstructionAtEveryLengthAndAddress) {
  if (!crc32c_has_instruction()) GTEST_SKIP() << "this processor has no instruction for it";
  const std::string bytes = random_bytes(6'000);
  for (std::size_t length = 0; length < 5'000; length += length < 40 ? 1 : 97) {
    for (std::size_t from = 0; from < 9; ++from) {
      ASSERT_EQ(crc32c_by_instruction(5, bytes.data() + from, length), crc32c_by_table(5, bytes.data() + from, length))
          << length << " from " << from;
    }
  }
}

TEST(Crc32c, CanBeTakenInSteps) {
  const std::string bytes = random_bytes(4'096);
  const std::uint32_t whole = crc32c(0, bytes.data(), bytes.size());
  for (std::size_t cut = 0; cut <= bytes.size(); cut += 64) {
    ASSERT_EQ(crc32c(crc32c(0, bytes.data(), cut), bytes.data() + cut, bytes.size() - cut), whole);
  }
}

}  // namespace
}  // namespace penstock::journal
