// What the I/O threads of one server share, and what each of them counts. Private to the room.

#pragma once

#include "http/awaited.hpp"
#include "http/connection_limits.hpp"
#include "http/server.hpp"
#include "http/server_table.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace penstock::http {

class IoLoop;

struct ServerState {
  ServerState(ServerOptions server_options, std::vector<Route> server_routes)
      : options{without_guard(server_options)},
        limits{options.connections_max, options.connections_per_address_max},
        table{std::make_shared<const ServerTable>(std::move(server_options), std::move(server_routes))} {}

  const ServerOptions options;  // Of the start, for what is never switched: name, address, threads, budget.
  ConnectionLimits limits;
  Awaited awaited;
  CurrentTable table;

  // Written before their threads begin. Apart, since wakers hold it and may outlive the server: they shall not keep
  // alive what the options hold, which may be who keeps the waker.
  const std::shared_ptr<std::vector<std::weak_ptr<IoLoop>>> loops =
      std::make_shared<std::vector<std::weak_ptr<IoLoop>>>();

 private:
  // It may hold tokens, which shall end with the table they came with.
  static ServerOptions without_guard(ServerOptions options) {
    options.guard = {};
    return options;
  }
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
