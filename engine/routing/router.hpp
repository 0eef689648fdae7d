// Finds an event's sub-topic: a Route, made ready for the hot path.
//
//     const routing::Router router{Route::header("x-github-event")};
//     const routing::SubTopic found = router.sub_topic(fields, payload, reader);   // .value is "push"
//
// Threads: a Router is immutable; a JsonFieldReader serves one thread. No allocation but for very long payloads
// (json_field.hpp). A header is O(fields), a JSON field O(payload).

#pragma once

#include "routing/json_field.hpp"
#include <penstock/event.hpp>
#include <penstock/route.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::routing {

/// Why there is a sub-topic or not. All but `found` and `no_memory` leave the event unrouted on its base topic.
enum class Found : std::uint8_t { found, absent, repeated, not_a_topic, not_a_string, malformed, no_memory };

struct SubTopic {
  Found status;
  std::string_view value = {};  ///< Valid until the reader's next use.
};

class Router {
 public:
  explicit Router(const Route& route);

  [[nodiscard]] SubTopic sub_topic(std::span<const MetadataField> fields, std::string_view payload,
                                   JsonFieldReader& reader) const noexcept;

  [[nodiscard]] bool reads_payload() const noexcept { return reads_payload_; }
  [[nodiscard]] std::string text() const;  ///< `header:x-github-event, json:/type`.

 private:
  struct Place {
    Route::Kind kind;
    std::string name;
    FieldPath path;  ///< Empty for a header.
  };

  std::vector<Place> places_;
  bool reads_payload_ = false;
};

}  // namespace penstock::routing
