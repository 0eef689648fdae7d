#include "routing/router.hpp"

#include "event/lent.hpp"
#include <penstock/topic.hpp>

namespace penstock::routing {

namespace {

FoundValue from_header(std::span<const MetadataField> fields, std::string_view name) noexcept {
  const std::string_view* value = nullptr;
  for (const auto& [field_name, field_value] : fields) {
    if (!event::equal_without_case(field_name, name)) continue;
    if (value != nullptr) return {.status = Found::repeated};  // Which of two is meant, only the sender knows.
    value = &field_value;
  }
  if (value == nullptr) return {.status = Found::absent};
  return {.status = Found::found, .value = *value};
}

FoundValue from_json(std::string_view payload, const FieldPath& path, JsonFieldReader& reader) noexcept {
  const FieldResult field = reader.read(payload, path);
  switch (field.status) {
    case FieldStatus::found: return {.status = Found::found, .value = field.value};
    case FieldStatus::number: return {.status = Found::number, .value = field.value};
    case FieldStatus::absent: return {.status = Found::absent};
    case FieldStatus::not_a_string: return {.status = Found::not_a_string};
    case FieldStatus::malformed: return {.status = Found::malformed};
    case FieldStatus::no_memory: return {.status = Found::no_memory};
  }
  return {.status = Found::malformed};
}

FoundValue from_function(event::Block& block, const Route::Function& function, Router::Room& room) noexcept {
  block.id = {};  // A used block still has its last event's.
  block.time_ns = 0;
  try {
    const std::string_view value = function(event::Lent{&block}.event(), room);
    return value.empty() ? FoundValue{.status = Found::absent} : FoundValue{.status = Found::found, .value = value};
  } catch (...) {
    return {.status = Found::not_a_topic};
  }
}

}  // namespace

Router::Router(const Route& route) {
  for (const Route::Place& place : route.places()) {
    const bool json = place.kind == Route::Kind::json;
    places_.push_back({place.kind, place.name, json ? FieldPath::parse(place.name) : FieldPath{}, place.function});
    reads_payload_ = reads_payload_ || json;
  }
}

FoundValue Router::find(event::Block& block, JsonFieldReader& reader, Room& room) const noexcept {
  const auto find_at = [&](const Place& place) {
    switch (place.kind) {
      case Route::Kind::header: return from_header(block.metadata(), place.name);
      case Route::Kind::json: return from_json(block.payload_view(), place.path, reader);
      case Route::Kind::function: return from_function(block, place.function, room);
    }
    return FoundValue{.status = Found::absent};
  };
  for (const Place& place : places_) {
    const FoundValue found = find_at(place);
    if (found.status != Found::absent) return found;
  }
  return {.status = Found::absent};
}

FoundValue Router::sub_topic(event::Block& block, JsonFieldReader& reader, Room& room) const noexcept {
  const FoundValue value = find(block, reader, room);
  if (value.status == Found::number) return {.status = Found::not_a_string};
  if (value.status == Found::found && !valid_sub_topic(value.value)) return {.status = Found::not_a_topic};
  return value;
}

std::string Router::text() const {
  std::string text;
  for (const Place& place : places_) {
    if (!text.empty()) text += ", ";
    switch (place.kind) {
      case Route::Kind::header: text += "header:"; break;
      case Route::Kind::json: text += "json:"; break;
      case Route::Kind::function: text += "function:"; break;
    }
    text += place.name;
  }
  return text;
}

}  // namespace penstock::routing
