// A live subscription: sees events as they pass. Where its handler runs, and what became of each event.
//
//     claim holder:  way in_worker: live.run_inline(batch, mask, cell); else if (live.put(batch, mask))
//     pool.schedule(live); handler pool:  live.run_queued(entries_max);
//
// Threads: the claim holders' calls stand between a store of `current` and its end (subscriber_table.hpp), the pool's
// between Mailbox::begin and finish: unsubscribe waits for both before the handler goes.

#pragma once

#include "delivery/call_gate.hpp"
#include "delivery/mailbox.hpp"
#include "metrics/counter.hpp"
#include "os/atomics.hpp"
#include <penstock/subscription.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::delivery {

inline constexpr std::size_t kClaimsMax = 64;  ///< Shards of a broker: 1,024 Publishers, 16 a shard.

enum class Way : std::uint8_t { pool, in_worker, taken };

class Live {
 public:
  struct Callbacks {
    Handler handler = {};                  ///< Way::pool and in_worker.
    std::function<void()> on_filled = {};  ///< Way::taken.
    std::function<void(std::string_view, std::string_view)> on_handler_error = {};
  };

  Live(std::vector<std::string> patterns, Way way, SubscribeOptions options, Callbacks callbacks,
       RefusingCount& refusing);
  ~Live();
  Live(const Live&) = delete;
  Live& operator=(const Live&) = delete;

  [[nodiscard]] Way way() const noexcept { return way_; }
  [[nodiscard]] const std::vector<std::string>& patterns() const noexcept { return patterns_; }
  [[nodiscard]] const std::string& name() const noexcept { return options_.name; }
  [[nodiscard]] const RefusingCount& broker() const noexcept { return mailbox_.refusing_count(); }
  [[nodiscard]] bool wants(std::string_view base_topic, std::string_view topic) const noexcept;

  // The claim holder's.
  /// Way::in_worker: calls the handler for the events of `mask`. `cell` is the claim's number.
  void run_inline(const event::Batch& batch, std::uint64_t mask, std::size_t cell) noexcept;
  /// Way::in_worker, when the broker closes: matched, and will not be delivered.
  void drop_inline(std::uint64_t mask, std::size_t cell) noexcept;
  /// The other ways: queues. Takes over one reference. True: the handler pool is to run it.
  [[nodiscard]] bool put(event::Batch* batch, std::uint64_t mask) noexcept;

  /// The handler pool's: up to `entries_max` batches. True: there is more.
  bool run_queued(std::size_t entries_max) noexcept;
  /// Way::taken: the subscriber's own thread.
  std::size_t take(std::size_t events_max, const std::function<void(const Event&)>& visit);

  /// Marks it closed: claim holders who look from now on pass by. False: it was.
  [[nodiscard]] bool mark_closed() noexcept { return gate_.mark_closed(); }
  [[nodiscard]] bool closed() const noexcept { return gate_.closed(); }
  [[nodiscard]] CallGate<>& gate() noexcept { return gate_; }
  /// The broker is closed: delivers nothing more, forgets what is queued (dropped). A call in progress is the last.
  void cut_off() noexcept;
  /// The handler goes when the last call has left, not by unsubscribe: set where that could not wait.
  void defer_destruction() noexcept { gate_.defer_destruction(); }
  /// Only when no call runs or can begin. Destroys handler and callbacks, once.
  void destroy_callbacks() noexcept;
  /// The end, told to a subscriber that takes.
  void tell_ended() const noexcept;

  /// Nothing waits for it, nothing runs, and a subscriber that the handler pool calls knows of each gap. One that takes
  /// may never come again: nobody waits for it to hear.
  [[nodiscard]] bool idle() const noexcept { return mailbox_.idle() && (way_ != Way::pool || !mailbox_.owes_gap()); }

  [[nodiscard]] Mailbox& mailbox() noexcept { return mailbox_; }
  [[nodiscard]] const Mailbox& mailbox() const noexcept { return mailbox_; }
  [[nodiscard]] SubscriptionStats stats() const;

 private:
  struct alignas(64) Cell {
    metrics::Counter matched, ok, dead, dropped;
  };

  /// One call; false: an exception left it.
  [[nodiscard]] bool call(const Handler& handler, event::Block* block) const noexcept;
  [[nodiscard]] Mailbox::Settled run(const Handler& handler, const event::Batch& batch,
                                     std::uint64_t mask) const noexcept;
  void tell_gap(std::uint64_t gap) const noexcept;

  const std::vector<std::string> patterns_;
  const Way way_;
  SubscribeOptions options_;
  Callbacks callbacks_;
  CallGate<> gate_;
  os::Atomic<bool> cut_off_{false};
  os::Atomic<bool> told_end_{false};
  os::Atomic<bool> took_{false};  // take() re-entered from its own visitor finds it set.
  Mailbox mailbox_;
  const std::unique_ptr<Cell[]> cells_;  // Way::in_worker: one a claim, so that nobody shares a counter.
};

}  // namespace penstock::delivery
