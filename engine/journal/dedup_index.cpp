#include "journal/dedup_index.hpp"

#include "os/pages.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

namespace penstock::journal {

namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;
constexpr std::size_t kEntriesMin = 64;
constexpr std::size_t kEntriesMax = std::size_t{1} << 28U;  // Four bits of a place are left to tell keys apart.
static_assert(sizeof(DedupEntry) == 40);

bool is_none(const DedupKey& key) noexcept { return (key.low | key.high) == 0; }

}  // namespace

DedupKey dedup_key(const SipKey& secret, std::string_view source, std::string_view id) noexcept {
  SipHash hash{secret};
  const std::uint64_t source_bytes = source.size();
  char length[sizeof source_bytes];
  std::memcpy(length, &source_bytes, sizeof length);
  hash.add({length, sizeof length});
  hash.add(source);
  hash.add(id);
  DedupKey key = hash.finish();
  if (is_none(key)) key.low = 1;
  return key;
}

std::int64_t id_time_ms(const EventId& id) noexcept {
  std::int64_t ms = 0;
  for (std::size_t i = 0; i < 6; ++i) ms = ms << 8U | id.bytes[i];
  return ms;
}

// As many places as the entries need at three quarters of the table full; what is left goes to entries.
DedupIndex::Layout DedupIndex::Layout::of(std::size_t bytes_max) noexcept {
  const std::size_t planned = bytes_max / (sizeof(DedupEntry) + sizeof(Place) * 4 / 3);
  const std::size_t places = std::bit_ceil(std::clamp(planned, kEntriesMin, kEntriesMax) * 4 / 3);
  const std::size_t place_bytes = places * sizeof(Place);
  const std::size_t fitting = bytes_max > place_bytes ? (bytes_max - place_bytes) / sizeof(DedupEntry) : 0;
  return {std::clamp(fitting, kEntriesMin, std::min(places * 3 / 4, kEntriesMax)), places};
}

DedupIndex::DedupIndex(std::size_t bytes_max) : DedupIndex{Layout::of(bytes_max)} {}

DedupIndex::DedupIndex(const Layout& layout)
    : capacity_{layout.entries},
      place_count_{layout.places},
      slot_mask_{static_cast<Place>(std::bit_ceil(layout.entries + 1) - 1)},
      places_{reinterpret_cast<Place*>(os::map_pages(layout.places * sizeof(Place)))},
      ring_{reinterpret_cast<DedupEntry*>(os::map_pages(layout.entries * sizeof(DedupEntry)))} {
  if (places_ != nullptr && ring_ != nullptr) return;
  unmap();
  throw std::bad_alloc();
}

DedupIndex::~DedupIndex() { unmap(); }

void DedupIndex::unmap() noexcept {
  if (places_ != nullptr) os::unmap_pages(reinterpret_cast<char*>(places_), place_count_ * sizeof(Place));
  if (ring_ != nullptr) os::unmap_pages(reinterpret_cast<char*>(ring_), capacity_ * sizeof(DedupEntry));
}

std::size_t DedupIndex::bytes() const noexcept { return place_count_ * sizeof(Place) + capacity_ * sizeof(DedupEntry); }

DedupIndex::Place DedupIndex::tag_of(const DedupKey& key) const noexcept {
  return static_cast<Place>(key.high) & ~slot_mask_;
}

// Where the key is, or else the free place where it would go: the table is never full. Tags spare nearly every look
// into the ring that is not the right one.
std::size_t DedupIndex::place_of(const DedupKey& key) const noexcept {
  const Place tag = tag_of(key);
  std::size_t place = home_of(key);
  while (places_[place] != 0) {
    if ((places_[place] & ~slot_mask_) == tag && ring_[slot_at(place)].key == key) break;
    place = (place + 1) & (place_count_ - 1);
  }
  return place;
}

const DedupEntry* DedupIndex::find(const DedupKey& key, std::int64_t now_ns, std::int64_t window_ns) const noexcept {
  const std::size_t place = place_of(key);
  if (places_[place] == 0) return nullptr;
  const DedupEntry& entry = ring_[slot_at(place)];
  const bool young = now_ns / kNsPerMs - id_time_ms(entry.id) <= window_ns / kNsPerMs;
  return young ? &entry : nullptr;
}

const DedupEntry* DedupIndex::find_or_insert(const DedupEntry& entry, std::int64_t now_ns,
                                             std::int64_t window_ns) noexcept {
  if (is_none(entry.key)) return nullptr;
  if (const DedupEntry* first = find(entry.key, now_ns, window_ns)) return first;
  if (count_ == capacity_) evict_oldest();
  insert(entry, place_of(entry.key));  // Evicting may have moved places.
  return nullptr;
}

// An expired entry of the same key stays in the ring, with no place that leads to it, until its turn to go.
void DedupIndex::insert(const DedupEntry& entry, std::size_t place) noexcept {
  const std::size_t slot = (oldest_ + count_) % capacity_;
  if (places_[place] != 0) ring_[slot_at(place)].key = {};
  ring_[slot] = entry;
  places_[place] = static_cast<Place>(slot + 1) | tag_of(entry.key);
  ++count_;
}

void DedupIndex::forget(const DedupKey& key) noexcept {
  if (is_none(key)) return;
  const std::size_t place = place_of(key);
  if (places_[place] == 0) return;
  ring_[slot_at(place)].key = {};
  free_place(place);
}

void DedupIndex::evict_oldest() noexcept {
  const DedupEntry& entry = ring_[oldest_];
  if (!is_none(entry.key)) {
    evicted_ms_ = std::max(evicted_ms_, id_time_ms(entry.id));
    free_place(place_of(entry.key));
  }
  oldest_ = (oldest_ + 1) % capacity_;
  --count_;
}

// Frees a place without leaving a mark: what follows in the same run and may lie nearer to its home moves up.
void DedupIndex::free_place(std::size_t place) noexcept {
  const std::size_t mask = place_count_ - 1;
  places_[place] = 0;
  for (std::size_t next = (place + 1) & mask; places_[next] != 0; next = (next + 1) & mask) {
    const std::size_t home = home_of(ring_[slot_at(next)].key);
    if (((next - home) & mask) < ((next - place) & mask)) continue;  // It would lie before its home.
    places_[place] = places_[next];
    places_[next] = 0;
    place = next;
  }
}

void DedupIndex::prefetch(const DedupKey& key) const noexcept { __builtin_prefetch(&places_[home_of(key)]); }

std::int64_t DedupIndex::window_ns(std::int64_t now_ns, std::int64_t asked_ns) const noexcept {
  if (evicted_ms_ == 0) return asked_ns;
  return std::clamp(now_ns - evicted_ms_ * kNsPerMs, std::int64_t{0}, asked_ns);
}

}  // namespace penstock::journal
