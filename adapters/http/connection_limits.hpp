// How many connections a listener may have: in all, and from one address. Shared by its I/O threads.
//
//     if (!limits.admit(address)) refuse();   …   limits.leave(address);
//
// An address is 16 bytes, IPv4 mapped into IPv6. Of IPv6 only the first 64 bits count: one host owns the rest.
// Any thread; takes a lock, once when a connection comes and once when it goes.

#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <mutex>

namespace penstock::http {

using PeerAddress = std::array<unsigned char, 16>;

class ConnectionLimits {
 public:
  /// `per_address_max` 0: no limit.
  ConnectionLimits(std::size_t connections_max, std::size_t per_address_max)
      : connections_max_{connections_max}, per_address_max_{per_address_max} {}

  /// False: past a limit, and nothing was counted.
  [[nodiscard]] bool admit(const PeerAddress& address);
  void leave(const PeerAddress& address);
  [[nodiscard]] std::size_t connections() const;

 private:
  const std::size_t connections_max_;
  const std::size_t per_address_max_;
  mutable std::mutex mutex_;
  std::size_t connections_ = 0;
  std::map<PeerAddress, std::size_t> by_address_;  // Only what is counted: never loopback. At most connections_max.
};

}  // namespace penstock::http
