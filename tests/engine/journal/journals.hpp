// Numbered events for a journal, and what must come back of them: what most tests of this room begin with.

#pragma once

#include "engine/event/blocks.hpp"
#include "event/id_maker.hpp"
#include "journal/journal.hpp"
#include "journal/reader.hpp"
#include "journal/record.hpp"
#include "journal/scan.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::test {

inline constexpr std::int64_t kSecond = 1'000'000'000;
inline constexpr std::int64_t kNow = 1'790'000'000 * kSecond;

/// What the payload of event `number` is: its number, then bytes that follow from it.
inline std::string payload_of(std::uint64_t number, std::size_t bytes) {
  std::string payload = std::to_string(number) + ':';
  std::uint64_t word = number * 0x9E3779B97F4A7C15U + 1;
  while (payload.size() < bytes) {
    word = word * 6364136223846793005U + 1442695040888963407U;
    payload += static_cast<char>(word >> 56U);
  }
  return payload;
}

/// The number that a payload begins with, if the rest of it follows from that.
inline std::uint64_t number_of(std::string_view payload) {
  const std::uint64_t number = std::stoull(std::string{payload.substr(0, 20)});
  return payload == payload_of(number, payload.size()) ? number : 0;
}

/// What an event is made of, beside its number.
struct Made {
  std::size_t payload_bytes = 100;
  std::string delivery_id = {};  ///< Empty: not deduplicated.
  std::uint32_t window_s = 3'600;
  std::int64_t time_ns = kNow;
  journal::SipKey secret = {};
};

/// Makes encoded blocks, and reads a journal again.
class Events {
 public:
  explicit Events(std::size_t memory_bytes = 64U << 20U) : memory_{*event::Memory::make(memory_bytes)} {}
  ~Events() { memory_.unref(); }
  Events(const Events&) = delete;
  Events& operator=(const Events&) = delete;

  event::Block* event(std::uint64_t number, const Made& made) {
    const std::string payload = payload_of(number, made.payload_bytes);
    constexpr std::string_view topic = "github.push";
    constexpr std::size_t area = 512;
    event::Block* block = pool.take(event::Block::size_for(area, payload.size()), payload.size());
    block->lay_out(area, journal::record_room(topic.size(), 6));
    block->topic = {block->add_text(topic), topic.size()};
    block->base_topic_bytes = 6;
    block->source_name = block->topic.substr(0, 6);
    (void)block->add_field("x-github-event", "push");
    (void)block->add_field("x-number", std::to_string(number));
    std::copy(payload.begin(), payload.end(), block->payload);
    block->payload_bytes = payload.size();
    block->time_ns = made.time_ns;
    block->id = ids.make(made.time_ns);
    const auto key = made.delivery_id.empty() ? journal::DedupKey{}
                                              : journal::dedup_key(made.secret, block->source_name, made.delivery_id);
    if (!journal::encode(*block, key, made.window_s)) std::abort();
    return block;
  }

  /// Appends events first … first + count - 1 in one batch, and gives their blocks back.
  std::vector<journal::Stored> append(journal::Journal& journal, std::uint64_t first, std::size_t count,
                                      const Made& made = {}) {
    std::vector<event::Block*> blocks;
    for (std::size_t i = 0; i < count; ++i) blocks.push_back(event(first + i, made));
    return append(journal, blocks);
  }

  std::vector<journal::Stored> append(journal::Journal& journal, const std::vector<event::Block*>& blocks) {
    std::vector<journal::Stored> stored(blocks.size());
    journal.append(blocks, stored);
    for (event::Block* block : blocks) pool.give(block);
    return stored;
  }

  /// The numbers of all events from `from` on; 0 for one that is not what was published. Ends at the first trouble.
  std::vector<std::uint64_t> read(const journal::Journal& journal, std::uint64_t from = 1,
                                  journal::Read* ended_by = nullptr) {
    journal::Reader reader{journal, pool, from};
    std::vector<std::uint64_t> numbers;
    std::array<event::Block*, 16> blocks{};
    for (;;) {
      const journal::Reading got = reader.read(blocks);
      if (got.what == journal::Read::gap) continue;
      if (ended_by != nullptr) *ended_by = got.what;
      if (got.what != journal::Read::events) return numbers;
      for (event::Block* block : std::span{blocks}.first(got.count)) {
        const std::uint64_t number = number_of(block->payload_view());
        const bool right = block->topic == "github.push" && block->source_name == "github" &&
                           block->metadata().size() == 2 && block->metadata()[1].second == std::to_string(number);
        numbers.push_back(right ? number : 0);
        pool.give(block);
      }
    }
  }

 private:
  event::Memory& memory_;

 public:
  event::BlockPool& pool = memory_.adopt_pool();
  event::IdMaker ids;
};

inline std::vector<std::uint64_t> numbers(std::uint64_t first, std::uint64_t last) {
  std::vector<std::uint64_t> all;
  for (std::uint64_t number = first; number <= last; ++number) all.push_back(number);
  return all;
}

}  // namespace penstock::test
