#include "broker/publisher_core.hpp"
#include "event/block.hpp"
#include <penstock/publisher.hpp>

#include <algorithm>
#include <utility>

namespace penstock {

std::string_view to_string(Verdict verdict) noexcept {
  switch (verdict) {
    case Verdict::accepted: return "accepted";
    case Verdict::duplicate: return "duplicate";
    case Verdict::bad_topic: return "bad_topic";
    case Verdict::too_large: return "too_large";
    case Verdict::full: return "full";
    case Verdict::closed: return "closed";
  }
  return "unknown";
}

std::string_view to_string(Refusal refusal) noexcept {
  switch (refusal) {
    case Refusal::bad_topic: return "bad_topic";
    case Refusal::too_large: return "too_large";
    case Refusal::full: return "full";
    case Refusal::closed: return "closed";
    case Refusal::unauthorized: return "unauthorized";
    case Refusal::stale: return "stale";
    case Refusal::malformed: return "malformed";
    case Refusal::cut_short: return "cut_short";
    case Refusal::too_slow: return "too_slow";
    case Refusal::no_length: return "no_length";
    case Refusal::bad_encoding: return "bad_encoding";
    case Refusal::overloaded: return "overloaded";
    case Refusal::slow_journal: return "slow_journal";
    case Refusal::journal_failed: return "journal_failed";
  }
  return "unknown";
}

// PublisherCore counts a verdict under the refusal of the same name by its distance from bad_topic.
static_assert(static_cast<int>(Verdict::closed) - static_cast<int>(Verdict::bad_topic) ==
              static_cast<int>(Refusal::closed) - static_cast<int>(Refusal::bad_topic));

std::string_view Source::name() const noexcept { return entry_->name; }
std::string_view Source::topic() const noexcept { return entry_->topic->name; }

EventBuilder::EventBuilder(EventBuilder&& other) noexcept
    : core_{other.core_},
      block_{std::exchange(other.block_, nullptr)},
      source_{other.source_},
      trouble_{std::exchange(other.trouble_, Verdict::bad_topic)} {}

EventBuilder& EventBuilder::operator=(EventBuilder&& other) noexcept {
  if (this == &other) return *this;
  if (block_ != nullptr) core_->give_back(block_);
  core_ = other.core_;
  block_ = std::exchange(other.block_, nullptr);
  source_ = other.source_;
  trouble_ = std::exchange(other.trouble_, Verdict::bad_topic);
  return *this;
}

EventBuilder::~EventBuilder() {
  if (block_ != nullptr) core_->give_back(block_);
}

std::span<char> EventBuilder::payload(std::size_t bytes) noexcept {
  if (block_ == nullptr) return {};
  if (bytes > core_->payload_bytes_max()) {
    trouble_ = Verdict::too_large;
    return {};
  }
  if (bytes > block_->payload_room && !core_->grow_payload(*this, bytes)) return {};
  const auto head_bytes = static_cast<std::size_t>(block_->payload - reinterpret_cast<char*>(block_));
  if (block_->slab == nullptr && !core_->pool().charge_up_to(block_, head_bytes + bytes + event::kPayloadPadding)) {
    trouble_ = Verdict::full;
    return {};
  }
  block_->payload_bytes = bytes;
  return {block_->payload, bytes};
}

std::span<char> EventBuilder::room(std::size_t wanted) noexcept {
  if (block_ == nullptr || wanted == 0) return {};
  const std::size_t used = block_->payload_bytes;
  const std::size_t most = core_->payload_bytes_max();
  if (used == most) {
    trouble_ = Verdict::too_large;
    return {};
  }
  constexpr std::size_t first_room = 4U << 10U;
  if (used == block_->payload_room && !core_->grow_payload(*this, std::min(most, std::max(first_room, used * 2)))) {
    return {};
  }
  std::size_t room = std::min({wanted, block_->payload_room - used, most - used});
  if (block_->slab == nullptr) {  // Charged as bytes arrive, so a declared length costs nothing.
    room = std::min(room, event::kChargeStep);
    const auto head_bytes = static_cast<std::size_t>(block_->payload - reinterpret_cast<char*>(block_));
    if (!core_->pool().charge_up_to(block_, head_bytes + used + room + event::kPayloadPadding)) {
      trouble_ = Verdict::full;
      return {};
    }
  }
  return {block_->payload + used, room};
}

void EventBuilder::commit(std::size_t bytes) noexcept {
  if (block_ != nullptr) block_->payload_bytes += bytes;
}

std::string_view EventBuilder::payload() const noexcept {
  return block_ == nullptr ? std::string_view{} : block_->payload_view();
}

void EventBuilder::metadata(std::string_view name, std::string_view value) noexcept {
  if (block_ == nullptr || block_->add_field(name, value)) return;
  if (core_->grow_area(*this, block_->field_bytes() + name.size() + value.size())) (void)block_->add_field(name, value);
}

void EventBuilder::delivery_id(std::string_view id, std::chrono::seconds window) noexcept {
  if (block_ != nullptr) core_->set_delivery_id(*this, id, window);
}

void EventBuilder::deduplicate(const Dedup& dedup) noexcept {
  if (block_ != nullptr) core_->find_delivery_id(*this, dedup);
}

Publisher::Publisher(std::unique_ptr<PublisherCore> core) noexcept : core_{std::move(core)} {}
Publisher::Publisher(Publisher&& other) noexcept = default;
Publisher& Publisher::operator=(Publisher&& other) noexcept = default;
Publisher::~Publisher() = default;

EventBuilder Publisher::event(std::string_view topic, std::size_t payload_bytes_expected,
                              std::size_t metadata_bytes_expected) noexcept {
  return core_->begin(nullptr, topic, payload_bytes_expected, metadata_bytes_expected);
}

EventBuilder Publisher::event(const Source& source, std::size_t payload_bytes_expected,
                              std::size_t metadata_bytes_expected) noexcept {
  return event(source, {}, payload_bytes_expected, metadata_bytes_expected);
}

EventBuilder Publisher::event(const Source& source, std::string_view topic, std::size_t payload_bytes_expected,
                              std::size_t metadata_bytes_expected) noexcept {
  return core_->begin(source.entry_, topic, payload_bytes_expected, metadata_bytes_expected);
}

Verdict Publisher::publish(EventBuilder&& event, EventId* id) noexcept { return core_->publish(event, id); }

Verdict Publisher::publish(EventBuilder&& event, ReceiptSink& sink, std::uint64_t tag) noexcept {
  return core_->publish(event, sink, tag);
}

void Publisher::wake_later() noexcept { core_->wake_later(); }

void Publisher::wake() noexcept { core_->wake(); }

std::string_view Publisher::last_topic() const noexcept { return core_->last_topic(); }

void Publisher::refuse(const Source& source, Refusal reason) noexcept {
  SourceTally& tally = core_->tally(*source.entry_);
  tally.received.add(1);
  tally.refused[static_cast<std::size_t>(reason)].add(1);
}

void Publisher::handshake(const Source& source) noexcept { core_->tally(*source.entry_).handshakes.add(1); }

}  // namespace penstock
