// An event of the stream as a webhook for somebody else: the payload as it was received, its metadata as headers.
//
//     std::optional<Forwarded> request = forwarded(envelope);   // of a stream with encoding=base64
//
// Threads: pure functions. O(envelope). Errors: nullopt for text that is no envelope.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace penstock::watching {

struct Forwarded {
  std::vector<std::pair<std::string, std::string>> fields = {};
  std::string payload = {};
  std::string topic = {};
};

/// Metadata that describes the connection it came over (host, content-length …) stays behind; x-penstock-id,
/// x-penstock-source and x-penstock-topic come on top.
[[nodiscard]] std::optional<Forwarded> forwarded(std::string_view envelope);

/// The envelope with `"payload":…` where `payload` is JSON, in place of its `"payload_base64":…`.
[[nodiscard]] std::string with_payload(std::string_view envelope, std::string_view payload);

}  // namespace penstock::watching
