// All that can be said about one request: what explain prints.
//
//     const Judgement judgement = judge(source, config, request, now);
//
// Threads, blocking and errors: those of explaining/ingress.hpp.

#pragma once

#include "config/config.hpp"
#include "explaining/delivery_id.hpp"
#include "explaining/ingress.hpp"
#include "explaining/request.hpp"
#include "verify/verifier.hpp"

#include <chrono>
#include <string>

namespace penstock::explaining {

struct Judgement {
  verify::Result verify = verify::Result::malformed;
  std::string reason = {};
  int status = 0;
  Passage passage = {};  ///< As it would be, were the request authentic.
  DeliveryId id = {};    ///< Empty, without a why: the source has no dedup key.
};

/// `source` must have its verifier.
[[nodiscard]] Judgement judge(const config::Source& source, const config::Config& config, const GivenRequest& request,
                              std::chrono::system_clock::time_point now);

}  // namespace penstock::explaining
