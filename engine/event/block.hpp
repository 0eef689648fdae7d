// One event's bytes, in one allocation:
//
//     Block | fields (grow up) … [record] text (grows down) | payload | padding
//
// The area between header and payload is shared by the list of metadata fields, from below, and by the bytes of names,
// values and the sub-topic, from above, so one size serves both. Where there is a journal, room for the head of its
// record is kept free directly below the text (journal/record.hpp), so that head, text and payload are one piece.
// Threads: written by the Publisher's thread until it is queued, read only from then on (but for `batch`, `next`).

#pragma once

#include <penstock/event.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace penstock {
class ReceiptSink;  // <penstock/publisher.hpp>
}  // namespace penstock

namespace penstock::topic {
struct SourceEntry;
struct TopicEntry;
}  // namespace penstock::topic

namespace penstock::event {

struct Batch;
class BlockPool;
struct Slab;

inline constexpr std::size_t kPayloadPadding = 64;  ///< Readable bytes behind a payload: simdjson reads there.
inline constexpr std::size_t kMetadataBytesMax = 64U << 10U;  ///< Fields and text of one event.

inline constexpr std::size_t kRecordFieldBytes = 12;  ///< What a record's head says of each field.

struct Block {
  Block* next = nullptr;  ///< In a free list or on the way back.
  BlockPool* pool = nullptr;
  Slab* slab = nullptr;           ///< Null: a mapping of its own.
  Batch* batch = nullptr;         ///< Set by the holder of the claim that took it from its shard.
  std::size_t bytes = 0;          ///< Of the whole allocation.
  std::size_t charged_bytes = 0;  ///< Of a mapping of its own: what the budget was charged.

  char* text = nullptr;     ///< Lowest byte of the text so far.
  char* payload = nullptr;  ///< End of the text area.
  char* record = nullptr;   ///< Where the journal's record begins, once it is written: up to the payload's end.
  std::size_t payload_bytes = 0;
  std::size_t payload_room = 0;  ///< Bytes that may be written at `payload`, padding not counted.
  std::uint32_t field_count = 0;
  std::uint32_t base_topic_bytes = 0;
  std::uint32_t record_room = 0;  ///< Kept free below the text, and kRecordFieldBytes for each field; 0: no journal.
  std::string_view topic = {};    ///< Its first base_topic_bytes are the base topic.
  std::string_view source_name = {};

  const topic::SourceEntry* source = nullptr;     ///< For counters.
  const topic::TopicEntry* base_entry = nullptr;  ///< Null: a topic that nobody has spoken of.
  EventId id = {};
  std::int64_t time_ns = 0;
  std::int64_t begun_ns = 0;  ///< Steady; 0: not timed.
  std::uint64_t offset = 0;
  std::uint64_t topic_hash = 0;
  std::array<std::uint64_t, 2> dedup_key = {};  ///< Source and delivery id, hashed. Only with a window.
  std::uint32_t dedup_window_s = 0;             ///< 0: has no delivery id.
  bool lacks_delivery_id = false;               ///< It should have one.
  bool unrouted = false;                        ///< A route is set, and led nowhere.

  ReceiptSink* sink = nullptr;  ///< Who is told of it; nullptr: nobody. With a journal only.
  std::uint64_t tag = 0;        ///< What he is told.

  [[nodiscard]] MetadataField* fields() noexcept { return reinterpret_cast<MetadataField*>(this + 1); }
  [[nodiscard]] const MetadataField* fields() const noexcept {
    return reinterpret_cast<const MetadataField*>(this + 1);
  }
  [[nodiscard]] std::span<const MetadataField> metadata() const noexcept { return {fields(), field_count}; }
  [[nodiscard]] std::string_view payload_view() const noexcept { return {payload, payload_bytes}; }
  [[nodiscard]] std::size_t area_free() const noexcept;  ///< Bytes left between fields and text, record not counted.
  /// What is kept free for the record's head.
  [[nodiscard]] std::size_t record_head_bytes() const noexcept {
    return record_room == 0 ? 0 : record_room + field_count * kRecordFieldBytes;
  }
  /// What a field takes of the area beside its name and value.
  [[nodiscard]] std::size_t field_bytes() const noexcept {
    return sizeof(MetadataField) + (record_room == 0 ? 0 : kRecordFieldBytes);
  }

  /// Puts a copy into the text area; nullptr when area_free() is too small.
  [[nodiscard]] char* add_text(std::string_view copied) noexcept;
  [[nodiscard]] bool add_field(std::string_view name, std::string_view value) noexcept;

  /// Lays out a fresh block: an area of `area_bytes` (`record_bytes` of it kept free for a record's head), the rest
  /// payload room and padding.
  void lay_out(std::size_t area_bytes, std::size_t record_bytes = 0) noexcept;
  /// Takes over what `other` says, into its own (already laid out, large enough) bytes.
  void take_over(const Block& other) noexcept;

  /// Bytes of a block for so much area and payload.
  [[nodiscard]] static constexpr std::size_t size_for(std::size_t area_bytes, std::size_t payload_bytes) noexcept {
    return sizeof(Block) + area_bytes + payload_bytes + kPayloadPadding;
  }
};

}  // namespace penstock::event
