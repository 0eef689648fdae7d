// Finds what an event says at the places of a Route, made ready for the hot path: its sub-topic, its delivery id.
//
//     const routing::Router router{Route::header("x-github-event")};
//     const routing::FoundValue found = router.sub_topic(*block, reader, room);   // .value is "push"
//
// Threads: a Router is immutable; a JsonFieldReader serves one thread. No allocation but for very long payloads
// (json_field.hpp). A header is O(fields), a JSON field O(payload).

#pragma once

#include "event/block.hpp"
#include "routing/json_field.hpp"
#include <penstock/route.hpp>
#include <penstock/topic.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::routing {

/// Why there is a value or not. All but `found` and `no_memory` leave the event unrouted on its base topic.
enum class Found : std::uint8_t { found, number, absent, repeated, not_a_topic, not_a_string, malformed, no_memory };

struct FoundValue {
  Found status;
  std::string_view value = {};  ///< Valid until the next use of what finding it was given.
};

class Router {
 public:
  /// What a function may write its value to.
  using Room = std::array<char, kSubTopicBytesMax>;

  explicit Router(const Route& route);

  /// The value at the first place that exists, whatever it is: `found`, a `number`, or why there is none.
  /// Functions are shown `block` as an event without id and time: what these were before is lost.
  [[nodiscard]] FoundValue find(event::Block& block, JsonFieldReader& reader, Room& room) const noexcept;
  /// The same, but only what can be a sub-topic is `found`; a number is not.
  [[nodiscard]] FoundValue sub_topic(event::Block& block, JsonFieldReader& reader, Room& room) const noexcept;

  [[nodiscard]] bool reads_payload() const noexcept { return reads_payload_; }  ///< With the reader, that is.
  [[nodiscard]] std::string text() const;  ///< `header:x-github-event, json:/type, function:NAME`.

 private:
  struct Place {
    Route::Kind kind;
    std::string name;
    FieldPath path;  ///< Empty but for JSON.
    Route::Function function;
  };

  std::vector<Place> places_;
  bool reads_payload_ = false;
};

}  // namespace penstock::routing
