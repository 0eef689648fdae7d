// Where to listen: an address and a port.
//
//     parse_endpoint("[::1]:8080")    // {"::1", 8080}
//
// `localhost:8080` is 127.0.0.1, `:8080` every IPv4 address; other names are refused: what they mean changes under a
// running daemon. Threads: pure functions.

#pragma once

#include "config/units.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace penstock::config {

struct Endpoint {
  std::string address;     ///< IPv4 or IPv6, no brackets.
  std::uint16_t port = 0;  ///< 0: any free one.

  [[nodiscard]] std::string text() const;           ///< `127.0.0.1:8080`, `[::1]:8080`.
  [[nodiscard]] bool is_loopback() const noexcept;  ///< 127.0.0.0/8 or ::1.
  /// Where a client on this machine finds it: loopback for an unspecified address.
  [[nodiscard]] Endpoint reachable() const;
};

[[nodiscard]] Parsed<Endpoint> parse_endpoint(std::string_view text);

}  // namespace penstock::config
