#include "routing/router.hpp"
#include <penstock/dedup.hpp>
#include <penstock/error.hpp>

#include <string>

namespace penstock {

namespace {

constexpr std::chrono::seconds kWindowMin{1};
constexpr std::chrono::seconds kWindowMax = std::chrono::hours{366 * 24};

}  // namespace

Dedup::Dedup(const Route& id, std::chrono::seconds window)
    : id_{std::make_shared<const routing::Router>(id)}, window_{window} {
  if (id.places().empty()) throw SetupError("dedup: names no place; give the header or JSON field of the delivery id");
  if (window < kWindowMin || window > kWindowMax) {
    throw SetupError("dedup: a window of " + std::to_string(window.count()) + " s; give 1 s to 366 days");
  }
}

}  // namespace penstock
