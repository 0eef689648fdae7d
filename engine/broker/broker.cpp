#include "broker/broker_core.hpp"
#include "broker/publisher_core.hpp"
#include <penstock/broker.hpp>

#include <system_error>
#include <utility>

namespace penstock {

namespace {

std::shared_ptr<BrokerCore> started(const BrokerOptions& options) {
  std::shared_ptr<BrokerCore> core;
  try {
    core = std::make_shared<BrokerCore>(options);
    core->start();
  } catch (const std::system_error& error) {
    if (core != nullptr) core->close();  // Ends the threads that did start.
    throw SetupError(std::string("broker: no thread to be had: ") + error.what() + "; ask for fewer workers");
  }
  return core;
}

}  // namespace

Broker::Broker(const BrokerOptions& options) : core_{started(options)} {}

Broker::~Broker() { core_->close(); }

Source Broker::source(std::string_view name, std::string_view topic) {
  return Source{core_, &core_->add_source(name, topic)};
}

void Broker::route(std::string_view topic, const Route& route) { core_->set_route(topic, route); }

void Broker::unroute(std::string_view topic) noexcept { core_->remove_route(topic); }

Publisher Broker::publisher() { return Publisher{std::make_unique<PublisherCore>(core_)}; }

Subscription Broker::subscribe(std::string_view pattern, Handler handler, SubscribeOptions options) {
  return subscribe(std::vector<std::string>{std::string(pattern)}, std::move(handler), std::move(options));
}

Subscription Broker::subscribe(const std::vector<std::string>& patterns, Handler handler, SubscribeOptions options) {
  if (!handler) throw SetupError("subscribe: the handler is empty");
  const auto way = options.execution == Execution::pool ? delivery::Way::pool : delivery::Way::in_worker;
  return Subscription{core_, core_->subscribe(patterns, way, std::move(options), {.handler = std::move(handler)})};
}

Subscription Broker::subscribe(std::initializer_list<std::string_view> patterns, Handler handler,
                               SubscribeOptions options) {
  return subscribe(std::vector<std::string>(patterns.begin(), patterns.end()), std::move(handler), std::move(options));
}

Subscription Broker::subscribe_mailbox(const std::vector<std::string>& patterns, std::function<void()> on_filled,
                                       SubscribeOptions options) {
  return Subscription{
      core_, core_->subscribe(patterns, delivery::Way::taken, std::move(options), {.on_filled = std::move(on_filled)})};
}

bool Broker::charge(std::size_t bytes) noexcept { return core_->memory().charge(bytes); }

void Broker::uncharge(std::size_t bytes) noexcept { core_->memory().uncharge(bytes); }

std::size_t Broker::poll(std::size_t events_max) { return core_->workers().poll(events_max); }

void Broker::keep(std::shared_ptr<ReceiptSink> sink) { core_->keep(std::move(sink)); }

BrokerStats Broker::stats() const { return core_->stats(); }

void Broker::drain_limit(std::chrono::milliseconds limit) noexcept { core_->set_drain_limit(limit); }

bool Broker::close() noexcept { return core_->close(); }

Subscription::Subscription(std::shared_ptr<BrokerCore> broker, std::shared_ptr<delivery::Live> live) noexcept
    : broker_{std::move(broker)}, live_{std::move(live)} {}

Subscription& Subscription::operator=(Subscription&& other) noexcept {
  if (this == &other) return *this;
  unsubscribe();
  broker_ = std::move(other.broker_);
  live_ = std::move(other.live_);
  return *this;
}

Subscription::~Subscription() { unsubscribe(); }

void Subscription::unsubscribe() noexcept {
  if (live_ != nullptr) broker_->unsubscribe(live_);
}

std::size_t Subscription::take(std::size_t events_max, const std::function<void(const Event&)>& visit) {
  if (live_ == nullptr || live_->way() != delivery::Way::taken) return 0;
  const std::shared_ptr<delivery::Live> live = live_;  // `visit` may end the subscription.
  const std::shared_ptr<BrokerCore> broker = broker_;
  os::count_shared_rmw(4);  // Of these two pointers: copied, and let go.
  const std::size_t taken = live->take(events_max, visit);
  if (live->closed()) broker->tables().destroy_if_left(*live);
  return taken;
}

bool Subscription::ended() const noexcept { return live_ == nullptr || live_->closed() || live_->mailbox().ended(); }

SubscriptionStats Subscription::stats() const { return live_ != nullptr ? live_->stats() : SubscriptionStats{}; }

}  // namespace penstock
