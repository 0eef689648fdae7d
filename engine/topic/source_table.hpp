// The configured senders, by name. Filled by set-up only.
//
//     topic::SourceEntry& github = sources.insert("github", topics.insert("github"));
//
// Threads: insert(), find() and all() under the broker's set-up lock; an entry may be read by any thread. Entries never
// move and live as long as the table.

#pragma once

#include "os/atomics.hpp"
#include "topic/topic_table.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace penstock::topic {

inline constexpr std::size_t kSourcesMax = 10'000;

struct SourceEntry {
  SourceEntry(std::string_view kept_name, const TopicEntry* of, std::size_t number) noexcept
      : name{kept_name}, topic{of}, index{number} {}

  std::string_view name;    ///< Kept in Memory: events point to it.
  const TopicEntry* topic;  ///< Null only for `other`.
  std::size_t index;        ///< 0, 1, 2 … in order of insertion.
  /// Events that no subscription wanted. Written by every claim holder, at most once a batch.
  mutable os::Atomic<std::uint64_t> unmatched{0};
};

class SourceTable {
 public:
  /// Has one entry from the start: `other`, for publishers of topics that are nobody's source.
  explicit SourceTable(event::Memory& memory);

  /// Throws SetupError when `name` has another topic already, is `other`, or kSourcesMax are there.
  const SourceEntry& insert(std::string_view name, const TopicEntry& topic);
  [[nodiscard]] const SourceEntry* find(std::string_view name) const;
  [[nodiscard]] const SourceEntry& other() const noexcept { return *entries_.front(); }
  [[nodiscard]] const std::vector<std::unique_ptr<SourceEntry>>& all() const noexcept { return entries_; }

 private:
  event::Memory& memory_;
  std::vector<std::unique_ptr<SourceEntry>> entries_;
};

}  // namespace penstock::topic
