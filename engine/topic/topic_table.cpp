#include "topic/topic_table.hpp"

#include <penstock/error.hpp>
#include <penstock/topic.hpp>

#include <cstring>
#include <string>

namespace penstock::topic {

namespace {

constexpr std::size_t kSlots = 32'768;
static_assert(kTopicsMax * 3 <= kSlots, "probes stay short");

}  // namespace

std::uint64_t hash_of(std::string_view name) noexcept {
  constexpr std::uint64_t prime = 0x9E3779B97F4A7C15;  // 2^64 over the golden ratio (Knuth, vol. 3, 6.4).
  std::uint64_t hash = name.size() * prime;
  const auto mix = [&hash](std::uint64_t word) {
    hash = (hash ^ word) * prime;
    hash ^= hash >> 29U;
  };
  while (name.size() >= sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, name.data(), sizeof word);
    mix(word);
    name.remove_prefix(sizeof word);
  }
  std::uint64_t tail = 0;
  std::memcpy(&tail, name.data(), name.size());
  mix(tail);
  return hash;
}

TopicTable::TopicTable(event::Memory& memory)
    : memory_{memory}, slots_{std::make_unique<os::Atomic<TopicEntry*>[]>(kSlots)} {}

std::size_t TopicTable::slot_of(std::string_view name, std::uint64_t hash) const noexcept {
  std::size_t slot = hash % kSlots;
  for (;; slot = (slot + 1) % kSlots) {
    const TopicEntry* entry = slots_[slot].load(std::memory_order_acquire);
    if (entry == nullptr || (entry->hash == hash && entry->name == name)) return slot;
  }
}

const TopicEntry* TopicTable::find(std::string_view name) const noexcept {
  return slots_[slot_of(name, hash_of(name))].load(std::memory_order_acquire);
}

TopicEntry& TopicTable::insert(std::string_view name) {
  if (!valid_base_topic(name)) {
    throw SetupError("topic '" + std::string(name) +
                     "': must be levels of A-Z a-z 0-9 _ : / - joined by '.', 128 bytes at most");
  }
  const std::uint64_t hash = hash_of(name);
  os::Atomic<TopicEntry*>& slot = slots_[slot_of(name, hash)];
  if (TopicEntry* entry = slot.load(std::memory_order_acquire)) return *entry;
  if (entries_.size() == kTopicsMax) {
    throw SetupError("topic '" + std::string(name) + "': " + std::to_string(kTopicsMax) +
                     " topics are known already; subscribe by patterns instead of single names");
  }
  entries_.push_back(std::make_unique<TopicEntry>(memory_.keep_name(name), hash));
  slot.store(entries_.back().get(), std::memory_order_release);
  return *entries_.back();
}

std::vector<const TopicEntry*> TopicTable::all() const {
  std::vector<const TopicEntry*> all;
  all.reserve(entries_.size());
  for (const auto& entry : entries_) all.push_back(entry.get());
  return all;
}

}  // namespace penstock::topic
