// An ingress for one request: the very broker, hooks and HTTP server of `serve`, in memory, on a loopback port of its
// own, for as long as the request takes. So that nothing has to be said twice about how requests are judged.
//
//     const Passage passage = pass({.source = "github", .verifier = …, .event = …}, config, request.wire());
//     passage.status, passage.topic
//
// Threads: starts and ends its own. Blocks until the answer is there. Errors: client::ClientError, http::ListenError,
// SetupError.

#pragma once

#include "config/config.hpp"
#include "webhook_in/hooks.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace penstock::explaining {

/// What became of it.
struct Passage {
  int status = 0;
  std::string answer = {};                ///< The body that the sender gets.
  std::optional<std::string> topic = {};  ///< Of the event; nullopt: there was none.
  bool unrouted = false;                  ///< It stayed on its base topic although a route is set.
};

[[nodiscard]] Passage pass(const webhook_in::Hook& hook, const config::Config& config, std::string_view wire);

}  // namespace penstock::explaining
