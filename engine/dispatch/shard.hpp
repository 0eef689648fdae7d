// A lock-free queue of events with few publishers, and the right to drain it.
//
//     Shard::Token token{shard};                       // one per Publisher
//     shard.enqueue(token, block);                     // the Publisher's thread
//     if (shard.try_claim()) { … shard.take(blocks, 64) …; shard.release_claim(); }
//
// Order: moodycamel is FIFO per ProducerToken, and one claim holder at a time drains, so each Publisher's events come
// out in their order. This is the only file that includes it.
//
// How the claim goes from thread to thread: dispatch/shard_claim.hpp.
// The queue orders its slots by fences, which ThreadSanitizer does not model: it is suppressed there by one line, and
// the annotations below make what travels through it checked all the same.

#pragma once

#include "dispatch/shard_claim.hpp"
#include "event/block.hpp"
#include <concurrentqueue.h>

#include <cstddef>
#include <span>

#if defined(__SANITIZE_THREAD__)
extern "C" void __tsan_acquire(void* address);
extern "C" void __tsan_release(void* address);
#endif

namespace penstock::dispatch {

class Shard {
  using Queue = moodycamel::ConcurrentQueue<event::Block*>;

 public:
  static constexpr std::size_t kPublishersMax = 16;  ///< An empty poll costs 4 ns with 1 token, 95 with 64.

  class Token {
   public:
    explicit Token(Shard& shard) : token_{shard.queue_} {}
    [[nodiscard]] bool valid() const noexcept { return token_.valid(); }

   private:
    friend class Shard;
    moodycamel::ProducerToken token_;
  };

  explicit Shard(std::size_t number) : number_{number}, consumer_{queue_} {}
  ~Shard() = default;
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  [[nodiscard]] std::size_t number() const noexcept { return number_; }

  /// False: the queue could not grow. It grows no more once 65,536 events of this Publisher have waited.
  [[nodiscard]] bool enqueue(Token& token, event::Block* block) noexcept {
    tsan_release(block);
    return queue_.enqueue(token.token_, block);
  }

  /// All of them behind each other, or none.
  [[nodiscard]] bool enqueue(Token& token, std::span<event::Block* const> blocks) noexcept {
    for (event::Block* block : blocks) tsan_release(block);
    return queue_.enqueue_bulk(token.token_, blocks.data(), blocks.size());
  }

  /// Approximate while others enqueue; after the fences of os/parking.hpp exact enough: what they order is seen.
  [[nodiscard]] bool empty() const noexcept { return queue_.size_approx() == 0; }

  [[nodiscard]] bool claimed() const noexcept { return claim_.claimed(); }
  [[nodiscard]] bool try_claim() noexcept { return claim_.try_claim(); }
  [[nodiscard]] bool try_claim_after_enqueue() noexcept { return claim_.try_claim_after_enqueue(); }
  void release_claim() noexcept { claim_.release(); }
  [[nodiscard]] bool claim_again() noexcept {
    return claim_.claim_again([this] { return empty(); });
  }

  /// Up to `most` events, oldest first of each Publisher. By the claim's holder.
  [[nodiscard]] std::size_t take(event::Block** blocks, std::size_t most) noexcept {
    const std::size_t count = queue_.try_dequeue_bulk(consumer_, blocks, most);
    for (std::size_t i = 0; i < count; ++i) tsan_acquire(blocks[i]);
    count_take(blocks, count);
    return count;
  }

 private:
  // What moodycamel 1.0.3 does in there is nobody's to count but ours. Enqueueing by token publishes by plain stores; a
  // bulk take makes two fetch_adds for each Publisher whose events it finds (claims their number, then their places),
  // none for the others, and one more at most for each 256 events, to have consumers turn to the next Publisher.
  void count_take([[maybe_unused]] event::Block* const* blocks, [[maybe_unused]] std::size_t count) noexcept {
#if defined(PENSTOCK_COUNT)
    constexpr std::size_t turn_events = 256;
    for (std::size_t i = 0; i < count; ++i) {
      if (i == 0 || blocks[i]->pool != blocks[i - 1]->pool) os::count_shared_rmw(2);
    }
    os::count_shared_rmw((since_turn_ + count) / turn_events);
    since_turn_ = (since_turn_ + count) % turn_events;
#endif
  }

  static void tsan_acquire([[maybe_unused]] void* address) noexcept {
#if defined(__SANITIZE_THREAD__)
    __tsan_acquire(address);
#endif
  }
  static void tsan_release([[maybe_unused]] void* address) noexcept {
#if defined(__SANITIZE_THREAD__)
    __tsan_release(address);
#endif
  }

  const std::size_t number_;
  Queue queue_;
  moodycamel::ConsumerToken consumer_;
#if defined(PENSTOCK_COUNT)
  std::size_t since_turn_ = 0;
#endif
  alignas(64) ShardClaim<> claim_;
};

}  // namespace penstock::dispatch
