// From a configuration to the options of each room of the daemon: at the start, and again at each reload.
//
//     http::Server ingress{ingress_options(config, broker), routes};
//
// Pure but for admin_options(), which takes the tokens out of the configuration, where they may stand only once.

#pragma once

#include "admin/admin.hpp"
#include "config/config.hpp"
#include "http/server.hpp"
#include "serving/log.hpp"
#include "webhook_in/hooks.hpp"
#include <penstock/broker.hpp>

#include <chrono>
#include <functional>
#include <string_view>
#include <vector>

namespace penstock::serving {

/// Of the drain's time, the broker's: after the ingress has had its part.
[[nodiscard]] std::chrono::milliseconds broker_drain(const config::Config& config);

[[nodiscard]] BrokerOptions broker_options(const config::Config& config, const Log& log,
                                           std::function<void(std::string_view what)> on_journal_failure = {});
[[nodiscard]] std::vector<webhook_in::Hook> hooks_of(const config::Config& config);
[[nodiscard]] std::vector<admin::SourceInfo> source_infos(const config::Config& config);
[[nodiscard]] http::ServerOptions ingress_options(const config::Config& config, Broker& broker);
[[nodiscard]] http::ServerOptions admin_options(config::Config& config, Broker& broker);

}  // namespace penstock::serving
