#include "journal/record.hpp"

#include "journal/crc32c.hpp"

#include <bit>
#include <cstddef>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace penstock::journal {

namespace {

static_assert(std::endian::native == std::endian::little, "numbers are written as they lie in memory");
static_assert(std::is_trivially_copyable_v<RecordHeader>);
static_assert(std::has_unique_object_representations_v<RecordHeader>, "no byte of a header is left to chance");

constexpr std::size_t kSummedFrom = offsetof(RecordHeader, rest_bytes);

struct FieldHead {
  std::uint32_t distance = 0;  // From the name's first byte to the payload; the value follows the name.
  std::uint32_t name_bytes = 0;
  std::uint32_t value_bytes = 0;
};
static_assert(sizeof(FieldHead) == event::kRecordFieldBytes);

std::size_t head_bytes(const RecordHeader& header) noexcept {
  return header.field_count * sizeof(FieldHead) + header.topic_bytes + header.source_bytes;
}

std::uint32_t header_crc(const char* at, std::uint32_t crc_seed) noexcept {
  return crc32c(crc_seed, at + kSummedFrom, sizeof(RecordHeader) - kSummedFrom);
}

char* put(char* at, const void* bytes, std::size_t count) noexcept {
  if (count != 0) std::memcpy(at, bytes, count);
  return at + count;
}

}  // namespace

bool encode(event::Block& block, const DedupKey& dedup, std::uint32_t dedup_window_s) noexcept {
  RecordHeader header{.magic = kRecordMagic,
                      .id = block.id,
                      .dedup = dedup,
                      .text_bytes = static_cast<std::uint32_t>(block.payload - block.text),
                      .topic_bytes = static_cast<std::uint16_t>(block.topic.size()),
                      .base_topic_bytes = static_cast<std::uint16_t>(block.base_topic_bytes),
                      .source_bytes = static_cast<std::uint16_t>(block.source_name.size()),
                      .field_count = static_cast<std::uint16_t>(block.field_count)};
  const std::size_t head = sizeof header + head_bytes(header);
  const char* fields_end = reinterpret_cast<const char*>(block.fields() + block.field_count);
  if (block.text - fields_end < static_cast<std::ptrdiff_t>(head)) return false;
  block.record = block.text - head;
  char* rest = block.record + sizeof header;
  block.dedup_window_s = dedup_window_s;

  char* at = rest;
  for (const auto& [name, value] : block.metadata()) {
    const FieldHead field{static_cast<std::uint32_t>(block.payload - name.data()),
                          static_cast<std::uint32_t>(name.size()), static_cast<std::uint32_t>(value.size())};
    at = put(at, &field, sizeof field);
  }
  at = put(at, block.topic.data(), block.topic.size());
  put(at, block.source_name.data(), block.source_name.size());

  header.rest_bytes = static_cast<std::uint32_t>(block.payload + block.payload_bytes - rest);
  header.rest_crc = crc32c(0, rest, header.rest_bytes);
  std::memcpy(block.record, &header, sizeof header);
  return true;
}

RecordHeader read_header(const char* at) noexcept {
  RecordHeader header;
  std::memcpy(&header, at, sizeof header);
  return header;
}

void write_header(char* at, RecordHeader header, std::uint32_t crc_seed) noexcept {
  std::memcpy(at, &header, sizeof header);
  header.header_crc = header_crc(at, crc_seed);
  std::memcpy(at, &header, sizeof header);
}

bool header_holds(const RecordHeader& header, const char* at, std::uint32_t crc_seed) noexcept {
  return header.magic == kRecordMagic && header.header_crc == header_crc(at, crc_seed) &&
         header.rest_bytes <= kRestBytesMax && head_bytes(header) + header.text_bytes <= header.rest_bytes &&
         header.base_topic_bytes <= header.topic_bytes && header.batch_index < header.offset;
}

bool rest_holds(const RecordHeader& header, const char* rest) noexcept {
  return crc32c(0, rest, header.rest_bytes) == header.rest_crc;
}

std::size_t payload_bytes(const RecordHeader& header) noexcept {
  return header.rest_bytes - head_bytes(header) - header.text_bytes;
}

std::size_t decoded_area_bytes(const RecordHeader& header) noexcept {
  const std::size_t bytes =
      header.field_count * sizeof(MetadataField) + header.topic_bytes + header.source_bytes + header.text_bytes;
  return (bytes + 7) / 8 * 8;
}

bool decode(const RecordHeader& header, const char* rest, event::Block& block) noexcept {
  const char* names = rest + header.field_count * sizeof(FieldHead);
  const char* text = rest + head_bytes(header);
  const char* payload = text + header.text_bytes;
  for (std::size_t i = 0; i < header.field_count; ++i) {
    FieldHead field;
    std::memcpy(&field, rest + i * sizeof field, sizeof field);
    const auto inside = std::uint64_t{field.name_bytes} + field.value_bytes;
    if (field.distance > header.text_bytes || inside > field.distance) return false;
    const char* name = payload - field.distance;
    if (!block.add_field({name, field.name_bytes}, {name + field.name_bytes, field.value_bytes})) return false;
  }
  const char* topic = block.add_text({names, header.topic_bytes});
  const char* source = block.add_text({names + header.topic_bytes, header.source_bytes});
  if (topic == nullptr || source == nullptr) return false;
  block.topic = {topic, header.topic_bytes};
  block.source_name = {source, header.source_bytes};
  block.base_topic_bytes = header.base_topic_bytes;
  block.payload_bytes = payload_bytes(header);
  if (block.payload_bytes != 0) std::memcpy(block.payload, payload, block.payload_bytes);
  block.id = header.id;
  block.time_ns = header.time_ns;
  block.offset = header.offset;
  return true;
}

}  // namespace penstock::journal
