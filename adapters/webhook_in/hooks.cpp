#include "webhook_in/hooks.hpp"

#include "webhook_in/hook_request.hpp"
#include "webhook_in/hook_state.hpp"
#include "webhook_in/source_name.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace penstock::webhook_in {
namespace {

[[noreturn]] void refuse(std::string_view source, const std::string& why) {
  throw SetupError("source '" + std::string{source} + "': " + why);
}

std::string_view topic_of(const Hook& hook) { return hook.topic.empty() ? hook.source : hook.topic; }

void require_usable(const Hook& hook) {
  if (!valid_source_name(hook.source)) throw SetupError("'" + hook.source + "'" + std::string{kBadSourceName});
  if (!valid_base_topic(topic_of(hook))) {
    refuse(hook.source,
           "'" + hook.topic + "' is no topic: levels of letters, digits, '_', ':', '/', '-', joined by dots");
  }
  if (!hook.verifier) refuse(hook.source, "has no verifier: choose a preset or a scheme, or write kind: none");
  if (hook.accepted_status < 200 || hook.accepted_status > 299 || hook.accepted_status == 204 ||
      hook.accepted_status == 205) {
    refuse(hook.source, "accepted_status " + std::to_string(hook.accepted_status) +
                            ": must be 200 to 299, but not 204 or 205, which carry no body");
  }
}

// nullopt: its events stay on their base topic.
std::optional<Route> route_of(const Hook& hook) {
  std::vector<Route> places;
  for (const std::string& place : hook.event) {
    try {
      places.push_back(parse_place(place));
    } catch (const SetupError& error) {
      refuse(hook.source, error.what());
    }
  }
  if (places.empty()) return std::nullopt;
  return Route::first_of(places);
}

std::optional<Dedup> dedup_of(const Hook& hook) {
  if (hook.delivery_id.empty()) return std::nullopt;
  try {
    return Dedup{parse_place(hook.delivery_id), hook.dedup_window};
  } catch (const SetupError& error) {
    refuse(hook.source, error.what());
  }
}

bool same_places(const std::optional<Route>& a, const std::optional<Route>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return std::equal(a->places().begin(), a->places().end(), b->places().begin(), b->places().end(),
                    [](const Route::Place& x, const Route::Place& y) {
                      if (x.kind != y.kind) return false;
                      return x.kind == Route::Kind::header ? http::equal_without_case(x.name, y.name)
                                                           : x.name == y.name;
                    });
}

// A route belongs to a topic, so the sources of one topic must want the same one.
void require_agreement(const std::vector<Hook>& hooks, const std::vector<std::optional<Route>>& routes) {
  for (std::size_t i = 0; i < hooks.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      if (hooks[i].source == hooks[k].source) refuse(hooks[i].source, "stands twice: rename one of them");
      if (topic_of(hooks[i]) == topic_of(hooks[k]) && !same_places(routes[i], routes[k])) {
        refuse(hooks[i].source, "shares topic '" + std::string{topic_of(hooks[i])} + "' with source '" +
                                    hooks[k].source +
                                    "', but their events are routed by other places: give both the same "
                                    "'event', or one of them a topic of its own");
      }
    }
  }
}

// All are checked before the broker hears of the first.
std::vector<Door> doors_of(Broker& broker, const std::vector<Hook>& hooks) {
  std::vector<std::optional<Route>> routes;
  std::vector<std::optional<Dedup>> dedups;
  routes.reserve(hooks.size());
  dedups.reserve(hooks.size());
  for (const Hook& hook : hooks) {
    require_usable(hook);
    routes.push_back(route_of(hook));
    dedups.push_back(dedup_of(hook));
  }
  require_agreement(hooks, routes);
  std::vector<Door> doors;
  doors.reserve(hooks.size());
  for (std::size_t i = 0; i < hooks.size(); ++i) {
    const Hook& hook = hooks[i];
    doors.push_back(Door{.source = broker.source(hook.source, topic_of(hook)),
                         .topic = std::string{topic_of(hook)},
                         .route = std::move(routes[i]),
                         .verifier = hook.verifier,
                         .dedup = std::move(dedups[i]),
                         .accepted_status = hook.accepted_status,
                         .keep_encoded = hook.keep_encoded,
                         .payload_bytes_max = hook.payload_bytes_max});
  }
  return doors;
}

