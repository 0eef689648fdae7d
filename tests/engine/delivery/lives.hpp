// Subscriptions without a broker, for tests of the rooms below it.

#pragma once

#include "delivery/live.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace penstock::test {

/// A subscription that queues for the handler pool, or (no handler given) only counts.
inline std::shared_ptr<delivery::Live> live(
    delivery::RefusingCount& refusing, std::vector<std::string> patterns, Handler handler = [](const Event&) {},
    delivery::Way way = delivery::Way::pool, SubscribeOptions options = {}) {
  return std::make_shared<delivery::Live>(std::move(patterns), way, std::move(options),
                                          delivery::Live::Callbacks{.handler = std::move(handler)}, refusing);
}

}  // namespace penstock::test
