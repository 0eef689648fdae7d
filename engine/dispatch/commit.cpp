#include "dispatch/commit.hpp"

#include "event/block_pool.hpp"
#include "os/clock.hpp"
#include "os/thread.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

namespace penstock::dispatch {

Commit::Commit(journal::Journal& journal, Workers& workers, CommitListener& listener)
    : journal_{journal},
      workers_{workers},
      listener_{listener},
      committed_{workers.lane_for_publisher()},
      token_{committed_.shard} {
  if (!token_.valid()) throw SetupError("journal: no memory for its queue");
  add_intake();
}

Commit::~Commit() = default;

Intake& Commit::add_intake() {
  const std::size_t number = intake_count_.load(std::memory_order_relaxed);
  intakes_.at(number) = std::make_unique<Intake>(number);
  intake_count_.store(number + 1, std::memory_order_release);
  return *intakes_[number];
}

Intake& Commit::intake_for_publisher() {
  Intake* best = fewest_publishers(intakes_, intakes());
  if (best->publishers == Shard::kPublishersMax) {
    if (intakes() == delivery::kClaimsMax) refuse_publisher();
    best = &add_intake();
  }
  ++best->publishers;
  return *best;
}

void Commit::start(std::shared_ptr<void> owner) {
  ended_ = false;
  try {
    thread_ = std::thread{[this, owner = std::move(owner)] { run(); }};
  } catch (...) {
    ended_ = true;
    throw;
  }
}

void Commit::run() noexcept {
  os::name_this_thread("commit");
  for (;;) {
    parking_.search();
    busy_.store(true, std::memory_order_relaxed);
    os::Parking::fence();
    gather();
    if (gathered_count_ != 0) {
      parking_.found(0, [] { return false; });
      commit_gathered();
      continue;
    }
    busy_.store(false, std::memory_order_release);
    // Asked before the last look: a Publisher that was told of the end queues no more.
    const bool stopping = stopping_.load(std::memory_order_acquire);
    if (stopping && all_empty()) break;
    parking_.park(0, [this] { return stopping_.load(std::memory_order_relaxed) || !all_empty(); });
  }
  parking_.found(0, [] { return false; });
  const std::lock_guard lock{ended_mutex_};
  ended_ = true;
  ended_cv_.notify_all();
}

// A turn of each shard after the other, so that no Publisher waits for another's backlog.
void Commit::gather() noexcept {
  const std::size_t count = intakes();
  std::size_t bytes = 0;
  std::size_t empty = 0;
  gathered_count_ = 0;
  while (empty < count && gathered_count_ < journal::Journal::kBatchEventsMax && bytes < kBytesMax) {
    Shard& shard = intakes_[next_intake_++ % count]->shard;
    const std::size_t taken = shard.take(gathered_.data() + gathered_count_, event::kBatchEventsMax);
    empty = taken == 0 ? empty + 1 : 0;
    for (std::size_t i = 0; i < taken; ++i) bytes += gathered_[gathered_count_ + i]->bytes;
    gathered_count_ += taken;
  }
}

bool Commit::all_empty() const noexcept {
  for (std::size_t i = 0; i < intakes(); ++i) {
    if (!intakes_[i]->shard.empty()) return false;
  }
  return true;
}

void Commit::commit_gathered() noexcept {
  std::span<event::Block* const> rest{gathered_.data(), gathered_count_};
  while (!rest.empty()) {
    std::size_t count = 0;
    std::size_t bytes = 0;
    do {
      bytes += rest[count++]->bytes;
    } while (count < rest.size() && count < journal::Journal::kBatchEventsMax &&
             bytes + rest[count]->bytes <= kBytesMax);
    commit(rest.first(count));
    rest = rest.subspan(count);
  }
}

void Commit::commit(std::span<event::Block* const> blocks) noexcept {
  const std::span<journal::Stored> stored = std::span{stored_}.first(blocks.size());
  appending_since_ns_.store(os::steady_ns(), std::memory_order_relaxed);
  journal_.append(blocks, stored);
  appending_since_ns_.store(0, std::memory_order_relaxed);
  listener_.on_append(blocks, stored);
  // Runs of stored events go on together; nearly always that is one run.
  for (std::size_t i = 0; i < blocks.size();) {
    const std::size_t begin = i;
    while (i < blocks.size() && stored[i].outcome == journal::Outcome::stored) ++i;
    if (i > begin) hand_on(blocks.subspan(begin, i - begin));
    while (i < blocks.size() && stored[i].outcome != journal::Outcome::stored) take_back(blocks[i++]);
  }
  workers_.work_came(committed_);
}

// They are on the disk and have their receipts: no want of memory for the queue may lose them.
void Commit::hand_on(std::span<event::Block* const> blocks) noexcept {
  while (!committed_.shard.enqueue(token_, blocks)) std::this_thread::yield();
}

void Commit::take_back(event::Block* block) noexcept {
  event::BlockPool& pool = *block->pool;
  pool.drained.fetch_add(1, std::memory_order_release);
  pool.give_back(block, block);
}

bool Commit::idle() const noexcept {
  if (!all_empty()) return false;
  os::Parking::fence();
  return !busy_.load(std::memory_order_acquire);
}

bool Commit::stop(std::chrono::steady_clock::time_point deadline) noexcept {
  stopping_.store(true, std::memory_order_seq_cst);
  std::unique_lock lock{ended_mutex_};
  // Again and again: the thread may be about to park when the first wake-up comes.
  while (!ended_) {
    parking_.wake_all();
    ended_cv_.wait_until(lock, std::chrono::steady_clock::now() + std::chrono::milliseconds{1},
                         [this] { return ended_; });
    if (std::chrono::steady_clock::now() >= deadline) break;
  }
  const bool ended = ended_;
  lock.unlock();
  if (!thread_.joinable()) return ended;
  if (ended) {
    thread_.join();
  } else {
    thread_.detach();
  }
  return ended;
}

}  // namespace penstock::dispatch
