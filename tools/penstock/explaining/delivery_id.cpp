#include "explaining/delivery_id.hpp"

#include "http/request.hpp"
#include "sending/json_place.hpp"
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <penstock/dedup.hpp>

namespace penstock::explaining {
namespace {

constexpr std::string_view kHeader = "header:";
constexpr std::string_view kJson = "json:";

DeliveryId in_header(std::string_view name, const std::vector<command::FieldLine>& fields) {
  const std::string* value = nullptr;
  for (const auto& field : fields) {
    if (!http::equal_without_case(field.first, name)) continue;
    if (value != nullptr) return {.why = std::string{name} + " stands more than once"};
    value = &field.second;
  }
  if (value == nullptr) return {.why = std::string{name} + " is missing"};
  if (value->empty()) return {.why = std::string{name} + " is empty"};
  return {.text = *value};
}

DeliveryId in_json(std::string_view pointer, std::string_view body) {
  const std::string where{pointer};
  const std::optional<sending::Place> place = sending::find_json(body, pointer);
  if (!place) return {.why = "the body has nothing at " + where};
  const std::string_view written = body.substr(place->begin, place->size());
  boost::system::error_code error;
  const boost::json::value value = boost::json::parse(boost::json::string_view{written.data(), written.size()}, error);
  if (!error && value.is_string() && !value.get_string().empty()) {
    return {.text = std::string{value.get_string().data(), value.get_string().size()}};
  }
  if (!error && value.is_number()) return {.text = std::string{written}};
  return {.why = "what the body has at " + where + " is neither a text nor a number"};
}

}  // namespace

DeliveryId delivery_id(std::string_view place, const std::vector<command::FieldLine>& fields, std::string_view body) {
  DeliveryId id = place.starts_with(kHeader) ? in_header(place.substr(kHeader.size()), fields)
                                             : in_json(place.substr(kJson.size()), body);
  if (!id.text || id.text->size() <= kDeliveryIdBytesMax) return id;
  return {.why = "it has " + std::to_string(id.text->size()) + " bytes, and at most " +
                 std::to_string(kDeliveryIdBytesMax) + " are an id"};
}

}  // namespace penstock::explaining
