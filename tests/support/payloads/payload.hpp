// A real body and its header fields, by name: "github/push".

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace penstock::support {

struct Payload {
  std::string body;
  std::vector<std::pair<std::string, std::string>> fields;  ///< In order, as the sender writes them; no proof.
};

/// Throws std::runtime_error when there is no such file under tests/support/payloads.
[[nodiscard]] Payload read_payload(std::string_view name);

}  // namespace penstock::support
