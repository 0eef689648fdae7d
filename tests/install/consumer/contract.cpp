// Every name of the library's contract, called once from outside: what a shared library forgot to export does not link.
#include "contract.hpp"

#include <penstock/broker.hpp>
#include <penstock/version.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <type_traits>
#include <utility>

namespace {

using namespace penstock;

static_assert(PENSTOCK_VERSION_NUMBER ==
              PENSTOCK_VERSION_MAJOR * 10'000 + PENSTOCK_VERSION_MINOR * 100 + PENSTOCK_VERSION_PATCH);
static_assert(std::is_same_v<decltype(&Event::offset), std::uint64_t (Event::*)() const noexcept>);
static_assert(std::is_nothrow_move_constructible_v<Publisher> && std::is_nothrow_move_constructible_v<EventBuilder>);
static_assert(std::is_nothrow_move_constructible_v<Subscription> && !std::is_copy_constructible_v<Subscription>);
static_assert(Verdict::accepted != Verdict::duplicate && Verdict::bad_topic != Verdict::too_large &&
              Verdict::full != Verdict::closed);
static_assert(Execution::pool != Execution::in_worker && Wait::park != Wait::spin);

bool good_event(const Event& event) {
  const std::span<const MetadataField> fields = event.metadata();
  return event.topic() == "forge.push.main" && event.base_topic() == "forge" && event.source() == "sender" &&
         event.payload() == "whole" && event.offset() == 0 && event.id() != EventId{} &&
         event.id().text().size() == 36 && event.time() > std::chrono::system_clock::time_point{} &&
         fields.size() == 2 && fields[1].second == "two" && event.metadata("X-KIND") == "push" &&
         !event.metadata("x-none");
}

EventBuilder whole(Publisher& publisher, const Source& source) {
  EventBuilder event = publisher.event(source, 5);
  event.metadata("X-Kind", "push");
  event.metadata("X-Kind", "two");
  const std::span<char> room = event.room(5);  // as it arrives, here at once
  std::copy_n("whole", std::min<std::size_t>(room.size(), 5), room.data());
  event.commit(5);
  return event;
}

bool topics_are_told_apart() {
  return valid_topic("a.b") && !valid_topic("a..b") && valid_base_topic("a") && valid_sub_topic("b.c") &&
         valid_pattern("a.>") && matches("a.*", "a.b") && to_string(Verdict::full) == "full" &&
         to_string(Refusal::stale) == "stale" && version() == PENSTOCK_VERSION;
}

bool errors_cross_the_library() {
  Broker broker{{.workers = 1, .wait = Wait::park, .memory_bytes_max = 64U << 20U}};
  try {
    const Subscription none = broker.subscribe("a..b", [](const Event&) {});
  } catch (const SetupError& error) {
    return std::string_view{error.what()}.find("a..b") != std::string_view::npos;
  }
  return false;
}

bool routes_and_stats(Broker& broker, Publisher& publisher) {
  broker.route("other", Route::first_of({Route::header("x-kind"), Route::json("/kind")}));
  broker.unroute("other");
  const bool charged = broker.charge(4096);
  broker.uncharge(4096);
  broker.drain_limit(std::chrono::seconds{20});
  const Source refusing = broker.source("refusing");
  publisher.refuse(refusing, Refusal::unauthorized);
  publisher.handshake(refusing);
  const BrokerStats stats = broker.stats();
  const auto found = std::find_if(stats.sources.begin(), stats.sources.end(),
                                  [](const SourceStats& source) { return source.name == "refusing"; });
  return charged && refusing.name() == "refusing" && refusing.topic() == "refusing" && found != stats.sources.end() &&
         found->refused_total() == 1 && found->handshakes == 1 && stats.receipt.count() == 1 &&
         stats.receipt.percentile(1) > 0;
}

bool events_arrive() {
  Broker broker{{.workers = 1}};
  const Source source = broker.source("sender", "forge");
  broker.route("forge", Route::function("kind", [](const Event& event, std::span<char> room) -> std::string_view {
                 const std::string name = std::string{event.metadata("x-kind").value_or("")} + ".main";
                 std::copy(name.begin(), name.end(), room.data());
                 return {room.data(), name.size()};
               }));
  bool handled = false;
  Subscription inline_one = broker.subscribe("forge.>", [&handled](const Event& event) { handled = good_event(event); },
                                             {.name = "inline",
                                              .execution = Execution::in_worker,
                                              .queue_bytes_max = 1U << 20U,
                                              .overflow = Overflow::refuse,
                                              .on_gap = [](std::uint64_t) {}});
  std::atomic<bool> filled = false;
  Subscription box = broker.subscribe_mailbox({"forge.push.main"},
                                              [&filled] {
                                                filled = true;
                                                filled.notify_one();
                                              },
                                              {.name = "box"});
  const Subscription many = broker.subscribe({"a", "b"}, [](const Event&) {});
  Publisher publisher = broker.publisher();
  EventId id;
  bool good = publisher.publish(whole(publisher, source), &id) == Verdict::accepted && id != EventId{} &&
              publisher.last_topic() == "forge.push.main";
  good = publisher.publish(publisher.event(source, "no..topic", 0)) == Verdict::bad_topic && good;
  good = routes_and_stats(broker, publisher) && good;
  filled.wait(false);
  good = box.take(1, [&good](const Event& event) { good = good_event(event) && good; }) == 1 && good;
  good = broker.close() && good;
  const SubscriptionStats stats = inline_one.stats();
  good = stats.matched == 1 && stats.ok == 1 && stats.dropped == 0 && stats.lag == 0 && good;
  good = publisher.publish(whole(publisher, source)) == Verdict::closed && good;
  good = box.take(1, [](const Event&) {}) == 0 && box.ended() && many.ended() && good;
  inline_one.unsubscribe();
  inline_one.unsubscribe();
  return handled && good;
}

bool hosts_may_lend_their_threads() {
  Broker broker{
      {.workers = 0, .wait = Wait::park, .dispatch = Dispatch::poll, .pin = {}, .memory_bytes_max = 64U << 20U}};
  const Source source = broker.source("sender", "forge");
  int handled = 0;
  const Subscription all =
      broker.subscribe("forge", [&handled](const Event&) { ++handled; }, {.execution = Execution::in_worker});
  Publisher publisher = broker.publisher();
  publisher.wake_later();
  const bool accepted = publisher.publish(whole(publisher, source)) == Verdict::accepted;
  publisher.wake();
  const bool waits = handled == 0;
  return accepted && waits && broker.poll(10) == 1 && handled == 1 && broker.close();
}

}  // namespace

const char* broken_promise_of_the_contract() {
  if (!topics_are_told_apart()) return "topics";
  if (!errors_cross_the_library()) return "errors";
  if (!events_arrive()) return "events";
  if (!hosts_may_lend_their_threads()) return "polling";
  return nullptr;
}
