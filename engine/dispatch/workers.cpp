#include "dispatch/workers.hpp"

#include "os/thread.hpp"

#include <algorithm>
#include <utility>

namespace penstock::dispatch {

namespace {
constexpr int kBatchesPerTurn = 4;
constexpr int kLooksBeforeParking = 20;  // About a microsecond: a wake-up costs 4, but so does waiting in vain.
}  // namespace

// The drains that run on this thread, innermost first: an inline handler may publish, here or to another broker.
class Workers::DrainsHere {
 public:
  explicit DrainsHere(const Workers& workers) noexcept : workers_{workers}, outer_{innermost} { innermost = this; }
  ~DrainsHere() { innermost = outer_; }
  DrainsHere(const DrainsHere&) = delete;
  DrainsHere& operator=(const DrainsHere&) = delete;

  [[nodiscard]] static bool one_of(const Workers& workers) noexcept {
    for (const DrainsHere* drain = innermost; drain != nullptr; drain = drain->outer_) {
      if (&drain->workers_ == &workers) return true;
    }
    return false;
  }

 private:
  static thread_local const DrainsHere* innermost;
  const Workers& workers_;
  const DrainsHere* outer_;
};
thread_local const Workers::DrainsHere* Workers::DrainsHere::innermost = nullptr;

Workers::Workers(Options options, event::Memory& memory, delivery::SubscriberTables& tables,
                 delivery::HandlerPool& pool)
    : options_{std::move(options)}, memory_{memory}, tables_{tables}, pool_{pool}, parking_{options.workers} {
  for (std::size_t i = 0; i < std::clamp<std::size_t>(options_.workers, 1, delivery::kClaimsMax); ++i) add_lane();
}

Workers::~Workers() = default;

Lane& Workers::add_lane() {
  const std::size_t number = lane_count_.load(std::memory_order_relaxed);
  lanes_.at(number) = std::make_unique<Lane>(number, memory_.add_batch_pool(), tables_, pool_);
  lane_count_.store(number + 1, std::memory_order_release);
  return *lanes_[number];
}

Lane& Workers::lane_for_publisher() {
  Lane* best = fewest_publishers(lanes_, lanes());
  // Where callers drain, a shard of one's own is drained by nobody else.
  const bool own = options_.dispatch == Dispatch::caller && best->publishers != 0 && lanes() < delivery::kClaimsMax;
  if (own || best->publishers == Shard::kPublishersMax) {
    if (lanes() == delivery::kClaimsMax) refuse_publisher();
    best = &add_lane();
  }
  ++best->publishers;
  return *best;
}

void Workers::start(const std::shared_ptr<void>& owner) {
  for (std::size_t me = 0; me < options_.workers; ++me) {
    {
      const std::lock_guard lock{ended_mutex_};
      ++running_;
    }
    try {
      threads_.emplace_back([this, me, owner] { run(me); });
    } catch (...) {
      const std::lock_guard lock{ended_mutex_};
      --running_;
      throw;
    }
  }
}

void Workers::run(std::size_t me) noexcept {
  os::name_this_thread("worker");
  if (!options_.pin.empty()) os::pin_this_thread(options_.pin[me % options_.pin.size()]);
  const DrainsHere here{*this};
  bool searching = false;
  while (!stopping_.load(std::memory_order_relaxed)) {
    if (!searching) parking_.search();
    searching = true;
    Lane* lane = claim_some(me);
    for (int look = 0; lane == nullptr && look < kLooksBeforeParking; ++look) {
      os::pause();
      lane = claim_some(me);
    }
    if (lane != nullptr) {
      parking_.found(me, [this] { return unclaimed_work(); });
      searching = false;
      drain(*lane);
    } else if (options_.wait == Wait::park) {
      searching = false;
      parking_.park(me, [this] { return stopping_.load(std::memory_order_relaxed) || unclaimed_work(); });
    }
  }
  const std::lock_guard lock{ended_mutex_};
  --running_;
  ended_.notify_all();
}

Lane* Workers::claim_some(std::size_t me) noexcept {
  const std::size_t count = lanes();
  for (std::size_t i = 0; i < count; ++i) {
    Lane& lane = *lanes_[(me + i) % count];
    if (!lane.shard.empty() && lane.shard.try_claim()) return &lane;
  }
  return nullptr;
}

bool Workers::unclaimed_work(const Lane* but) const noexcept {
  for (std::size_t i = 0; i < lanes(); ++i) {
    const Lane& lane = *lanes_[i];
    if (&lane != but && !lane.shard.claimed() && !lane.shard.empty()) return true;
  }
  return false;
}

void Workers::drain(Lane& lane) noexcept {
  for (int batches = 1;; ++batches) {
    event::Batch* batch = lane.claim.next_batch();
    if (batch != nullptr) {
      lane.claim.hand_over(batch);
      if (stopping_.load(std::memory_order_relaxed)) return leave(lane);
      const bool turn_over = batches >= kBatchesPerTurn && !lane.claim.has_taken() && unclaimed_work(&lane);
      if (!turn_over) continue;
    }
    leave(lane);
    if (batch != nullptr) return os::Parking::fence();  // Who looks for work next must see what came here meanwhile.
    if (!lane.shard.claim_again()) return;
  }
}

void Workers::drain_here(Lane& lane) noexcept {
  if (DrainsHere::one_of(*this)) return;
  if (!lane.shard.try_claim_after_enqueue()) return;
  const DrainsHere here{*this};
  drain(lane);
  if (lanes() == 1) return;
  while (Lane* other = claim_some(0)) drain(*other);
}

std::size_t Workers::poll(std::size_t events_max) noexcept {
  if (DrainsHere::one_of(*this)) return 0;
  const DrainsHere here{*this};
  std::size_t events = 0;
  while (events < events_max) {
    // Two who poll at once may begin at the same lane: the claim sends one of them on.
    const std::size_t first = next_to_poll_.load(std::memory_order_relaxed);
    next_to_poll_.store(first + 1, std::memory_order_relaxed);
    Lane* lane = claim_some(first);
    if (lane == nullptr) break;
    events += drain_some(*lane, events_max - events);
  }
  return events;
}

std::size_t Workers::drain_some(Lane& lane, std::size_t events_max) noexcept {
  std::size_t events = 0;
  while (event::Batch* batch = lane.claim.next_batch(events_max - events)) {
    events += batch->count;
    lane.claim.hand_over(batch);
  }
  leave(lane);
  os::Parking::fence();
  // Whoever queued meanwhile saw the claim held: with others to drain, it is for us to look again.
  if (options_.dispatch != Dispatch::poll && !lane.shard.empty()) {
    if (options_.dispatch == Dispatch::workers) {
      work_came(lane);
    } else if (lane.shard.try_claim()) {
      drain(lane);
    }
  }
  return events;
}

void Workers::leave(Lane& lane) noexcept {
  lane.claim.let_go_of_table();
  lane.shard.release_claim();
}

void Workers::drop_rest() noexcept {
  for (std::size_t i = 0; i < lanes(); ++i) {
    if (!lanes_[i]->shard.try_claim()) continue;
    lanes_[i]->claim.drop_rest();
    lanes_[i]->shard.release_claim();
  }
}

bool Workers::idle() const noexcept {
  for (std::size_t i = 0; i < lanes(); ++i) {
    // In this order: events leave the queue only under the claim.
    if (!lanes_[i]->shard.empty()) return false;
    os::Parking::fence();
    if (lanes_[i]->shard.claimed()) return false;
  }
  return true;
}

bool Workers::stop(std::chrono::steady_clock::time_point deadline) noexcept {
  stopping_.store(true, std::memory_order_seq_cst);
  std::unique_lock lock{ended_mutex_};
  // Again and again: a worker may be about to park when the first wake-up comes.
  while (running_ != 0) {
    parking_.wake_all();
    const auto soon = std::chrono::steady_clock::now() + std::chrono::milliseconds{1};
    ended_.wait_until(lock, soon, [this] { return running_ == 0; });
    if (std::chrono::steady_clock::now() >= deadline) break;
  }
  const bool all_ended = running_ == 0;
  lock.unlock();
  for (std::thread& thread : threads_) {
    if (!thread.joinable()) continue;
    if (all_ended) {
      thread.join();
    } else {
      thread.detach();  // A handler does not return: its thread keeps what it needs.
    }
  }
  return all_ended;
}

void Workers::add_to(HistogramStats& dispatch_duration) const {
  for (std::size_t i = 0; i < lanes(); ++i) lanes_[i]->claim.dispatch_duration().add_to(dispatch_duration);
}

}  // namespace penstock::dispatch
