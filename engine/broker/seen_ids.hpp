// The delivery ids that were accepted, of all sources: what makes publish take a webhook once.
//
//     const journal::DedupKey key = seen.key_of("github", delivery_id);
//     Verdict verdict = seen.publish_once({.key = key, .id = id}, now_ns, window_ns, id, [&] { return queue(event); });
//
// Sixteen indexes with a lock each. Two copies of one id meet at the same lock, whatever threads bring them, and the
// lock is held until the first is queued: so a copy is a duplicate only of what was accepted, and what could not be
// queued was never entered. A lock for each source would exclude no more, but have all I/O threads of a busy source
// wait for each other; and with one set of indexes the oldest id goes first, whoever sent it.
//
// Threads: any. Blocking: for another thread's publish_once of the same index, some 100 ns. Allocation: an index is
// mapped and charged to the budget when its first id comes. Cost: O(1). Errors: no room for an index is `full`.

#pragma once

#include "event/memory.hpp"
#include "journal/dedup_index.hpp"
#include "os/atomics.hpp"
#include <penstock/publisher.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>

namespace penstock {

class SeenIds {
 public:
  /// Takes at most `bytes_max` (at least kBytesMin) of `memory`. Throws std::exception if the system has no randomness.
  SeenIds(event::Memory& memory, std::size_t bytes_max);
  ~SeenIds();
  SeenIds(const SeenIds&) = delete;
  SeenIds& operator=(const SeenIds&) = delete;

  static constexpr std::size_t kBytesMin = 64U << 10U;

  /// Under a secret of this object's own, so that nobody who sends can make ids meet.
  [[nodiscard]] journal::DedupKey key_of(std::string_view source, std::string_view delivery_id) const noexcept;

  /// `duplicate` if the key was entered less than `window_ns` before `now_ns`: `first` is that event's id then. Else
  /// calls `queue()`, and enters the key if that says `accepted`. `queue` must not call this.
  template <typename Queue>
  [[nodiscard]] Verdict publish_once(const journal::DedupEntry& entry, std::int64_t now_ns, std::int64_t window_ns,
                                     EventId& first, const Queue& queue) noexcept {
    Part& part = part_of(entry.key);
    const std::lock_guard lock{part.mutex};
    if (!part.index && !make_index(part)) return Verdict::full;
    if (const journal::DedupEntry* seen = part.index->find(entry.key, now_ns, window_ns)) {
      first = seen->id;
      return Verdict::duplicate;
    }
    const Verdict verdict = queue();
    if (verdict == Verdict::accepted) (void)part.index->find_or_insert(entry, now_ns, window_ns);
    return verdict;
  }

  /// How far back every id is known; infinite while none had to go. Takes each lock in turn.
  [[nodiscard]] double known_seconds(std::int64_t now_ns) noexcept;

 private:
  static constexpr std::size_t kParts = 16;

  struct alignas(64) Part {
    os::Mutex mutex;
    std::optional<journal::DedupIndex> index;
  };

  // The index itself uses the low bits.
  [[nodiscard]] Part& part_of(const journal::DedupKey& key) noexcept { return parts_[key.high >> 60U]; }
  [[nodiscard]] bool make_index(Part& part) noexcept;

  event::Memory& memory_;
  const std::size_t part_bytes_max_;
  const journal::SipKey secret_;
  std::array<Part, kParts> parts_;
};

}  // namespace penstock
