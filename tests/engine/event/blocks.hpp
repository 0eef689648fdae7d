// A memory with one pool of blocks and one of batches: what most tests of the engine's inner rooms begin with.

#pragma once

#include "event/batch.hpp"
#include "event/block.hpp"
#include "event/block_pool.hpp"
#include "event/memory.hpp"
#include "os/clock.hpp"
#include "topic/topic_table.hpp"

#include <cstddef>
#include <cstring>
#include <string_view>

namespace penstock::test {

class Blocks {
 public:
  explicit Blocks(std::size_t bytes_max = 64U << 20U)
      : memory{*event::Memory::make(bytes_max)}, pool{memory.adopt_pool()}, batches{memory.add_batch_pool()} {}
  ~Blocks() { memory.unref(); }
  Blocks(const Blocks&) = delete;
  Blocks& operator=(const Blocks&) = delete;

  /// An event ready to be queued: `topic`, of which the first `base_bytes` are the base topic (0: all).
  event::Block* block(std::string_view topic, std::string_view payload = {}, std::size_t base_bytes = 0) {
    const std::size_t area = (topic.size() + 256 + 7) / 8 * 8;
    event::Block* block = pool.take(event::Block::size_for(area, payload.size()), payload.size());
    if (block == nullptr) return nullptr;
    block->lay_out(area);
    block->topic = {block->add_text(topic), topic.size()};
    block->base_topic_bytes = static_cast<std::uint32_t>(base_bytes == 0 ? topic.size() : base_bytes);
    block->source_name = block->topic.substr(0, block->base_topic_bytes);
    block->topic_hash = topic::hash_of(block->topic);
    block->time_ns = os::wall_ns();
    if (!payload.empty()) std::memcpy(block->payload, payload.data(), payload.size());
    block->payload_bytes = payload.size();
    return block;
  }

  /// A batch of `count` events of that topic and payload, with one reference.
  event::Batch* batch(std::size_t count = 1, std::string_view topic = "t", std::string_view payload = {}) {
    event::Batch* batch = batches.take();
    for (std::size_t i = 0; i < count; ++i) batch->add(block(topic, payload));
    return batch;
  }

  event::Memory& memory;
  event::BlockPool& pool;
  event::BatchPool& batches;
};

}  // namespace penstock::test
