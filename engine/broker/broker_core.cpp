#include "broker/broker_core.hpp"

#include "broker/publisher_core.hpp"
#include "delivery/running.hpp"
#include "os/barrier.hpp"
#include "os/thread.hpp"

#include <algorithm>
#include <limits>
#include <thread>
#include <utility>

namespace penstock {

namespace {

constexpr std::size_t kMemoryBytesMin = 16U << 20U;
constexpr std::size_t kDedupShare = 4;  // Ids live for days: with more of the budget, no event might fit any more.

BrokerOptions checked(BrokerOptions options) {
  if (options.memory_bytes_max < kMemoryBytesMin) {
    throw SetupError("memory_bytes_max: " + std::to_string(options.memory_bytes_max) +
                     " bytes are too few to work in; give at least 16 MiB");
  }
  if (options.dedup_bytes_max < SeenIds::kBytesMin) {
    throw SetupError("dedup_bytes_max: " + std::to_string(options.dedup_bytes_max) +
                     " bytes are too few to work in; give at least 64 KiB");
  }
  if (options.workers > delivery::kClaimsMax) {
    throw SetupError("workers: " + std::to_string(options.workers) + " are more than there can be shards, 64");
  }
  if (options.dispatch != Dispatch::workers && options.workers != 0) {
    throw SetupError("workers: " + std::to_string(options.workers) +
                     " have nothing to do where callers or poll() dispatch; leave workers out, or dispatch");
  }
  if (options.dispatch != Dispatch::workers && options.journal) {
    throw SetupError("journal: its thread hands events to workers; leave Dispatch::caller or poll out");
  }
  for (const int processor : options.pin) {
    if (!os::may_run_on(processor)) {
      throw SetupError("pin: this process may not run on processor " + std::to_string(processor) +
                       "; choose among those that taskset -p shows");
    }
  }
  if (options.dispatch == Dispatch::workers && options.workers == 0) {
    options.workers = std::max(1U, std::thread::hardware_concurrency() / 2);
  }
  return options;
}

}  // namespace

BrokerCore::BrokerCore(const BrokerOptions& options)
    : options_{checked(options)},
      memory_{event::Memory::make(options_.memory_bytes_max)},
      topics_{*memory_},
      sources_{*memory_},
      seen_{*memory_, std::min(options_.dedup_bytes_max, options_.memory_bytes_max / kDedupShare)},
      closer_{tables_.add_reader()},
      pool_{std::max<std::size_t>(1, options_.workers), *memory_,
            [weak_self = weak_self_](delivery::Live& live) {
              if (const auto self = weak_self->lock()) self->tables_.destroy_if_left(live);
            }},
      workers_{{.workers = options_.workers, .wait = options_.wait, .dispatch = options_.dispatch, .pin = options_.pin},
               *memory_,
               tables_,
               pool_},
      durability_{options_.journal ? std::make_unique<Durability>(options_, *memory_, workers_) : nullptr} {
  make_rows();
}

BrokerCore::~BrokerCore() = default;

void BrokerCore::start() {
  *weak_self_ = weak_from_this();
  workers_.start(shared_from_this());
  if (durability_) durability_->start(shared_from_this());
}

void BrokerCore::make_rows() {
  const std::size_t sources = sources_.all().size();
  past_.make_rows(sources);
  if (durability_) durability_->receipts().make_rows(sources);
  for (PublisherCore* publisher : publishers_) publisher->tallies().make_rows(sources);
}

const topic::SourceEntry& BrokerCore::add_source(std::string_view name, std::string_view topic_name) {
  const std::lock_guard lock{mutex_};
  topic::TopicEntry& entry = topics_.insert(topic_name.empty() ? name : topic_name);
  const topic::SourceEntry& source = sources_.insert(name, entry);
  make_rows();
  if (source.name == entry.name) entry.own_source.store(&source, std::memory_order_release);
  return source;
}

void BrokerCore::set_route(std::string_view topic_name, const Route& route) {
  if (route.places().empty()) throw SetupError("route for '" + std::string(topic_name) + "': names no place");
  auto router = std::make_unique<const routing::Router>(route);
  const std::lock_guard lock{mutex_};
  topic::TopicEntry& entry = topics_.insert(topic_name);
  entry.router.store(router.get(), std::memory_order_release);
  routers_.push_back(std::move(router));
}

void BrokerCore::remove_route(std::string_view topic_name) noexcept {
  const std::lock_guard lock{mutex_};
  if (const topic::TopicEntry* entry = topics_.find(topic_name))
    entry->router.store(nullptr, std::memory_order_release);
}

void BrokerCore::add_publisher(PublisherCore& publisher) {
  const std::lock_guard lock{mutex_};
  publisher.tallies().make_rows(sources_.all().size());
  publishers_.reserve(publishers_.size() + 1);
  event::BlockPool& pool = memory_->adopt_pool();
  dispatch::Intake* intake = nullptr;
  try {
    intake = durability_ ? &durability_->commit().intake_for_publisher() : &workers_.lane_for_publisher();
    publisher.move_in(*intake, pool);
  } catch (...) {
    if (intake != nullptr) --intake->publishers;
    memory_->leave_pool(pool);
    throw;
  }
  publishers_.push_back(&publisher);
}

void BrokerCore::remove_publisher(PublisherCore& publisher) noexcept {
  const std::lock_guard lock{mutex_};
  std::erase(publishers_, &publisher);
  for (const auto& source : sources_.all()) {
    if (const SourceTally* tally = publisher.tallies().find(*source)) past_.of(*source).add(*tally);
  }
  past_receipts_.add(publisher.receipts());
  memory_->leave_pool(publisher.pool());
  --publisher.move_out().publishers;
}

void BrokerCore::keep(std::shared_ptr<ReceiptSink> sink) {
  const std::lock_guard lock{mutex_};
  sinks_.push_back(std::move(sink));
}

std::shared_ptr<const journal::Journal> BrokerCore::journal() {
  const std::lock_guard lock{mutex_};
  return durability_ ? durability_->journal() : nullptr;
}

BrokerCore::ReaderPools BrokerCore::adopt_reader_pools() {
  const std::lock_guard lock{mutex_};
  if (left_batch_pools_.empty()) {
    left_batch_pools_.reserve(++reader_pools_);  // So that leaving never needs memory.
    left_batch_pools_.push_back(&memory_->add_batch_pool());
  }
  event::BlockPool& blocks = memory_->adopt_pool();
  event::BatchPool& batches = *left_batch_pools_.back();
  left_batch_pools_.pop_back();
  return {blocks, batches};
}

void BrokerCore::leave_reader_pools(const ReaderPools& pools) noexcept {
  const std::lock_guard lock{mutex_};
  memory_->leave_pool(pools.blocks);
  left_batch_pools_.push_back(&pools.batches);
}

std::shared_ptr<delivery::Live> BrokerCore::subscribe(const std::vector<std::string>& patterns, delivery::Way way,
                                                      SubscribeOptions options, delivery::Live::Callbacks callbacks) {
  if (patterns.empty()) throw SetupError("subscribe: no pattern given; '>' asks for every topic");
  for (const std::string& pattern : patterns) {
    if (!valid_pattern(pattern)) {
      throw SetupError("subscribe '" + pattern +
                       "': not a pattern; write levels joined by '.', '*' for one level, a last '>' for the rest");
    }
  }
  callbacks.on_handler_error = options_.on_handler_error;
  auto live =
      std::make_shared<delivery::Live>(patterns, way, std::move(options), std::move(callbacks), tables_.refusing());
  const std::lock_guard lock{mutex_};
  fold_ended();
  if (closing_ != Closing::no) live->mailbox().close(false);  // Nothing will be accepted any more.
  tables_.add(live);
  return live;
}

void BrokerCore::unsubscribe(const std::shared_ptr<delivery::Live>& live) noexcept {
  if (!live->mark_closed()) return;
  {
    const std::lock_guard lock{mutex_};  // Over both, so that stats() finds it in one or the other.
    tables_.remove(*live);
    ended_.push_back(live);
  }
  const delivery::BarrierWait wait{*live};
  if (!wait) {
    live->defer_destruction();
    tables_.destroy_if_left(*live);
    return;
  }
  live->gate().await_calls([this, &live] { return tables_.in_call(*live); });
  live->mailbox().close(true);
  live->destroy_callbacks();
}

// Subscriptions that are over keep counting until their last call has left; then their sums are final.
void BrokerCore::fold_ended() {
  constexpr std::size_t names_max = 200;
  if (ended_.empty()) return;
  os::heavy_barrier();  // A claim holder that saw it open is seen in the call; its counts are still to come.
  std::erase_if(ended_, [this](const std::shared_ptr<delivery::Live>& live) {
    if (tables_.in_call(*live) || !live->mailbox().idle()) return false;
    const SubscriptionStats last = live->stats();
    auto past = std::find_if(past_subscriptions_.begin(), past_subscriptions_.end(),
                             [&last](const SubscriptionStats& stats) { return stats.name == last.name; });
    if (past == past_subscriptions_.end()) {
      const bool room = past_subscriptions_.size() < names_max;
      if (room || past_subscriptions_.back().name != "other") {
        past_subscriptions_.push_back({.name = room ? last.name : "other"});
      }
      past = std::prev(past_subscriptions_.end());
    }
    past->matched += last.matched;
    past->ok += last.ok;
    past->dead += last.dead;
    past->dropped += last.dropped;
    past->attempts_ok += last.attempts_ok;
    past->attempts_failed += last.attempts_failed;
    return true;
  });
}

bool BrokerCore::close() noexcept {
  closed_.store(true, std::memory_order_seq_cst);
  if (delivery::RunningHere::any_of(tables_.refusing())) return false;  // A handler cannot wait for itself.
  {
    std::unique_lock lock{mutex_};
    if (closing_ != Closing::no) {
      close_done_.wait(lock, [this] { return closing_ == Closing::done; });
      return drained_;
    }
    closing_ = Closing::running;
  }
  const bool drained = drain_and_stop();
  const std::lock_guard lock{mutex_};
  closing_ = Closing::done;
  drained_ = drained;
  close_done_.notify_all();
  return drained;
}

bool BrokerCore::drain_and_stop() noexcept {
  const auto deadline = std::chrono::steady_clock::now() + drain_limit_.load();
  await_publishers();
  if (durability_) durability_->commit().work_came();  // A Publisher may not have called for its last events yet.
  workers_.wake_all();
  const bool delivered = await_deliveries(deadline);
  // A moment for handlers that are about to return, should the time be up.
  const auto end = std::max(deadline, std::chrono::steady_clock::now() + std::chrono::milliseconds{100});
  const bool stored = !durability_ || durability_->stop(delivered ? end + std::chrono::seconds{1} : end);
  if (stored) {
    const std::lock_guard lock{mutex_};
    sinks_.clear();
    if (durability_) durability_->let_go();
  }
  const bool workers_ended = workers_.stop(delivered ? end + std::chrono::seconds{1} : end);
  workers_.drop_rest();
  end_subscriptions();
  const bool handlers_ended = pool_.stop(delivered ? end + std::chrono::seconds{1} : end);
  return delivered && stored && workers_ended && handlers_ended;
}

void BrokerCore::await_publishers() noexcept {
  os::heavy_barrier();
  const std::lock_guard lock{mutex_};
  for (const PublisherCore* publisher : publishers_) {
    while (publisher->busy()) std::this_thread::yield();
  }
}

bool BrokerCore::await_deliveries(std::chrono::steady_clock::time_point deadline) noexcept {
  const auto all_idle = [this] {
    if (options_.dispatch != Dispatch::workers) workers_.poll(std::numeric_limits<std::size_t>::max());
    if (durability_ && !durability_->commit().idle()) return false;
    if (!workers_.idle()) return false;  // First: events only move on from here.
    const std::vector<std::shared_ptr<delivery::Live>> lives = tables_.lives();
    return std::all_of(lives.begin(), lives.end(), [](const auto& live) { return live->idle(); });
  };
  auto pause = std::chrono::microseconds{50};
  while (!all_idle()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, std::chrono::microseconds{2'000});
  }
  return true;
}

// Tells subscribers that take, as a claim holder would: so that an unsubscribe meanwhile waits for the call.
void BrokerCore::end_subscriptions() noexcept {
  for (const std::shared_ptr<delivery::Live>& live : tables_.lives()) {
    const auto end = [&live](bool closed) {
      if (closed) return;
      live->cut_off();
      live->tell_ended();
    };
    delivery::CallGate<>::call(closer_.current, *live, end, [this, &live] { tables_.destroy_if_left(*live); });
  }
}

}  // namespace penstock
