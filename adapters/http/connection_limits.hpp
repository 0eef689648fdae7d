// How many connections a listener may have: in all, and from one address. Shared by its I/O threads.
//
//     if (!limits.admit(address)) refuse();   …   limits.leave(address);
//     limits.set(2000, 50);                   // closes nothing: whoever is in stays
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
  void set(std::size_t connections_max, std::size_t per_address_max);
  [[nodiscard]] std::size_t connections() const;

 private:
  mutable std::mutex mutex_;
  std::size_t connections_max_;
  std::size_t per_address_max_;
  std::size_t connections_ = 0;
  // Also while there is no limit: one may be set. Never loopback, so at most as many as there are connections.
  std::map<PeerAddress, std::size_t> by_address_;
};

}  // namespace penstock::http
