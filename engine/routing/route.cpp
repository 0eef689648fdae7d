#include "routing/json_field.hpp"
#include <penstock/error.hpp>
#include <penstock/route.hpp>

#include <stdexcept>
#include <utility>

namespace penstock {

namespace {

/// A token of RFC 9110, 5.6.2: what a field name may be made of.
bool is_field_name(std::string_view name) noexcept {
  constexpr std::string_view token_bytes =
      "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  return !name.empty() && name.find_first_not_of(token_bytes) == std::string_view::npos;
}

}  // namespace

Route Route::header(std::string_view name) {
  if (!is_field_name(name)) {
    throw SetupError("route header '" + std::string(name) + "': not an HTTP field name; write one like x-github-event");
  }
  Route route;
  route.places_.push_back({.kind = Kind::header, .name = std::string(name)});
  return route;
}

Route Route::json(std::string_view pointer) {
  try {
    (void)routing::FieldPath::parse(pointer);
  } catch (const std::invalid_argument& error) {
    throw SetupError("route json: " + std::string(error.what()) + "; write a JSON Pointer like /event_name");
  }
  Route route;
  route.places_.push_back({.kind = Kind::json, .name = std::string(pointer)});
  return route;
}

Route Route::function(std::string_view name, Function function) {
  if (!function) throw SetupError("route function '" + std::string(name) + "': is empty; give one that can be called");
  Route route;
  route.places_.push_back({Kind::function, std::string(name), std::move(function)});
  return route;
}

Route Route::first_of(std::initializer_list<Route> routes) { return first_of(std::vector<Route>(routes)); }

Route Route::first_of(const std::vector<Route>& routes) {
  Route all;
  for (const Route& route : routes) all.places_.insert(all.places_.end(), route.places_.begin(), route.places_.end());
  if (all.places_.empty())
    throw SetupError("route: names no place; give at least one header, JSON Pointer or function");
  return all;
}

}  // namespace penstock
