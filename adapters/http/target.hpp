// What a request line asks for: the four forms of a target (RFC 9112 3.2) and the host rules that go with them.
//
//     Target target;
//     if (!read_target("POST", "/hooks/github?a=1", target)) return 400;
//
// Pure functions: no allocation, never throw, linear. Views point into the text given.

#pragma once

#include <string_view>

namespace penstock::http {

struct Target {
  std::string_view
      path;  ///< Undecoded, without the query; "/" where an absolute form has none; "*" or host:port as sent.
  std::string_view query;  ///< Behind the first `?`; undecoded.
  std::string_view host;   ///< Of the absolute form and of CONNECT; else empty.
};

/// A host name, an IPv4 address or an IPv6 address in brackets, with or without a port of at most 65535.
[[nodiscard]] bool is_authority(std::string_view text) noexcept;

/// `/...` for all; `http(s)://authority...` for all; `*` for OPTIONS only; host:port for CONNECT only. False: 400.
[[nodiscard]] bool read_target(std::string_view method, std::string_view text, Target& target) noexcept;

}  // namespace penstock::http
