// Who may talk to the admin listener: asked before any route, as http::ServerOptions::guard.
//
//     options.guard = admin::make_guard({.listen_address = "127.0.0.1", .listen_port = 8081, .hosts = config.hosts});
//
// - Host must name the listen address, localhost, 127.0.0.1, [::1] or one of `hosts`, with or without a port: else 421.
//   A page that had its own name resolved to this address (DNS rebinding) sends its own name.
// - Origin, if sent, must be http(s) and name one of these: else 403. Its port (80 or 443 where it is left out: RFC
//   6454, 6.2) must be the listener's, or Host's (a forwarded port), or stand with this name in `hosts`. Every
//   Sec-Fetch-Site must be `same-origin` or `none`: else 403 (W3C Fetch Metadata, 2.4).
// - A body on any route but POST /v1/topics/{topic}/events must be application/json: else 415.
// - Bearer tokens (RFC 6750, 2.1) where set, but for /healthz and /readyz: else 401. The write token is good for every
//   request, the read token for GET and HEAD, but for a stream with `overflow=refuse`: its reader could make every
//   publisher wait. With a read token alone nothing may be written.
//
// Threads: the function may be called from any number of threads at once. Never blocks. Allocates for the query of a
// stream only.

#pragma once

#include "http/handler.hpp"
#include "http/request.hpp"
#include "verify/secret.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace penstock::admin {

struct GuardOptions {
  std::string listen_address = "127.0.0.1";  ///< As bound, IPv6 without brackets.
  std::uint16_t listen_port = 0;
  std::vector<std::string> hosts = {};       ///< More names for Host and Origin: `name` (any port) or `name:port`.
  verify::Secret read_token{std::string{}};  ///< Empty: not set.
  verify::Secret write_token{std::string{}};
};

/// Status 0: go on. The views of an answer are valid for ever.
[[nodiscard]] std::function<http::Answer(const http::RequestHead&)> make_guard(GuardOptions options);

}  // namespace penstock::admin
