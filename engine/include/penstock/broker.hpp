// The engine's front door: publish events, subscribe to topics.
//
//     penstock::Broker broker{{.workers = 2}};
//     penstock::Subscription pushes = broker.subscribe("github.push", [](const penstock::Event& e) { index(e); });
//     penstock::Publisher publisher = broker.publisher();
//     if (publisher.publish(std::move(event)) == penstock::Verdict::full) answer(503);
//
// Threads: every member may be called from any thread, also from inside a handler, except the destructor.
// Errors: the constructor, route(), source(), subscribe() and publisher() throw SetupError; publish() and close() never
// throw. No signal handlers, no global state, no output.

#pragma once

#include <penstock/dedup.hpp>
#include <penstock/error.hpp>
#include <penstock/event.hpp>
#include <penstock/export.hpp>
#include <penstock/journal.hpp>
#include <penstock/publisher.hpp>
#include <penstock/route.hpp>
#include <penstock/stats.hpp>
#include <penstock/subscription.hpp>
#include <penstock/topic.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock {

/// What an idle worker does. `spin` burns a core for the shortest latency; `park` costs nothing while idle.
enum class Wait : std::uint8_t { park, spin };

/// Whose threads drain shards: look up who wants an event, fill mailboxes, run inline handlers.
enum class Dispatch : std::uint8_t {
  workers,  ///< The broker's own.
  caller,   ///< The publishing thread, inside publish, after its event was queued: no hand-over, the shortest way. If
            ///< another thread drains that shard already, it takes the event too. What an inline handler publishes is
            ///< only queued; the drain that runs the handler comes to it. There are no workers.
  poll,     ///< Whoever calls Broker::poll(): for hosts with a loop of their own. There are no workers.
};

struct BrokerOptions {
  std::size_t workers = 0;  ///< Threads that drain shards; 0: half the hardware's, at least 1, if `dispatch` has any.
  Wait wait = Wait::park;
  Dispatch dispatch = Dispatch::workers;
  std::vector<int> pin = {};  ///< Processors to pin workers to, the first to the first, in turn. Empty: not pinned.
  std::size_t memory_bytes_max =
      1U << 30U;  ///< Budget for all that the broker holds, at least 16 MiB. Past it: `full`.
  std::size_t payload_bytes_max = 25U << 20U;  ///< A larger payload is `too_large`. (GitHub sends up to 25 MB.)
  /// For the delivery ids that were seen, at least 64 KiB: 64 MiB hold about 1.4 million. Part of the budget, of which
  /// it takes a quarter at most; taken when the first ids come. Full, the oldest ids go first: the window shortens
  /// (BrokerStats::dedup_known_seconds).
  std::size_t dedup_bytes_max = 64U << 20U;
  /// Keeps every event on disk before it is delivered, and its receipt tells so. Only with Dispatch::workers. The
  /// constructor throws JournalError when it is damaged or its disk fails. nullopt: memory only.
  std::optional<JournalOptions> journal = std::nullopt;
  /// Told once of the first failed write or sync: from then on every publish says `full`, until a new broker has opened
  /// the journal. On the commit thread; must not block or throw.
  std::function<void(std::string_view what)> on_journal_failure = {};
  std::chrono::milliseconds drain_limit{30'000};  ///< The longest that close() waits for handlers.
  /// Told of each exception that left a handler. On the thread that delivers; must not block or throw.
  std::function<void(std::string_view subscription, std::string_view what)> on_handler_error = {};
};

class PENSTOCK_EXPORT Broker {
 public:
  explicit Broker(const BrokerOptions& options = {});
  ~Broker();  ///< Closes first. Must not run inside a handler. Events that a caller still holds stay valid.

  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  /// Names a sender: its counters, and the base topic of its events (empty: the name is the topic). The same name
  /// again gives the same source; with another topic, or past 10,000 sources, it throws.
  [[nodiscard]] Source source(std::string_view name, std::string_view topic = {});

  /// How events of base topic `topic` get their sub-topic, from the next publish on. Replaces an earlier route.
  void route(std::string_view topic, const Route& route);
  /// From the next publish on events of `topic` keep their base topic, and none counts as unrouted. A topic without a
  /// route is left as it is. Replaced routes are kept until the broker ends (a publish may be reading one): some
  /// hundred bytes each.
  void unroute(std::string_view topic) noexcept;

  /// A new way in, bound to one shard. Events of one Publisher reach each subscription in the order of publishing.
  /// Takes a lock and allocates: once per thread, not per event. 16 a shard, then a shard is added; throws above 1,024.
  [[nodiscard]] Publisher publisher();

  /// Calls `handler` for each event accepted from now on whose base topic or topic matches `pattern`. The subscription
  /// ends with the returned object. O(topics), takes a lock: not for the hot path.
  [[nodiscard]] Subscription subscribe(std::string_view pattern, Handler handler, SubscribeOptions options = {});
  /// One subscription to several patterns: an event that matches more than one is delivered once.
  [[nodiscard]] Subscription subscribe(const std::vector<std::string>& patterns, Handler handler,
                                       SubscribeOptions options = {});
  /// The same for `{"github.push", "gitlab.*"}`, which would fit a string_view too.
  [[nodiscard]] Subscription subscribe(std::initializer_list<std::string_view> patterns, Handler handler,
                                       SubscribeOptions options = {});

  /// For subscribers with a thread of their own: events wait in the subscription's mailbox until Subscription::take().
  /// `on_filled` is called when an empty mailbox got its first batch, and when the subscription ended; on a worker's
  /// thread, so it must only wake somebody. `execution` is not used.
  [[nodiscard]] Subscription subscribe_mailbox(const std::vector<std::string>& patterns,
                                               std::function<void()> on_filled, SubscribeOptions options = {});

  /// Charges the budget for bytes that an adapter holds on this broker's behalf (buffers of connections and streams).
  /// False: it is spent, and nothing was charged. Lock-free; any thread.
  [[nodiscard]] bool charge(std::size_t bytes) noexcept;
  void uncharge(std::size_t bytes) noexcept;

  /// Drains up to `events_max` events on this thread and returns how many; inline handlers run here. For
  /// Dispatch::poll; elsewhere it helps those who drain, and may then hand over more. From inside an inline handler it
  /// does nothing. Several threads may poll at once. Does not wait; O(shards) when there is nothing.
  std::size_t poll(std::size_t events_max);

  /// Keeps `sink` until the broker is closed and every receipt given, whoever else lets go of it before.
  void keep(std::shared_ptr<ReceiptSink> sink);

  [[nodiscard]] bool has_journal() const noexcept;
  /// Reads the journal from `offset` on (1 is the first there ever was). Throws SetupError: there is no journal, or no
  /// memory for a reader.
  [[nodiscard]] JournalReader read_journal(std::uint64_t offset);
  /// The first offset whose event is not older than `time`, or the next one to be. 0: there is no journal.
  [[nodiscard]] std::uint64_t journal_position(std::chrono::system_clock::time_point time) const;

  [[nodiscard]] BrokerStats stats() const;

  /// BrokerOptions::drain_limit, for a close() that has not begun.
  void drain_limit(std::chrono::milliseconds limit) noexcept;

  /// Refuses new events, delivers those accepted, stops the threads. True: nothing was left undelivered; what was left
  /// at the drain limit counts as dropped. Called again, or by several threads at once, it waits for the same end and
  /// gives the same answer. From inside a handler it only refuses new events and answers false. Where there are no
  /// workers it drains what is left itself; an inline handler that does not return then holds it past the limit.
  bool close() noexcept;

 private:
  std::shared_ptr<BrokerCore> core_;
};

}  // namespace penstock
