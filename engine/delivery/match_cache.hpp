// Remembers who wants a topic, so that the subscriber table is asked once per topic, not once per event.
//
//     const std::vector<std::uint32_t>& lives = cache.find(table, *block);   // indexes into table.lives
//
// Direct-mapped and bounded: a hostile sender with ever new sub-topics only makes it ask again. An answer is checked
// against the whole topic, so equal hashes do no harm. Belongs to a claim. The view is valid until the next find().

#pragma once

#include "delivery/subscriber_table.hpp"
#include "event/block.hpp"
#include <penstock/topic.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace penstock::delivery {

class MatchCache {
 public:
  MatchCache() : slots_{std::make_unique<Slot[]>(kSlots)} {}

  [[nodiscard]] const std::vector<std::uint32_t>& find(const SubscriberTable& table, const event::Block& block);

 private:
  static constexpr std::size_t kSlots = 256;
  struct Slot {
    std::uint64_t table_version = 0;
    std::uint64_t topic_hash = 0;
    std::size_t topic_bytes = 0;
    std::size_t base_topic_bytes = 0;
    std::array<char, kTopicBytesMax> topic = {};
    std::vector<std::uint32_t> lives = {};
  };

  std::unique_ptr<Slot[]> slots_;
};

}  // namespace penstock::delivery
