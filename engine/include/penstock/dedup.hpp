// Where a sender writes the id of each delivery, and for how long one counts: two copies of a webhook share it.
//
//     const penstock::Dedup dedup{penstock::Route::header("x-github-delivery"), std::chrono::hours{24}};
//     event.deduplicate(dedup);                                   // an EventBuilder whose payload is complete
//     if (publisher.publish(std::move(event), &id) == penstock::Verdict::duplicate) …   // `id` is the first one's
//
// The id is untrusted: believe the request before it is looked for. Only a hash of it is kept, under a key that is
// random in each process, together with the source's name: two senders may use the same ids.
// Threads: an immutable value. Errors: the constructor throws SetupError.

#pragma once

#include <penstock/export.hpp>
#include <penstock/route.hpp>

#include <chrono>
#include <cstddef>
#include <memory>

namespace penstock {

namespace routing {
class Router;  // engine/routing/router.hpp
}

/// A longer id is none: the event is published and not deduplicated. Ids seen in the wild have at most 64 bytes.
inline constexpr std::size_t kDeliveryIdBytesMax = 256;

class PENSTOCK_EXPORT Dedup {
 public:
  /// The first place of `id` that exists decides, whatever its value. Throws SetupError when `id` names no place or
  /// `window` is not 1 s to 366 days.
  Dedup(const Route& id, std::chrono::seconds window);

  [[nodiscard]] const routing::Router& id() const noexcept { return *id_; }
  [[nodiscard]] std::chrono::seconds window() const noexcept { return window_; }

 private:
  std::shared_ptr<const routing::Router> id_;
  std::chrono::seconds window_;
};

}  // namespace penstock
