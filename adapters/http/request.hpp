// What the server gives a route: one parsed request head. No type of Asio crosses this header.
//
// Views point into the connection's buffer and stay valid until the request has been answered or cut.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace penstock::http {

/// Name and value of a field line, the value trimmed of SP and HTAB. Names compare without case.
using Field = std::pair<std::string_view, std::string_view>;

[[nodiscard]] bool same_letters(std::string_view a, std::string_view b) noexcept;  ///< Of equal lengths.

/// ASCII without case: field names, the token `chunked`, `bearer`.
[[nodiscard]] inline bool equal_without_case(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && same_letters(a, b);  // Nearly always the length decides.
}

/// `out` becomes `text` with ASCII letters in lower case. Allocates only to become longer than it ever was.
void lower_case(std::string_view text, std::string& out);

struct RequestHead {
  std::string_view method;
  std::string_view target;                      ///< As sent. May hold a path token: never log it.
  std::string_view path;                        ///< Undecoded, without the query. Absolute form: its path.
  std::string_view query;                       ///< Behind the first `?`, without it; undecoded.
  std::string_view host;                        ///< Of the Host field, or of an absolute target, which wins.
  std::span<const Field> fields;                ///< In order, repeats kept.
  std::optional<std::uint64_t> content_length;  ///< nullopt: chunked or no body.
  bool chunked = false;
  int minor_version = 1;
  bool keep_alive = true;

  [[nodiscard]] bool has_body() const noexcept { return chunked || content_length.value_or(0) > 0; }
  /// The first field of that name; nullopt if there is none.
  [[nodiscard]] std::optional<std::string_view> field(std::string_view name) const noexcept;
  /// The field of that name if there is exactly one; nullopt if none or several.
  [[nodiscard]] std::optional<std::string_view> only_field(std::string_view name) const noexcept;
};

}  // namespace penstock::http
