#include "watching/forward.hpp"

#include "http/request.hpp"
#include "sending/json_place.hpp"
#include "streams/json_text.hpp"
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <cstdint>

namespace penstock::watching {
namespace {

namespace json = boost::json;

/// Of the hop, or set anew (RFC 9110, 7.6.1).
constexpr std::array<std::string_view, 11> kLeftBehind{
    "connection", "content-length",    "expect",         "host", "keep-alive", "proxy-connection", "te", "trailer",
    "upgrade",    "transfer-encoding", "accept-encoding"};

bool is_clean(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\t'; });
}

void add_field(Forwarded& into, std::string_view name, const json::value& value) {
  const bool stays = std::any_of(kLeftBehind.begin(), kLeftBehind.end(),
                                 [&](std::string_view left) { return http::equal_without_case(left, name); });
  if (stays || name.empty() || !is_clean(name) || name.find_first_of(": ") != std::string_view::npos) return;
  if (const json::array* values = value.if_array()) {
    for (const json::value& one : *values) add_field(into, name, one);
  } else if (const json::string* text = value.if_string(); text != nullptr && is_clean(*text)) {
    into.fields.emplace_back(name, std::string_view{*text});
  }
}

/// nullopt: not base64 (RFC 4648, 4, with padding).
std::optional<std::string> decoded(std::string_view text) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const std::size_t digit = alphabet.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = (bits << 6U) | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(static_cast<unsigned char>(bits >> count));
  }
  return bytes;
}

const json::string* text_at(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr ? nullptr : value->if_string();
}

}  // namespace

std::optional<Forwarded> forwarded(std::string_view envelope) {
  boost::system::error_code error;
  const json::value value = json::parse(envelope, error);
  const json::object* object = error ? nullptr : value.if_object();
  const json::string* payload = object == nullptr ? nullptr : text_at(*object, "payload_base64");
  if (payload == nullptr) return std::nullopt;
  std::optional<std::string> bytes = decoded(*payload);
  if (!bytes) return std::nullopt;
  Forwarded result{.payload = std::move(*bytes)};
  for (const std::string_view name : {"id", "source", "topic"}) {
    if (const json::string* text = text_at(*object, name); text != nullptr && is_clean(*text)) {
      result.fields.emplace_back("x-penstock-" + std::string{name}, std::string_view{*text});
      if (name == "topic") result.topic = std::string_view{*text};
    }
  }
  const json::value* metadata = object->if_contains("metadata");
  if (metadata != nullptr && metadata->is_object()) {
    for (const auto& [name, field] : metadata->get_object()) add_field(result, name, field);
  }
  return result;
}

std::string with_payload(std::string_view envelope, std::string_view payload) {
  constexpr std::string_view member = "\"payload_base64\"";
  streams::JsonChecker checker;
  const std::optional<sending::Place> place = sending::find_json(envelope, "/payload_base64");
  if (!place || !checker.valid(payload)) return std::string{envelope};
  const std::size_t name = envelope.rfind(member, place->begin);
  if (name == std::string_view::npos) return std::string{envelope};
  return std::string{envelope.substr(0, name)} + "\"payload\":" + std::string{payload} +
         std::string{envelope.substr(place->end)};
}

}  // namespace penstock::watching
