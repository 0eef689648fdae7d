// Where a value lies in JSON text, so that it can be replaced or taken out without touching any other byte.
//
//     std::optional<Place> id = find_json(body, "/id");   // body.substr(id->begin, id->size()) == "\"03c1…\""
//
// Threads: pure function. O(bytes), allocates nothing but the pointer's steps. Text that is no JSON gives nullopt or a
// place that makes no sense, never more than the text.

#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace penstock::sending {

struct Place {
  std::size_t begin;
  std::size_t end;
  [[nodiscard]] std::size_t size() const noexcept { return end - begin; }
};

/// The first value at `pointer` (RFC 6901, no steps into arrays), quotes and all.
[[nodiscard]] std::optional<Place> find_json(std::string_view text, std::string_view pointer);

}  // namespace penstock::sending
