#include "broker/seen_ids.hpp"

#include <algorithm>
#include <limits>
#include <new>
#include <random>

namespace penstock {

namespace {

journal::SipKey random_key() {
  std::random_device random;
  const auto word = [&random] { return std::uint64_t{random()} << 32U | random(); };
  return {.low = word(), .high = word()};
}

}  // namespace

SeenIds::SeenIds(event::Memory& memory, std::size_t bytes_max)
    : memory_{memory}, part_bytes_max_{bytes_max / kParts}, secret_{random_key()} {}

SeenIds::~SeenIds() {
  for (const Part& part : parts_) {
    if (part.index) memory_.uncharge(part.index->bytes());
  }
}

journal::DedupKey SeenIds::key_of(std::string_view source, std::string_view delivery_id) const noexcept {
  return journal::dedup_key(secret_, source, delivery_id);
}

bool SeenIds::make_index(Part& part) noexcept {
  try {
    part.index.emplace(part_bytes_max_);
  } catch (const std::bad_alloc&) {
    return false;
  }
  if (memory_.charge(part.index->bytes())) return true;
  memory_.reclaim();
  if (memory_.charge(part.index->bytes())) return true;
  part.index.reset();
  return false;
}

double SeenIds::known_seconds(std::int64_t now_ns) noexcept {
  constexpr std::int64_t all = std::numeric_limits<std::int64_t>::max();
  std::int64_t known_ns = all;
  for (Part& part : parts_) {
    const std::lock_guard lock{part.mutex};
    if (part.index) known_ns = std::min(known_ns, part.index->window_ns(now_ns, all));
  }
  constexpr double ns_per_second = 1e9;
  return known_ns == all ? std::numeric_limits<double>::infinity() : static_cast<double>(known_ns) / ns_per_second;
}

}  // namespace penstock
