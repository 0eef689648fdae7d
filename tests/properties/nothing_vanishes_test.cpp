// nothing-vanishes as a property: whatever is done to a broker, in whatever order, at rest
//   per source        received = accepted + duplicate + refused,
//   per subscription  matched = ok + dead + dropped + lag,
// and lag is 0 once the broker is closed, so that the sum is none of the engine's own making. Beside the broker the
// test counts by itself what it published, what handlers saw, and what one subscription to everything must have
// matched.
//
// rapidcheck makes random sequences of what users can do over the public headers, and shrinks one that fails to the
// shortest that still does. RC_PARAMS="seed=N max_success=10000" runs others, and more of them.

#include "support/broker_maker.hpp"
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <ostream>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace penstock {
namespace {

enum class Act : std::uint8_t { publish, repeat, refuse, subscribe, unsubscribe, block, unblock, take, poll, close };
constexpr std::array<std::string_view, 10> kActNames = {"publish", "repeat",  "refuse", "subscribe", "unsubscribe",
                                                        "block",   "unblock", "take",   "poll",      "close"};

/// One thing that is done; what `a` and `b` mean depends on it.
struct Step {
  Act act;
  unsigned a;
  unsigned b;
};

std::ostream& operator<<(std::ostream& stream, const Step& step) {
  return stream << kActNames.at(static_cast<std::size_t>(step.act)) << '(' << step.a << ", " << step.b << ')';
}

rc::Gen<Step> any_step() {
  const auto act = rc::gen::weightedElement<Act>({{24, Act::publish},
                                                  {8, Act::repeat},
                                                  {2, Act::refuse},
                                                  {6, Act::subscribe},
                                                  {4, Act::unsubscribe},
                                                  {2, Act::block},
                                                  {3, Act::unblock},
                                                  {3, Act::take},
                                                  {2, Act::poll},
                                                  {1, Act::close}});
  return rc::gen::construct<Step>(act, rc::gen::inRange(0U, 12U), rc::gen::inRange(0U, 12U));
}

/// A broker, and beside it what must come of what is done to it.
class World {
 public:
  explicit World(Dispatch dispatch) : broker_{options(dispatch)} {
    broker_.route("routed", Route::header("kind"));
    for (const std::string_view name : {"plain", "routed"}) {
      sources_.push_back(broker_.source(name));
      publishers_.push_back(std::make_unique<Publisher>(broker_.publisher()));
    }
    everything_ = broker_.subscribe(">", [calls = calls_](const Event&) { ++calls->ok; },
                                    {.name = "everything", .execution = Execution::in_worker});
  }
  ~World() { close(); }  // Before the subscriptions go: some handler may be ending its own.
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  void run(const Step& step) {
    switch (step.act) {
      case Act::publish: return publish(step);
      case Act::repeat: return repeat(step);
      case Act::refuse: return refuse(step);
      case Act::subscribe: return subscribe(step);
      case Act::unsubscribe: return unsubscribe(step);
      case Act::block: return block();
      case Act::unblock: return unblock();
      case Act::take: return take(step);
      case Act::poll: return (void)broker_.poll(step.a);
      case Act::close: return close();
    }
  }

  /// Closes, and compares.
  void check() {
    take({Act::take, 1'000'000, 0});
    close();
    const BrokerStats stats = broker_.stats();
    const std::uint64_t accepted = expected_[0].accepted + expected_[1].accepted;
    std::uint64_t ok = 0;
    std::uint64_t dead = 0;
    for (const SubscriptionStats& one : stats.subscriptions) {
      RC_ASSERT(one.matched == one.ok + one.dead + one.dropped);
      RC_ASSERT(one.lag == 0U);
      RC_ASSERT(one.attempts_ok == one.ok && one.attempts_failed == one.dead);
      if (one.name == "everything") RC_ASSERT(one.matched == accepted);
      ok += one.ok;
      dead += one.dead;
    }
    RC_ASSERT(ok == calls_->ok.load());
    RC_ASSERT(dead == calls_->dead.load());
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      const SourceStats& source = find(stats, sources_[i].name());
      RC_ASSERT(source.received == source.accepted + source.duplicate + source.refused_total());
      RC_ASSERT(source.accepted == expected_.at(i).accepted);
      RC_ASSERT(source.duplicate == expected_.at(i).duplicate);
      RC_ASSERT(source.without_delivery_id == expected_.at(i).without_delivery_id);
      RC_ASSERT(source.refused_total() == expected_.at(i).refused);
    }
  }

 private:
  struct Expected {
    std::uint64_t accepted = 0, duplicate = 0, refused = 0, without_delivery_id = 0;
    std::set<unsigned> seen = {};  // Delivery ids of what was accepted.
  };
  struct Standing {
    Subscription subscription = {};
    bool taken = false;
    bool ends_itself = false;
    std::atomic<bool> stands{false};  // From here on the handler may use `subscription`.
  };

  static BrokerOptions options(Dispatch dispatch) {
    return {.workers = dispatch == Dispatch::workers ? 2U : 0U,
            .dispatch = dispatch,
            .memory_bytes_max = 32U << 20U,
            .payload_bytes_max = 1U << 20U,
            .drain_limit = std::chrono::milliseconds{200}};
  }

  void publish(const Step& step) {
    const std::size_t which = step.a % 2;
    static constexpr std::array<std::string_view, 4> kinds = {"push", "ping", "no kind at all", ""};
    static constexpr std::array<std::size_t, 4> sizes = {1, 7, 3'000, 200'000};
    const std::size_t bytes = step.b == 11 ? (1U << 20U) + 1 : sizes.at(step.b % sizes.size());
    EventBuilder event = publishers_[which]->event(sources_[which], bytes);
    (void)event.payload(bytes);
    event.metadata("kind", kinds.at(step.a / 2 % kinds.size()));
    Expected& expected = expected_.at(which);
    ++(publishers_[which]->publish(std::move(event)) == Verdict::accepted ? expected.accepted : expected.refused);
  }

  // One of few ids, so that many come again; the last is none.
  void repeat(const Step& step) {
    const std::size_t which = step.a % 2;
    EventBuilder event = publishers_[which]->event(sources_[which], 1);
    if (step.b == 10) (void)event.payload((1U << 20U) + 1);
    event.metadata("kind", step.b < 6 ? "push" : "ping");
    const unsigned number = step.a / 2;
    event.delivery_id(number == 5 ? "" : std::to_string(number), std::chrono::hours{1});
    Expected& expected = expected_.at(which);
    switch (publishers_[which]->publish(std::move(event))) {
      case Verdict::accepted:
        RC_ASSERT(number == 5 || expected.seen.insert(number).second);
        ++expected.accepted;
        if (number == 5) ++expected.without_delivery_id;
        return;
      case Verdict::duplicate:
        RC_ASSERT(expected.seen.count(number) == 1U);
        ++expected.duplicate;
        return;
      default: ++expected.refused;
    }
  }

  void refuse(const Step& step) {
    publishers_[step.a % 2]->refuse(sources_[step.a % 2], step.b % 2 == 0 ? Refusal::unauthorized : Refusal::too_slow);
    ++expected_.at(step.a % 2).refused;
  }

  void subscribe(const Step& step) {
    static constexpr std::array<std::string_view, 4> patterns = {"plain", "routed.*", ">", "routed.push"};
    const std::string pattern{patterns.at(step.a % patterns.size())};
    static constexpr std::array<Overflow, 3> overflows = {Overflow::drop_oldest, Overflow::disconnect,
                                                          Overflow::refuse};
    SubscribeOptions options{.name = "s" + std::to_string(step.b % 3),
                             .execution = step.a >= 6 ? Execution::in_worker : Execution::pool,
                             .queue_bytes_max = step.b % 2 == 0 ? 16U << 20U : 1'000U,
                             .overflow = overflows.at(step.b % overflows.size())};
    Standing& one = *subscriptions_.emplace_back(std::make_unique<Standing>());
    if (step.a >= 9) {
      one.taken = true;
      one.subscription = broker_.subscribe_mailbox(
          {pattern}, [] {}, options);
    } else {
      one.ends_itself = step.b % 4 == 3;
      one.subscription = broker_.subscribe(pattern, handler(one, options.execution, step.b), options);
      one.stands = true;
    }
  }

  // Some throw at a third of the events, some end their subscription there, some wait at the gate while it is shut.
  Handler handler(Standing& one, Execution execution, unsigned kind) {
    const bool throwing = kind >= 8;
    const bool blocking = execution == Execution::pool && kind >= 4;
    return [calls = calls_, gate = gate_, &one, throwing, blocking](const Event& event) {
      if (blocking) gate->pass();
      const bool third = event.payload().size() % 3 == 1;
      if (third && one.ends_itself && one.stands) one.subscription.unsubscribe();
      ++(third && throwing ? calls->dead : calls->ok);
      if (third && throwing) throw std::runtime_error("a third");
    };
  }

  // Not while the gate is shut: it waits for a handler that waits there. What ends itself may be doing so.
  void unsubscribe(const Step& step) {
    if (subscriptions_.empty()) return;
    unblock();
    const auto one = subscriptions_.begin() + static_cast<std::ptrdiff_t>(step.a % subscriptions_.size());
    if (!(*one)->ends_itself) subscriptions_.erase(one);
  }

  void take(const Step& step) {
    for (const std::unique_ptr<Standing>& one : subscriptions_) {
      if (!one->taken) continue;
      const auto visit = [this, &step](const Event& event) {
        const bool throws = step.b >= 6 && event.payload().size() % 3 == 1;
        ++(throws ? calls_->dead : calls_->ok);
        if (throws) throw std::runtime_error("a third");
      };
      one->subscription.take(step.a, visit);
    }
  }

  void block() { gate_->shut(); }
  void unblock() { gate_->open(); }
  void close() {
    unblock();
    (void)broker_.close();
  }

  static const SourceStats& find(const BrokerStats& stats, std::string_view name) {
    const auto found = std::find_if(stats.sources.begin(), stats.sources.end(),
                                    [name](const SourceStats& source) { return source.name == name; });
    RC_ASSERT(found != stats.sources.end());
    return *found;
  }

  class Gate {
   public:
    void shut() { shut_ = true; }
    void open() {
      shut_ = false;
      shut_.notify_all();
    }
    void pass() const { shut_.wait(true); }

   private:
    std::atomic<bool> shut_{false};
  };
  struct Calls {
    std::atomic<std::uint64_t> ok{0}, dead{0};
  };

  const std::shared_ptr<Gate> gate_ = std::make_shared<Gate>();
  const std::shared_ptr<Calls> calls_ = std::make_shared<Calls>();
  std::array<Expected, 2> expected_;
  Broker broker_;
  std::vector<Source> sources_;
  std::vector<std::unique_ptr<Publisher>> publishers_;
  std::vector<std::unique_ptr<Standing>> subscriptions_;
  Subscription everything_;
};

void check_all(Dispatch dispatch) {
  const auto steps = *rc::gen::container<std::vector<Step>>(any_step());
  World world{dispatch};
  for (const Step& step : steps) world.run(step);
  world.check();
}

RC_GTEST_PROP(NothingVanishesProperty, WhateverIsDoneToABrokerWithWorkers, ()) { check_all(Dispatch::workers); }
RC_GTEST_PROP(NothingVanishesProperty, WhateverIsDoneToABrokerThatCallersDrain, ()) { check_all(Dispatch::caller); }
RC_GTEST_PROP(NothingVanishesProperty, WhateverIsDoneToABrokerThatIsPolled, ()) { check_all(Dispatch::poll); }

}  // namespace
}  // namespace penstock
