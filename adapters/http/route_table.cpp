#include "http/route_table.hpp"

#include "http/grammar.hpp"

#include <algorithm>
#include <stdexcept>

namespace penstock::http {

RouteTable::RouteTable(std::vector<Route> routes) : routes_{std::move(routes)} {
  for (std::size_t i = 0; i < routes_.size(); ++i) add(i);
  for (auto& [path, entry] : paths_) {
    const auto get = entry.route_by_method.find("GET");
    if (get != entry.route_by_method.end()) entry.route_by_method.emplace("HEAD", get->second);
    for (const auto& [method, index] : entry.route_by_method) entry.allow += (entry.allow.empty() ? "" : ", ") + method;
    if (path.ends_with("/*")) {
      prefixes_.emplace_back(std::string_view(path).substr(0, path.size() - 1), &entry);
    } else {
      exact_.emplace(path, &entry);
    }
  }
  std::sort(prefixes_.begin(), prefixes_.end(),
            [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
}

void RouteTable::add(std::size_t index) {
  const Route& route = routes_[index];
  const auto refuse = [&route](const char* reason) {
    return std::invalid_argument("route " + route.method + " " + route.path + ": " + reason);
  };
  if (!route.path.starts_with('/')) throw refuse("the path must begin with '/'");
  if (!grammar::is_token(route.method)) throw refuse("the method must be a token, as POST");
  if (!route.make) throw refuse("nothing makes its handlers: set Route::make");
  if (!paths_[route.path].route_by_method.emplace(route.method, index).second) throw refuse("is there twice");
}

const RouteTable::Path* RouteTable::find_path(std::string_view path) const noexcept {
  if (const auto found = exact_.find(path); found != exact_.end()) return found->second;
  for (const auto& [prefix, entry] : prefixes_) {
    // The star stands for one byte or more.
    if (path.size() > prefix.size() && path.starts_with(prefix)) return entry;
  }
  return nullptr;
}

RouteMatch RouteTable::find(std::string_view method, std::string_view path) const noexcept {
  const Path* const entry = find_path(path);
  if (entry == nullptr) return {};
  const auto found = entry->route_by_method.find(method);
  if (found == entry->route_by_method.end()) return {.path_known = true, .allow = entry->allow};
  return {.path_known = true, .route = &routes_[found->second], .index = found->second, .allow = entry->allow};
}

}  // namespace penstock::http
