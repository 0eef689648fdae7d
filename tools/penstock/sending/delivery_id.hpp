// Delivery ids as senders make them.
//
//     DeliveryIds ids;
//     std::string header = ids.fresh();                     // a random UUID (RFC 9562, 5.4)
//     ids.replace(body, *find_json(body, "/id"));           // in place: same length, same shape
//
// Threads: one object a thread.

#pragma once

#include "sending/json_place.hpp"

#include <random>
#include <string>
#include <string_view>

namespace penstock::sending {

class DeliveryIds {
 public:
  DeliveryIds() : random_{std::random_device{}()} {}
  explicit DeliveryIds(std::uint64_t seed) : random_{seed} {}

  [[nodiscard]] std::string fresh();

  /// Each digit becomes another digit, each letter another of its kind (a to f stay hexadecimal), the rest stays.
  void replace(std::string& body, const Place& place);

 private:
  char other(char c);

  std::mt19937_64 random_;
};

/// An id that belongs to `body`: the same bytes get the same one, so that sending them again is a repeat.
[[nodiscard]] std::string id_of(std::string_view body);

}  // namespace penstock::sending
