#include "dispatch/claim.hpp"

#include "event/block_pool.hpp"
#include "os/clock.hpp"
#include "topic/source_table.hpp"

#include <algorithm>
#include <thread>

namespace penstock::dispatch {

Claim::Claim(Shard& shard, event::BatchPool& batches, delivery::SubscriberTables& tables, delivery::HandlerPool& pool)
    : shard_{shard}, batches_{batches}, tables_{tables}, pool_{pool}, reader_{tables.add_reader()} {}

void Claim::take(std::size_t events_max) noexcept {
  next_ = 0;
  taken_count_ = shard_.take(taken_.data(), std::min(taken_.size(), events_max));
}

// Once a run of one Publisher's events: its owner compares it with what it queued, to keep the queue bounded. What was
// taken and is in no batch yet waits like any other. Added atomically: a pool that a Publisher left may be drained from
// that one's shard and from its adopter's at once.
void Claim::tell_drained() noexcept {
  if (drained_ != 0) drained_of_->drained.fetch_add(drained_, std::memory_order_release);
  drained_ = 0;
}

void Claim::count_drained(const event::Block& block) noexcept {
  if (block.pool != drained_of_) tell_drained();
  drained_of_ = block.pool;
  ++drained_;
}

event::Batch* Claim::next_batch(std::size_t events_max) noexcept {
  if (!has_taken()) take(events_max);
  if (!has_taken()) return nullptr;
  event::Batch* batch = batches_.take();
  while (batch == nullptr) {  // Not even the general heap has 600 bytes: what is delivered meanwhile will give some.
    std::this_thread::yield();
    batch = batches_.take();
  }
  do {
    count_drained(*taken_[next_]);
    batch->add(taken_[next_++]);
  } while (has_taken() && batch->count < event::kBatchEventsMax &&
           batch->bytes + taken_[next_]->bytes <= event::kBatchBytesMax);
  if (!has_taken()) tell_drained();
  return batch;
}

void Claim::hand_over(event::Batch* batch) noexcept {
  const delivery::SubscriberTable& table = tables_.pin(reader_);
  const std::int64_t accepted_ns = batch->blocks[0]->time_ns;
  mark_wanted(table, *batch);
  const bool ours = fill_mailboxes(table, batch);  // First: they cost nanoseconds, and an inline handler may be slow.
  dispatch_duration_.record(os::wall_ns() - accepted_ns);
  if (ours) {
    call_inline(table, *batch);
    batches_.release_here(batch);
  }
  forget_wanting();
}

void Claim::forget_wanting() noexcept {
  for (const std::uint32_t index : wanting_) masks_[index] = 0;
  wanting_.clear();
}

void Claim::drop_rest() noexcept {
  while (event::Batch* batch = next_batch()) {
    const delivery::SubscriberTable& table = tables_.pin(reader_);
    mark_wanted(table, *batch);
    for (const std::uint32_t index : wanting_) {
      delivery::Live& live = *table.lives[index];
      if (live.way() == delivery::Way::in_worker) {
        live.drop_inline(masks_[index], shard_.number());
      } else {  // Its mailbox is closed next, and counts.
        batch->refs.add(1);
        (void)live.mailbox().put(batch, masks_[index]);
      }
    }
    batches_.release_here(batch);
    forget_wanting();
  }
  let_go_of_table();
}

void Claim::mark_wanted(const delivery::SubscriberTable& table, const event::Batch& batch) {
  if (masks_.size() < table.lives.size()) masks_.resize(table.lives.size());
  for (std::size_t i = 0; i < batch.count;) {
    const event::Block& first = *batch.blocks[i];
    const std::size_t begin = i;
    std::uint64_t run = 0;  // Events of one topic often come side by side.
    do {
      run |= std::uint64_t{1} << i++;
    } while (i < batch.count && batch.blocks[i]->topic_hash == first.topic_hash &&
             batch.blocks[i]->base_topic_bytes == first.base_topic_bytes && batch.blocks[i]->topic == first.topic);
    const std::vector<std::uint32_t>& lives = cache_.find(table, first);
    for (const std::uint32_t index : lives) {
      if (masks_[index] == 0) wanting_.push_back(index);
      masks_[index] |= run;
    }
    if (lives.empty()) count_unmatched(batch, begin, i);
  }
}

void Claim::count_unmatched(const event::Batch& batch, std::size_t begin, std::size_t end) noexcept {
  while (begin < end) {
    const topic::SourceEntry& source = *batch.blocks[begin]->source;
    const std::size_t first = begin;
    while (begin < end && batch.blocks[begin]->source == &source) ++begin;
    source.unmatched.fetch_add(begin - first, std::memory_order_relaxed);
  }
}

template <class Deliver>
void Claim::deliver(delivery::Live& live, Deliver deliver_to) noexcept {
  delivery::CallGate<>::call(reader_.current, live, deliver_to, [&] { tables_.destroy_if_left(live); });
}

// False: the mailboxes hold all references now, and the batch may be gone.
bool Claim::fill_mailboxes(const delivery::SubscriberTable& table, event::Batch* batch) noexcept {
  std::uint32_t mailboxes = 0;
  for (const std::uint32_t index : wanting_) mailboxes += table.lives[index]->way() != delivery::Way::in_worker;
  if (mailboxes == 0) return true;
  const bool ours = mailboxes != wanting_.size();  // With nobody to call inline, ours goes to a mailbox too.
  batch->refs.add_unshared(ours ? mailboxes : mailboxes - 1);
  for (const std::uint32_t index : wanting_) {
    const std::shared_ptr<delivery::Live>& live = table.lives[index];
    if (live->way() == delivery::Way::in_worker) continue;
    deliver(*live, [&](bool closed) {
      if (closed) {
        event::release(batch);
      } else if (live->put(batch, masks_[index])) {
        pool_.schedule(live);
      }
    });
  }
  return ours;
}

void Claim::call_inline(const delivery::SubscriberTable& table, const event::Batch& batch) noexcept {
  for (const std::uint32_t index : wanting_) {
    delivery::Live& live = *table.lives[index];
    if (live.way() != delivery::Way::in_worker) continue;
    deliver(live, [&](bool closed) {
      if (!closed) live.run_inline(batch, masks_[index], shard_.number());
    });
  }
}

}  // namespace penstock::dispatch
