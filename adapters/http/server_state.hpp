// What the I/O threads of one server share, and what each of them counts. Private to the room.

#pragma once

#include "http/awaited.hpp"
#include "http/connection_limits.hpp"
#include "http/route_table.hpp"
#include "http/server.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace penstock::http {

struct ServerState {
  ServerState(ServerOptions server_options, std::vector<Route> server_routes)
      : options{std::move(server_options)},
        routes{std::move(server_routes)},
        limits{options.connections_max, options.connections_per_address_max} {}

  const ServerOptions options;
  const RouteTable routes;
  ConnectionLimits limits;
  Awaited awaited;
};

/// Written by one I/O thread, read by any: a load and a store instead of a locked addition.
class LoopCounter {
 public:
  void add(std::size_t amount) noexcept { set(value() + amount); }
  void subtract(std::size_t amount) noexcept { set(value() - amount); }
  [[nodiscard]] std::size_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  void set(std::size_t value) noexcept { value_.store(value, std::memory_order_relaxed); }
  std::atomic<std::size_t> value_{0};
};

struct LoopCounters {
  static constexpr int kStatusMin = 200;
  static constexpr int kStatusEnd = 600;

  LoopCounter connections;
  LoopCounter memory_bytes;
  std::array<LoopCounter, kStatusEnd - kStatusMin> answers;

  void count_answer(int status) noexcept {
    const bool known = status >= kStatusMin && status < kStatusEnd;
    answers[static_cast<std::size_t>((known ? status : 500) - kStatusMin)].add(1);
  }
};

}  // namespace penstock::http
