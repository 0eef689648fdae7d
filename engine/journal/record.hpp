// What the journal keeps of an event, in one piece that lies in front of and inside its block:
//
//     header 88 B | 12 B a metadata field | topic | source | the block's text area | payload
//
//     block->lay_out(area_bytes, record_room(topic_bytes, source_bytes));   // room in front of the text, before
//     filling encode(*block, key, window_s);                                        // the publishing thread, after
//     routing record_bytes(*block), block->record                                   // what append writes: one iovec
//
// Nothing is copied but topic and source: the text area, where names and values lie already, and the payload are part
// of the record as they are. The sum over all of that is taken by the publishing thread; append fills in what only it
// knows (offset, epoch, time, place in its batch) and the sum over the header, so it touches no payload.
// A field's text is found by its distance from the payload, since the area may hold bytes that no field leads to.
//
// The header's sum begins with a random number of the journal: nobody can make a payload that looks like a record.
// Byte order: little endian, positions not aligned. Sums: CRC-32C (journal/crc32c.hpp).
// Threads: pure functions over what they are given. No allocation, no errors but the stated ones. Cost: the sum, about
// 0.1 ns a byte.

#pragma once

#include "event/block.hpp"
#include "journal/dedup_index.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace penstock::journal {

struct RecordHeader {
  std::uint32_t magic = 0;
  std::uint32_t header_crc = 0;  ///< Of all that follows in the header.
  std::uint32_t rest_bytes = 0;
  std::uint32_t rest_crc = 0;
  std::uint64_t offset = 0;
  std::int64_t time_ns = 0;  ///< Never less than the record's before it.
  EventId id = {};
  DedupKey dedup = {};
  std::uint32_t epoch = 0;        ///< Of the run that wrote it: rises with each opening of the journal.
  std::uint32_t batch_index = 0;  ///< `offset - batch_index` came with the same sync; all before were synced already.
  std::uint32_t text_bytes = 0;
  std::uint16_t topic_bytes = 0;
  std::uint16_t base_topic_bytes = 0;
  std::uint16_t source_bytes = 0;
  std::uint16_t field_count = 0;
  std::uint32_t reserved = 0;  ///< 0.

  [[nodiscard]] std::uint64_t batch_first() const noexcept { return offset - batch_index; }
  [[nodiscard]] std::size_t bytes() const noexcept { return sizeof(RecordHeader) + rest_bytes; }
};
static_assert(sizeof(RecordHeader) == 88);

inline constexpr std::uint32_t kRecordMagic = 0x43525350;  // "PSRC"

/// Bytes of rest that a record may claim: a payload of 1 GiB and all that comes with it.
inline constexpr std::uint32_t kRestBytesMax = (1U << 30U) + (256U << 10U);

/// What lay_out must set aside in front of the text for the head of a record.
[[nodiscard]] constexpr std::size_t record_room(std::size_t topic_bytes, std::size_t source_bytes) noexcept {
  return sizeof(RecordHeader) + topic_bytes + source_bytes;
}

/// Writes the record into the block, but for what append fills in. False: the block was not laid out with record_room()
/// for its final topic and its source. May be done again after the event has changed.
[[nodiscard]] bool encode(event::Block& block, const DedupKey& dedup, std::uint32_t dedup_window_s) noexcept;

[[nodiscard]] inline std::size_t record_bytes(const event::Block& block) noexcept {
  return static_cast<std::size_t>(block.payload + block.payload_bytes - block.record);
}

/// Reads and writes headers where they lie.
[[nodiscard]] RecordHeader read_header(const char* at) noexcept;
/// Writes `header` with its sum.
void write_header(char* at, RecordHeader header, std::uint32_t crc_seed) noexcept;
/// Magic, sum, and lengths that agree with each other.
[[nodiscard]] bool header_holds(const RecordHeader& header, const char* at, std::uint32_t crc_seed) noexcept;
[[nodiscard]] bool rest_holds(const RecordHeader& header, const char* rest) noexcept;

/// The area of a block for decode().
[[nodiscard]] std::size_t decoded_area_bytes(const RecordHeader& header) noexcept;
/// Makes the event again in a freshly laid out block of at least size_for(decoded_area_bytes(), payload_bytes()), but
/// for what another room knows (source and topic entries, topic_hash). False: a field leads outside of the record,
/// whose sums held all the same; the block says nothing then.
[[nodiscard]] bool decode(const RecordHeader& header, const char* rest, event::Block& block) noexcept;
[[nodiscard]] std::size_t payload_bytes(const RecordHeader& header) noexcept;

}  // namespace penstock::journal
