// What a listener serves and how far: its routes, limits and guard, switched as one while requests pass. Private to the
// room.
//
//     if (!state.table.is(table_.get())) table_ = state.table.get();     // a connection, at the head of a request
//
// The price of being switchable is one load a request, of a line that nobody writes between two switches; the lock is
// taken only by a connection that is new or has found another table. A plain pointer tells tables apart: whoever asks
// holds the table it asks about, so no other can have its address. A std::atomic<std::shared_ptr> would have cost two
// locked additions a request instead, on a line that all I/O threads share.
//
// Threads: any. Allocates nothing. The last connection that lets go of a table ends it, on its I/O thread.

#pragma once

#include "http/route_table.hpp"
#include "http/server.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace penstock::http {

struct ServerTable {
  ServerTable(ServerOptions table_options, std::vector<Route> table_routes)
      : options{std::move(table_options)}, routes{std::move(table_routes)} {}

  const ServerOptions options;
  const RouteTable routes;
};

class CurrentTable {
 public:
  using Table = std::shared_ptr<const ServerTable>;

  explicit CurrentTable(Table first) noexcept : table_{std::move(first)}, address_{table_.get()} {}

  [[nodiscard]] bool is(const ServerTable* table) const noexcept {
    return address_.load(std::memory_order_acquire) == table;
  }
  [[nodiscard]] Table get() const noexcept {
    const std::lock_guard lock{mutex_};
    return table_;
  }
  void set(Table next) noexcept {
    const std::lock_guard lock{mutex_};
    table_.swap(next);  // The old one ends behind the lock, if nobody holds it.
    address_.store(table_.get(), std::memory_order_release);
  }

 private:
  mutable std::mutex mutex_;
  Table table_;
  alignas(64) std::atomic<const ServerTable*> address_;
};

}  // namespace penstock::http
