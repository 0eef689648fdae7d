// Names that configuration has spoken of, found without a lock. The wire never adds one.
//
//     topic::TopicEntry& entry = table.insert("github");    // route() and source(); under the broker's set-up lock
//     const topic::TopicEntry* found = table.find("github"); // publishers; nullptr: not configured
//
// Threads: find() by any; insert() by one at a time. Entries never move and live as long as the table.
// Protocol: open addressing over atomic pointers that only ever go from null to an entry (release), so a probe that
// meets null (acquire) has seen every entry that was inserted before it began.

#pragma once

#include "event/memory.hpp"
#include "os/atomics.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace penstock::routing {
class Router;  // Above this room: an entry only holds what the broker hangs on it.
}

namespace penstock::topic {

struct SourceEntry;

inline constexpr std::size_t kTopicsMax = 10'000;

/// Spreads a name over 64 bits, eight bytes at a time. Not keyed: a table grows only by set-up, caches verify.
[[nodiscard]] std::uint64_t hash_of(std::string_view name) noexcept;

struct TopicEntry {
  TopicEntry(std::string_view kept_name, std::uint64_t hash_of_it) noexcept : name{kept_name}, hash{hash_of_it} {}

  std::string_view name;  ///< Kept in Memory: events point to it.
  std::uint64_t hash;
  mutable os::Atomic<const routing::Router*> router{
      nullptr};                                        ///< Null: no route. Replaced ones live as long as the broker.
  os::Atomic<const SourceEntry*> own_source{nullptr};  ///< The source of the same name, if there is one.
};

class TopicTable {
 public:
  explicit TopicTable(event::Memory& memory);

  [[nodiscard]] const TopicEntry* find(std::string_view name) const noexcept;
  /// Throws SetupError when `name` is no base topic or kTopicsMax are there.
  TopicEntry& insert(std::string_view name);
  [[nodiscard]] std::vector<const TopicEntry*> all() const;  ///< In order of insertion. Under the set-up lock.

 private:
  [[nodiscard]] std::size_t slot_of(std::string_view name, std::uint64_t hash) const noexcept;

  event::Memory& memory_;
  std::unique_ptr<os::Atomic<TopicEntry*>[]> slots_;
  std::vector<std::unique_ptr<TopicEntry>> entries_;
};

}  // namespace penstock::topic
