// The delivery id of a request: what two copies of one event share.
//
//     const DeliveryId id = delivery_id("header:X-GitHub-Delivery", fields, body);   // id.text, or id.why there is
//     none
//
// Threads: pure function. O(fields), or O(body).

#pragma once

#include "options.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::explaining {

struct DeliveryId {
  std::optional<std::string> text = {};
  std::string why = {};  ///< When there is none.
};

/// `place`: header:NAME or json:/pointer. A header must be there once; a JSON value must be a text or a number. Empty
/// is no id, nor is what is longer than kDeliveryIdBytesMax: as EventBuilder::deduplicate() sees it.
[[nodiscard]] DeliveryId delivery_id(std::string_view place, const std::vector<command::FieldLine>& fields,
                                     std::string_view body);

}  // namespace penstock::explaining
