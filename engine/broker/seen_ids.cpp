#include "broker/seen_ids.hpp"

#include <algorithm>
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

std::int64_t SeenIds::window_ns(std::int64_t now_ns, std::int64_t asked_ns) noexcept {
  std::int64_t known = asked_ns;
  for (Part& part : parts_) {
    const std::lock_guard lock{part.mutex};
    if (part.index) known = std::min(known, part.index->window_ns(now_ns, asked_ns));
  }
  return known;
}

}  // namespace penstock
