// A standing request for events, for as long as the object lives.
//
//     penstock::Subscription pushes = broker.subscribe("github.push", on_push, {.name = "indexer"});
//     ... pushes.stats().dropped ...
//     pushes.unsubscribe();   // once it has returned, on_push is not running, will not run, and is destroyed
//
// Threads: a Subscription may be used from any thread, by one at a time; stats() by several.

#pragma once

#include <penstock/event.hpp>
#include <penstock/export.hpp>
#include <penstock/stats.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace penstock {

class BrokerCore;  // engine/broker/broker_core.hpp
namespace delivery {
class Live;  // engine/delivery/live.hpp
}

/// Called for each event. An exception that leaves it is caught, reported and counted as a failed attempt; a live
/// subscription has no second one, so the delivery counts as `dead`.
using Handler = std::function<void(const Event&)>;

enum class Execution : std::uint8_t {
  pool,       ///< In the handler pool: isolated from its neighbours; never twice at once.
  in_worker,  ///< Inline, where the event is dispatched: fastest. A slow handler delays its neighbours; it may run on
              ///< several workers at once for events of different Publishers.
};

/// What to do when a live subscription's queue is full.
enum class Overflow : std::uint8_t {
  drop_oldest,  ///< Forget the oldest batches: counted as dropped, and told through `on_gap`.
  disconnect,   ///< End the subscription: what is queued counts as dropped, `on_gap` gets the count, nothing follows.
  refuse,       ///< Publishers of matching events get `full` until there is room.
};

struct SubscribeOptions {
  std::string name = {};  ///< For counters; empty: counted under `handler`.
  Execution execution = Execution::pool;
  std::size_t queue_bytes_max = 16U << 20U;  ///< Of batches held for it. An empty queue takes one batch of any size.
  Overflow overflow = Overflow::drop_oldest;
  /// Told of events that were dropped, before the next one is delivered. On the thread that delivers; must not block.
  std::function<void(std::uint64_t dropped)> on_gap = {};
};

class PENSTOCK_EXPORT Subscription {
 public:
  Subscription() noexcept = default;
  Subscription(Subscription&& other) noexcept = default;
  Subscription& operator=(Subscription&& other) noexcept;
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;
  ~Subscription();  ///< Unsubscribes.

  /// A barrier: see above. Idempotent. From inside the handler itself, or in a ring of handlers that wait for each
  /// other, it returns at once and the call in progress is the last. Takes a lock; waits for a running call.
  void unsubscribe() noexcept;

  /// Only for subscribe_mailbox(): gives up to `events_max` queued events to `visit`, oldest first, on this thread, and
  /// settles each as it returns. Returns how many. Several threads must not take at once.
  std::size_t take(std::size_t events_max, const std::function<void(const Event&)>& visit);

  [[nodiscard]] bool ended() const noexcept;  ///< Unsubscribed, disconnected by overflow, or the broker is closed.
  [[nodiscard]] SubscriptionStats stats() const;

 private:
  friend class Broker;
  Subscription(std::shared_ptr<BrokerCore> broker, std::shared_ptr<delivery::Live> live) noexcept;

  std::shared_ptr<BrokerCore> broker_;
  std::shared_ptr<delivery::Live> live_;
};

}  // namespace penstock
