#include "http/connection_limits.hpp"

#include <algorithm>

namespace penstock::http {

namespace {

constexpr PeerAddress kMappedV4{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr PeerAddress kLoopbackV6{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

bool is_v4(const PeerAddress& address) noexcept {
  return std::equal(address.begin(), address.begin() + 12, kMappedV4.begin());
}

bool is_loopback(const PeerAddress& address) noexcept {
  return address == kLoopbackV6 || (is_v4(address) && address[12] == 127);
}

PeerAddress counted_as(PeerAddress address) noexcept {
  if (!is_v4(address)) std::fill(address.begin() + 8, address.end(), static_cast<unsigned char>(0));
  return address;
}

}  // namespace

bool ConnectionLimits::admit(const PeerAddress& address) {
  const std::lock_guard lock{mutex_};
  if (connections_ >= connections_max_) return false;
  if (!is_loopback(address)) {
    std::size_t& count = by_address_[counted_as(address)];
    if (per_address_max_ != 0 && count >= per_address_max_) return false;
    ++count;
  }
  ++connections_;
  return true;
}

void ConnectionLimits::leave(const PeerAddress& address) {
  const std::lock_guard lock{mutex_};
  --connections_;
  if (is_loopback(address)) return;
  const auto found = by_address_.find(counted_as(address));
  if (--found->second == 0) by_address_.erase(found);
}

void ConnectionLimits::set(std::size_t connections_max, std::size_t per_address_max) {
  const std::lock_guard lock{mutex_};
  connections_max_ = connections_max;
  per_address_max_ = per_address_max;
}

std::size_t ConnectionLimits::connections() const {
  const std::lock_guard lock{mutex_};
  return connections_;
}

}  // namespace penstock::http
