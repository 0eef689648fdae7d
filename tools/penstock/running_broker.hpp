// Where the admin API of a running broker is, and what opens it: for publish, tail, and all that talk to one.
//
//     const RunningBroker broker = find_broker(options.common, environment, output);
//     client::Client client{broker.url};   // + "Authorization: Bearer " + broker.token, unless that is empty
//
// Threads: one. Reads the configuration file: blocks. Errors: WrongUse; BadConfiguration when the file is refused.

#pragma once

#include "client/url.hpp"
#include "config/substitution.hpp"
#include "options.hpp"
#include "output.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace penstock::command {

struct RunningBroker {
  client::Url url = {};
  std::string token = {};  ///< Empty: none.
};

/// Of --url, else `admin.listen` of its variable, else of the file, else http://127.0.0.1:8081. The token is in the
/// variable --token-env.
[[nodiscard]] RunningBroker find_broker(const Common& common, const config::Environment& environment,
                                        const Output& output);

/// What `work` gives, or the exit status of what left it, told on stderr as `penstock COMMAND: why`.
[[nodiscard]] Exit exit_of(std::string_view command, const Output& output, const std::function<Exit()>& work);

/// An http:// URL given as `flag`.
[[nodiscard]] client::Url url_of(const std::string& text, std::string_view flag);

}  // namespace penstock::command
