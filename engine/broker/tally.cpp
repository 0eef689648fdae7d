#include "broker/tally.hpp"

#include <numeric>

namespace penstock {

void SourceTally::add(const SourceTally& other) noexcept {
  received.add(other.received.read());
  accepted.add(other.accepted.read());
  duplicate.add(other.duplicate.read());
  unrouted.add(other.unrouted.read());
  handshakes.add(other.handshakes.read());
  without_delivery_id.add(other.without_delivery_id.read());
  for (std::size_t i = 0; i < kRefusals; ++i) refused[i].add(other.refused[i].read());
}

void SourceTally::add_to(SourceStats& stats) const {
  stats.received += received.read();
  stats.accepted += accepted.read();
  stats.duplicate += duplicate.read();
  stats.unrouted += unrouted.read();
  stats.handshakes += handshakes.read();
  stats.without_delivery_id += without_delivery_id.read();
  stats.refused.resize(kRefusals);
  for (std::size_t i = 0; i < kRefusals; ++i) stats.refused[i] += refused[i].read();
}

std::uint64_t SourceStats::refused_total() const noexcept {
  return std::accumulate(refused.begin(), refused.end(), std::uint64_t{0});
}

Tallies::~Tallies() {
  for (os::Atomic<Chunk*>& chunk : chunks_) delete chunk.load(std::memory_order_relaxed);
}

void Tallies::make_rows(std::size_t sources) {
  for (std::size_t i = 0; i * kChunk < sources; ++i) {
    if (chunks_[i].load(std::memory_order_relaxed) != nullptr) continue;
    chunks_[i].store(std::make_unique<Chunk>().release(), std::memory_order_release);
  }
}

SourceTally& Tallies::of(const topic::SourceEntry& source) noexcept {
  return (*chunks_[source.index / kChunk].load(std::memory_order_acquire))[source.index % kChunk];
}

const SourceTally* Tallies::find(const topic::SourceEntry& source) const noexcept {
  const Chunk* chunk = chunks_[source.index / kChunk].load(std::memory_order_acquire);
  return chunk == nullptr ? nullptr : &(*chunk)[source.index % kChunk];
}

}  // namespace penstock
