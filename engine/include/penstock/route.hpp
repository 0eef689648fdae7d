// Where an event's sub-topic is read: a header (metadata) or one field of a JSON payload, the first place that exists.
//
//     broker.route("github", penstock::Route::header("x-github-event"));
//     broker.route("gitlab", penstock::Route::first_of({penstock::Route::json("/event_name"),
//     penstock::Route::json("/object_kind")}));
//
// The value is untrusted. One that is no sub-topic (topic.hpp), stands twice, or is no JSON string leaves the event on
// its base topic: it is published all the same and counted as unrouted.
// Threads: values without shared state.

#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace penstock {

class Route {
 public:
  enum class Kind : unsigned char { header, json };
  struct Place {
    Kind kind;
    std::string name;  ///< Header name (compared without case), or JSON Pointer (RFC 6901, no steps into arrays).
  };

  /// Throws SetupError when `name` is not an HTTP field name (RFC 9110, 5.1).
  [[nodiscard]] static Route header(std::string_view name);
  /// Throws SetupError when `pointer` is not a JSON Pointer with at least one step.
  [[nodiscard]] static Route json(std::string_view pointer);
  /// The places of all `routes`, tried in that order; the first that exists decides, whatever its value.
  [[nodiscard]] static Route first_of(std::initializer_list<Route> routes);
  [[nodiscard]] static Route first_of(const std::vector<Route>& routes);

  [[nodiscard]] const std::vector<Place>& places() const noexcept { return places_; }

 private:
  std::vector<Place> places_;
};

}  // namespace penstock
