// Which route a request goes to. Built once, then read by all I/O threads.
//
//     const RouteMatch match = table.find("POST", "/hooks/github");
//     if (!match.path_known) …404…; else if (match.route == nullptr) …405 with match.allow…
//
// An exact path beats every prefix; of prefixes the longest wins. Paths are compared as they came: nothing is decoded
// and dot segments mean nothing. find(): no allocation, one hash look-up, then linear in the number of prefixes.

#pragma once

#include "http/handler.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace penstock::http {

struct RouteMatch {
  bool path_known = false;
  const Route* route = nullptr;  ///< nullptr: the path is known, the method is not.
  std::size_t index = 0;         ///< Of the route, in the order given.
  std::string_view allow = {};   ///< Methods of the path, for the field Allow.
};

class RouteTable {
 public:
  /// Throws std::invalid_argument, naming the route: a path without `/` in front, a method twice for one path, or no
  /// `make`. A GET route answers HEAD too, unless HEAD has a route of its own.
  explicit RouteTable(std::vector<Route> routes);

  [[nodiscard]] RouteMatch find(std::string_view method, std::string_view path) const noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return routes_.size(); }
  [[nodiscard]] const Route& at(std::size_t index) const noexcept { return routes_[index]; }

 private:
  struct Path {
    std::map<std::string, std::size_t, std::less<>> route_by_method;
    std::string allow;
  };

  void add(std::size_t index);
  [[nodiscard]] const Path* find_path(std::string_view path) const noexcept;

  std::vector<Route> routes_;
  std::map<std::string, Path, std::less<>> paths_;                  // As given; prefixes end in `/*`.
  std::unordered_map<std::string_view, const Path*> exact_;         // Views of the keys of paths_.
  std::vector<std::pair<std::string_view, const Path*>> prefixes_;  // Without the `*`, longest first.
};

}  // namespace penstock::http
