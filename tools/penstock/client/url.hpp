// http:// URLs as send and tail take them.
//
//     std::variant<Url, std::string> url = parse_url("http://127.0.0.1:8081");   // or why not
//
// Threads: pure functions.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace penstock::client {

struct Url {
  std::string host = {};  ///< Name or address, IPv6 without brackets.
  std::uint16_t port = 80;
  std::string target = "/";  ///< Path and query, as it is sent.

  [[nodiscard]] std::string authority() const;  ///< For the Host field: `127.0.0.1:8081`, `[::1]:8081`.
};

/// Only http: nothing here speaks TLS yet. A user or password, a fragment, blanks and control bytes are refused.
[[nodiscard]] std::variant<Url, std::string> parse_url(std::string_view text);

/// `text` for one query value (RFC 3986, 2.3): all but unreserved characters percent-encoded.
[[nodiscard]] std::string query_value(std::string_view text);

}  // namespace penstock::client
