// Where an event's sub-topic is read: a header (metadata), one field of a JSON payload, or a function of your own; the
// first place that exists.
//
//     broker.route("github", penstock::Route::header("x-github-event"));
//     broker.route("gitlab", penstock::Route::first_of({penstock::Route::json("/event_name"),
//     penstock::Route::json("/object_kind")}));
//
// The value is untrusted. One that is no sub-topic (topic.hpp), stands twice, or is no JSON string leaves the event on
// its base topic: it is published all the same and counted as unrouted.
// Threads: values without shared state; what a function touches is its owner's affair.

#pragma once

#include <penstock/event.hpp>
#include <penstock/export.hpp>

#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace penstock {

class PENSTOCK_EXPORT Route {
 public:
  /// Names an event: the value of its sub-topic, or an empty one when the event has none here. The value may lie in
  /// the event, in static storage, or in `room` (kSubTopicBytesMax bytes that are the call's own). The event has no id,
  /// no time and no sub-topic yet. Called by every publishing thread, in publish: must not block, publish, or keep a
  /// copy of the event. An exception that leaves it counts as a value that is no sub-topic.
  using Function = std::function<std::string_view(const Event& event, std::span<char> room)>;

  enum class Kind : unsigned char { header, json, function };
  struct Place {
    Kind kind;
    /// Header name (compared without case), JSON Pointer (RFC 6901, no steps into arrays), or what stats call it.
    std::string name;
    Function function = {};
  };

  /// Throws SetupError when `name` is not an HTTP field name (RFC 9110, 5.1).
  [[nodiscard]] static Route header(std::string_view name);
  /// Throws SetupError when `pointer` is not a JSON Pointer with at least one step.
  [[nodiscard]] static Route json(std::string_view pointer);
  /// `name` is what stats call it. Throws SetupError when `function` is empty.
  [[nodiscard]] static Route function(std::string_view name, Function function);
  /// The places of all `routes`, tried in that order; the first that exists decides, whatever its value.
  [[nodiscard]] static Route first_of(std::initializer_list<Route> routes);
  [[nodiscard]] static Route first_of(const std::vector<Route>& routes);

  [[nodiscard]] const std::vector<Place>& places() const noexcept { return places_; }

 private:
  std::vector<Place> places_;
};

}  // namespace penstock