void require_usable(const Broker& broker, const HookOptions& options) {
  const bool digits =
      std::all_of(options.retry_after.begin(), options.retry_after.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (options.retry_after.empty() || !digits) {
    throw SetupError("retry_after '" + options.retry_after + "': must be whole seconds, as in 1 (RFC 9110, 10.2.3)");
  }
  if (options.io_threads == 0) throw SetupError("io_threads: hooks need at least one I/O thread");
  ReceiptDesks::require(broker, options.receipts.get(), options.io_threads);
}

// What the server itself answers before a handler's begin(): still one event of the source, and refused.
std::optional<Refusal> refusal_of_status(int status) {
  switch (status) {
    case 404:
    case 405: return std::nullopt;  // No POST to a source.
    case 408: return Refusal::too_slow;
    case 411: return Refusal::no_length;
    case 413: return Refusal::too_large;
    case 415: return Refusal::bad_encoding;
    case 503: return Refusal::closed;  // It drains.
    default: return Refusal::malformed;
  }
}

http::Route make_route(const std::shared_ptr<HookState>& state, std::size_t index, std::string path) {
  const Door& door = state->doors[index];
  http::Route route;
  route.method = "POST";
  route.path = std::move(path);
  // A body that the unverified ones' share could never hold would be told to try again for ever.
  route.body_bytes_max = std::min(door.payload_bytes_max, state->unverified_bytes_max);
  route.length_required = true;
  route.on_refused = [state, index](std::size_t io_thread, int status) {
    const std::optional<Refusal> reason = refusal_of_status(status);
    if (reason) state->refuse(state->lanes->at(io_thread), state->doors[index], *reason);
  };
  route.make = [state, index](std::size_t io_thread) {
    return std::make_unique<HookRequest>(state, state->lanes->at(io_thread), state->doors[index]);
  };
  return route;
}

}  // namespace

Route parse_place(std::string_view text) {
  constexpr std::string_view header = "header:";
  constexpr std::string_view json = "json:";
  if (text.starts_with(header)) return Route::header(text.substr(header.size()));
  if (text.starts_with(json)) return Route::json(text.substr(json.size()));
  throw SetupError("'" + std::string{text} + "' is no place: write header:NAME or json:/pointer");
}

Hooks::Hooks(Broker& broker, const std::vector<Hook>& hooks, HookOptions options)
    : broker_{&broker}, state_{std::make_shared<HookState>()} {
  require_usable(broker, options);
  state_->doors = doors_of(broker, hooks);
  state_->unverified_bytes_max = options.unverified_bytes_max;
  state_->retry_after = std::move(options.retry_after);
  state_->on_refused = std::move(options.on_refused);
  for (const Door& door : state_->doors) {
    if (door.route) broker.route(door.topic, *door.route);
  }
  for (std::size_t i = 0; i < options.io_threads; ++i) {
    state_->lanes->emplace_back(
        broker.publisher(),
        options.receipts ? std::shared_ptr<ReceiptDesk>{options.receipts, &options.receipts->at(i)} : nullptr);
  }
}

Hooks::Hooks(Broker& broker, std::shared_ptr<HookState> state) noexcept : broker_{&broker}, state_{std::move(state)} {}

Hooks Hooks::successor(const std::vector<Hook>& hooks, std::size_t unverified_bytes_max) const {
  auto state = std::make_shared<HookState>();
  state->doors = doors_of(*broker_, hooks);
  state->lanes = state_->lanes;
  state->unverified_bytes_max = unverified_bytes_max;
  state->retry_after = state_->retry_after;
  state->on_refused = state_->on_refused;
  return Hooks{*broker_, std::move(state)};
}

std::function<void(std::size_t)> Hooks::wake_after_requests() {
  for (Lane& lane : *state_->lanes) lane.publisher.wake_later();
  return [lanes = state_->lanes](std::size_t io_thread) { lanes->at(io_thread).publisher.wake(); };
}

// Only what differs: the broker keeps every route that it was ever given, since a publish may be reading one.
void Hooks::take_over(const Hooks& former) {
  const auto routed = [](const HookState& state, const std::string& topic) -> std::optional<Route> {
    const auto door = std::find_if(state.doors.begin(), state.doors.end(),
                                   [&](const Door& candidate) { return candidate.topic == topic; });
    return door == state.doors.end() ? std::nullopt : door->route;
  };
  const auto had = [&former](const std::string& topic) {
    return std::any_of(former.state_->doors.begin(), former.state_->doors.end(),
                       [&](const Door& door) { return door.topic == topic; });
  };
  // A topic that no source has any more keeps its route: requests that were begun before still publish to it.
  for (const Door& door : state_->doors) {
    const std::optional<Route> before = routed(*former.state_, door.topic);
    if (door.route && !same_places(door.route, before)) broker_->route(door.topic, *door.route);
    if (!door.route && (before || !had(door.topic))) broker_->unroute(door.topic);
  }
}

Hooks::~Hooks() = default;
Hooks::Hooks(Hooks&& other) noexcept = default;
Hooks& Hooks::operator=(Hooks&& other) noexcept = default;

std::vector<http::Route> Hooks::routes() const {
  std::vector<http::Route> routes;
  for (std::size_t i = 0; i < state_->doors.size(); ++i) {
    const Door& door = state_->doors[i];
    const std::string path = "/hooks/" + std::string{door.source.name()};
    routes.push_back(make_route(state_, i, path));
    // Without a token too: that is a request to this source, to be counted as one that is not authentic.
    if (!door.verifier->reads_path()) continue;
    for (const char* const tail : {"/", "/*"}) routes.push_back(make_route(state_, i, path + tail));
  }
  return routes;
}

std::size_t Hooks::unverified_bytes() const noexcept { return state_->unverified_bytes(); }

}  // namespace penstock::webhook_in
