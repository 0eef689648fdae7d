#include "event/block.hpp"

#include <cstring>
#include <new>

namespace penstock::event {

std::size_t Block::area_free() const noexcept {
  const auto between = static_cast<std::size_t>(text - reinterpret_cast<const char*>(fields() + field_count));
  const std::size_t head = record_head_bytes();
  return between > head ? between - head : 0;
}

char* Block::add_text(std::string_view copied) noexcept {
  if (area_free() < copied.size()) return nullptr;
  text -= copied.size();
  if (!copied.empty()) std::memcpy(text, copied.data(), copied.size());
  return text;
}

bool Block::add_field(std::string_view name, std::string_view value) noexcept {
  if (area_free() < field_bytes() + name.size() + value.size()) return false;
  text -= value.size();
  char* value_text = text;
  text -= name.size();
  if (!value.empty()) std::memcpy(value_text, value.data(), value.size());
  if (!name.empty()) std::memcpy(text, name.data(), name.size());
  new (fields() + field_count) MetadataField{{text, name.size()}, {value_text, value.size()}};
  ++field_count;
  return true;
}

void Block::lay_out(std::size_t area_bytes, std::size_t record_bytes) noexcept {
  payload = reinterpret_cast<char*>(fields()) + area_bytes;
  text = payload;
  payload_bytes = 0;
  payload_room = bytes - size_for(area_bytes, 0);
  field_count = 0;
  base_topic_bytes = 0;
  record = nullptr;
  record_room = static_cast<std::uint32_t>(record_bytes);
  batch = nullptr;
  base_entry = nullptr;
  source = nullptr;
  topic = {};
  source_name = {};
  begun_ns = 0;
  offset = 0;
  dedup_window_s = 0;
  lacks_delivery_id = false;
  unrouted = false;
  sink = nullptr;
}

void Block::take_over(const Block& other) noexcept {
  source = other.source;
  base_entry = other.base_entry;
  base_topic_bytes = other.base_topic_bytes;
  begun_ns = other.begun_ns;
  dedup_key = other.dedup_key;
  dedup_window_s = other.dedup_window_s;
  lacks_delivery_id = other.lacks_delivery_id;
  // Names may lie in the other block's text; those of a table stay where they are.
  const auto in_other = [&other](std::string_view view) {
    const auto* at = view.data();
    return at >= reinterpret_cast<const char*>(&other) && at < other.payload;
  };
  const auto carry = [&](std::string_view view) {
    return in_other(view) ? std::string_view{add_text(view), view.size()} : view;
  };
  topic = carry(other.topic);
  source_name = other.source_name.data() == other.topic.data() ? topic.substr(0, other.source_name.size())
                                                               : carry(other.source_name);
  for (const auto& [name, value] : other.metadata()) (void)add_field(name, value);
  if (other.payload_bytes != 0) std::memcpy(payload, other.payload, other.payload_bytes);
  payload_bytes = other.payload_bytes;
}

}  // namespace penstock::event
