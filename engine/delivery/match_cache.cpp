#include "delivery/match_cache.hpp"

#include <cstring>

namespace penstock::delivery {

const std::vector<std::uint32_t>& MatchCache::find(const SubscriberTable& table, const event::Block& block) {
  Slot& slot = slots_[(block.topic_hash ^ block.base_topic_bytes) % kSlots];
  const std::string_view cached{slot.topic.data(), slot.topic_bytes};
  if (slot.table_version == table.version && slot.topic_hash == block.topic_hash &&
      slot.base_topic_bytes == block.base_topic_bytes && cached == block.topic) {
    return slot.lives;
  }
  table.match(block.topic.substr(0, block.base_topic_bytes), block.topic, slot.lives);
  slot.table_version = table.version;
  slot.topic_hash = block.topic_hash;
  slot.topic_bytes = block.topic.size();
  slot.base_topic_bytes = block.base_topic_bytes;
  std::memcpy(slot.topic.data(), block.topic.data(), block.topic.size());
  return slot.lives;
}

}  // namespace penstock::delivery
