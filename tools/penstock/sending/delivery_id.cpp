#include "sending/delivery_id.hpp"

#include <cstddef>

namespace penstock::sending {

std::string DeliveryIds::fresh() {
  constexpr std::string_view shape = "00000000-0000-4000-8000-000000000000";
  constexpr std::string_view digits = "0123456789abcdef";
  constexpr std::size_t version_at = 14;
  constexpr std::size_t variant_at = 19;
  std::string id{shape};
  for (std::size_t i = 0; i < id.size(); ++i) {
    if (id[i] == '-' || i == version_at) continue;
    const std::size_t digit = random_() & 0xFU;
    id[i] = digits[i == variant_at ? 8 + digit % 4 : digit];
  }
  return id;
}

char DeliveryIds::other(char c) {
  const auto among = [&](char first, unsigned count) {
    return static_cast<char>(first + static_cast<char>(random_() % count));
  };
  if (c >= '1' && c <= '9') return among('1', 9);  // Never a leading zero: an id may be a number.
  if (c == '0') return among('0', 10);
  if (c >= 'a' && c <= 'f') return among('a', 6);
  if (c >= 'A' && c <= 'F') return among('A', 6);
  if (c >= 'g' && c <= 'z') return among('g', 20);
  if (c >= 'G' && c <= 'Z') return among('G', 20);
  return c;
}

void DeliveryIds::replace(std::string& body, const Place& place) {
  for (std::size_t i = place.begin; i < place.end; ++i) {
    if (body[i] == '\\') {
      ++i;  // What stands behind a backslash has a meaning of its own.
    } else {
      body[i] = other(body[i]);
    }
  }
}

std::string id_of(std::string_view body) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;  // FNV-1a, 64 bits.
  for (const char c : body) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return DeliveryIds{hash}.fresh();
}

}  // namespace penstock::sending
