// Which events were taken already: the last ones by key, as many as fit, and what the first of each was given.
//
//     DedupIndex index{64 << 20};
//     DedupKey key = dedup_key(secret, source, delivery_id);
//     if (const DedupEntry* first = index.find_or_insert({key, id, offset}, now_ns, window_ns)) …   // a duplicate
//
// A ring keeps entries in the order they came, the newest in place of the oldest; a hash table of 4 B a place finds
// them. So the oldest go first, one by one, and the window that is left can be told at any time. An entry's age is read
// from its id (UUIDv7): no time is stored. A clock that steps back makes nothing older: what it left in the future
// counts as new.
//
// Memory: 40 B an entry and 4 B a place, 1.47 M entries in 64 MiB; mapped at once, taken from the kernel as entries
// come. Threads: one at a time (behind a lock, or the commit thread's own). No call blocks or allocates.
// Cost: O(1). Errors: the constructor throws std::bad_alloc when the address space is refused.

#pragma once

#include "journal/siphash.hpp"
#include <penstock/event.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace penstock::journal {

/// Source and id under a secret key: 128 bits, so that no event is ever lost to a chance meeting (2 M entries, a
/// thousand million events a day: once in 10^14 years). All zero: the event is not deduplicated.
using DedupKey = Hash128;

/// Never all zero. The source's length goes in too: ("a", "bc") is not ("ab", "c").
[[nodiscard]] DedupKey dedup_key(const SipKey& secret, std::string_view source, std::string_view id) noexcept;

struct DedupEntry {
  DedupKey key = {};
  EventId id = {};           ///< Of the event that came first.
  std::uint64_t offset = 0;  ///< Its own; 0: there is no journal.
};

class DedupIndex {
 public:
  /// Takes at most `bytes_max`, and room for 64 entries at the least.
  explicit DedupIndex(std::size_t bytes_max);
  ~DedupIndex();
  DedupIndex(const DedupIndex&) = delete;
  DedupIndex& operator=(const DedupIndex&) = delete;

  /// The entry of that key that is younger than `window_ns`; nullptr: none. Valid until the next insertion.
  [[nodiscard]] const DedupEntry* find(const DedupKey& key, std::int64_t now_ns, std::int64_t window_ns) const noexcept;

  /// Enters `entry`, and says nullptr; or says who came first, and enters nothing. Of a key without a bit set: nullptr.
  const DedupEntry* find_or_insert(const DedupEntry& entry, std::int64_t now_ns, std::int64_t window_ns) noexcept;

  /// Takes an entry back: its event was refused after all.
  void forget(const DedupKey& key) noexcept;

  /// Brings the table's line of that key into the cache, for a find that follows. Of many keys: first all, then find.
  void prefetch(const DedupKey& key) const noexcept;

  /// How far back ids are still known, at most `asked_ns`: less once entries younger than that had to go.
  [[nodiscard]] std::int64_t window_ns(std::int64_t now_ns, std::int64_t asked_ns) const noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return count_; }  ///< Forgotten and expired ones too.
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  [[nodiscard]] std::size_t bytes() const noexcept;  ///< Mapped in all.

 private:
  // A place holds 0 (free), or the slot in the ring + 1 in its low bits and a part of the key above them.
  using Place = std::uint32_t;

  struct Layout {
    std::size_t entries;
    std::size_t places;  // A power of two, at least 4 / 3 of the entries.
    [[nodiscard]] static Layout of(std::size_t bytes_max) noexcept;
  };

  explicit DedupIndex(const Layout& layout);
  void unmap() noexcept;

  [[nodiscard]] std::size_t home_of(const DedupKey& key) const noexcept { return key.low & (place_count_ - 1); }
  [[nodiscard]] Place tag_of(const DedupKey& key) const noexcept;
  [[nodiscard]] std::size_t place_of(const DedupKey& key) const noexcept;
  [[nodiscard]] std::size_t slot_at(std::size_t place) const noexcept { return (places_[place] & slot_mask_) - 1; }
  void insert(const DedupEntry& entry, std::size_t place) noexcept;
  void free_place(std::size_t place) noexcept;
  void evict_oldest() noexcept;

  const std::size_t capacity_;
  const std::size_t place_count_;
  const Place slot_mask_;
  Place* const places_;
  DedupEntry* const ring_;
  std::size_t oldest_ = 0;  // Slot.
  std::size_t count_ = 0;
  std::int64_t evicted_ms_ = 0;  // Of the youngest entry that had to go for room; 0: none.
};

/// When an id was made, from its first 48 bits (RFC 9562, 5.7).
[[nodiscard]] std::int64_t id_time_ms(const EventId& id) noexcept;

}  // namespace penstock::journal
