#include "verify/verifier.hpp"

#include <algorithm>
#include <array>

namespace penstock::verify {
namespace {

// What each sender's documentation says, and its deliveries show. One value each, so that a sender is one paragraph.
const std::array<Preset, 6>& table() {
  static const std::array<Preset, 6> senders{{
      {.name = "github",  // The older X-Hub-Signature is SHA-1 and never looked at.
       .scheme = {.kind = Kind::hmac, .header = "X-Hub-Signature-256", .item = "sha256={sig}"},
       .event = {"header:X-GitHub-Event"},
       .dedup = "header:X-GitHub-Delivery"},
      {.name = "gitlab",
       .scheme = {.kind = Kind::token, .header = "X-Gitlab-Token"},
       // Only push, tag_push and system hooks have an event_name; all have an object_kind.
       .event = {"json:/event_name", "json:/object_kind"},
       // The one id that stays the same when GitLab tries again; X-Gitlab-Event-UUID names what happened, and one thing
       // that happened may be told to a source by several hooks.
       .dedup = "header:Idempotency-Key"},
      {.name = "bitbucket-cloud",  // SHA-256 under the header that means SHA-1 at GitHub.
       .scheme = {.kind = Kind::hmac, .header = "X-Hub-Signature", .item = "sha256={sig}"},
       .event = {"header:X-Event-Key"},
       .dedup = "header:X-Request-UUID"},
      {.name = "bitbucket-server",
       .scheme = {.kind = Kind::hmac, .header = "X-Hub-Signature", .item = "sha256={sig}"},
       .event = {"header:X-Event-Key"},
       .dedup = "header:X-Request-Id"},
      {.name = "azure-devops",  // Signs nothing.
       .scheme = {.kind = Kind::basic},
       .event = {"json:/eventType"},
       .dedup = "json:/id"},
      {.name = "gerrit",  // Sends neither signature nor header of its own, and no id: only the URL can hold a secret.
       .scheme = {.kind = Kind::path_token},
       .event = {"json:/type"},
       .dedup = ""},
  }};
  return senders;
}

}  // namespace

std::span<const Preset> presets() noexcept { return table(); }

const Preset* preset(std::string_view name) noexcept {
  const auto* const found =
      std::find_if(table().begin(), table().end(), [&](const Preset& p) { return p.name == name; });
  return found == table().end() ? nullptr : found;
}

}  // namespace penstock::verify
