#include "broker/publisher_core.hpp"

#include "event/block.hpp"
#include "journal/record.hpp"
#include "os/barrier.hpp"
#include "os/clock.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

namespace penstock {

using event::Block;

PublisherCore::PublisherCore(std::shared_ptr<BrokerCore> broker) : broker_{std::move(broker)} {
  broker_->add_publisher(*this);
}

PublisherCore::~PublisherCore() {
  wake();
  broker_->remove_publisher(*this);
}

void PublisherCore::move_in(dispatch::Intake& intake, event::BlockPool& pool) {
  intake_ = &intake;
  pool_ = &pool;
  token_.emplace(intake.shard);
  if (!token_->valid()) throw SetupError("publisher: no memory for its queue");
}

dispatch::Intake& PublisherCore::move_out() noexcept {
  token_.reset();
  if (parser_charged_) broker_->memory().uncharge(kParserBytes);
  return *intake_;
}

// Most Publishers stay with one topic. Entries never go away, so the last one found may be tried first.
const topic::TopicEntry* PublisherCore::find_topic(std::string_view name) noexcept {
  if (last_entry_ != nullptr && last_entry_->name == name) return last_entry_;
  const topic::TopicEntry* entry = broker_->topics().find(name);
  if (entry != nullptr) last_entry_ = entry;
  return entry;
}

EventBuilder PublisherCore::begin(const topic::SourceEntry* source, std::string_view topic_name,
                                  std::size_t payload_bytes, std::size_t metadata_bytes) noexcept {
  const bool timed = source != nullptr;  // Two readings of the clock: worth it where a network stands before them.
  const topic::TopicEntry* entry = topic_name.empty() && source != nullptr ? source->topic : find_topic(topic_name);
  if (source == nullptr && entry != nullptr) source = entry->own_source.load(std::memory_order_acquire);
  EventBuilder builder{this, source != nullptr ? source : &broker_->sources().other()};
  if (entry == nullptr && !valid_base_topic(topic_name)) {
    builder.trouble_ = Verdict::bad_topic;
    return builder;
  }
  const std::string_view base = entry != nullptr ? entry->name : topic_name;
  const bool routed = entry != nullptr && entry->router.load(std::memory_order_acquire) != nullptr;
  const std::size_t topic_bytes = routed ? base.size() + 1 + kSubTopicBytesMax : entry == nullptr ? base.size() : 0;
  const std::string_view source_name = source != nullptr ? source->name : base;
  metadata_bytes = std::min(metadata_bytes, event::kMetadataBytesMax);
  const std::size_t record_bytes = record_bytes_for(std::max(topic_bytes, base.size()), source_name.size());
  // A hint names 32 bytes a field: no more than so many fields want their place in the record's head.
  const std::size_t in_head = record_bytes == 0 ? 0 : metadata_bytes / sizeof(MetadataField) * event::kRecordFieldBytes;
  const std::size_t area_bytes = metadata_bytes + topic_bytes + record_bytes + in_head;
  const std::size_t payload_room = std::min(payload_bytes, payload_bytes_max());

  Block* block = pool_->take(Block::size_for((area_bytes + 7) / 8 * 8, payload_room), event::kChargeStep);
  if (block == nullptr) {
    builder.trouble_ = Verdict::full;
    return builder;
  }
  block->lay_out((area_bytes + 7) / 8 * 8, record_bytes);
  block->base_entry = entry;
  block->source = builder.source_;
  block->topic = entry != nullptr ? base : std::string_view{block->add_text(base), base.size()};
  block->base_topic_bytes = static_cast<std::uint32_t>(base.size());
  block->source_name = source != nullptr ? source->name : block->topic;
  if (timed) block->begun_ns = os::steady_ns();
  builder.block_ = block;
  return builder;
}

std::size_t PublisherCore::record_bytes_for(std::size_t topic_bytes, std::size_t source_bytes) const noexcept {
  return broker_->durability() == nullptr ? 0 : journal::record_room(topic_bytes, source_bytes);
}

Block* PublisherCore::move_to_larger(Block* block, std::size_t area_bytes, std::size_t payload_bytes) noexcept {
  area_bytes = (area_bytes + 7) / 8 * 8;
  Block* larger =
      pool_->take(Block::size_for(area_bytes, payload_bytes), Block::size_for(area_bytes, block->payload_bytes));
  if (larger == nullptr) return nullptr;
  larger->lay_out(area_bytes, block->record_room);
  larger->take_over(*block);
  pool_->give(block);
  return larger;
}

bool PublisherCore::grow_payload(EventBuilder& event, std::size_t bytes) noexcept {
  const Block& block = *event.block_;
  const auto area_bytes = static_cast<std::size_t>(block.payload - reinterpret_cast<const char*>(block.fields()));
  // What outgrows the classes gets address space for the largest payload, and is never moved again.
  const bool mapped = Block::size_for(area_bytes, bytes) > event::kBlockBytesMax;
  Block* larger = move_to_larger(event.block_, area_bytes, mapped ? payload_bytes_max() : bytes);
  if (larger == nullptr) {
    event.trouble_ = Verdict::full;
    return false;
  }
  event.block_ = larger;
  return true;
}

bool PublisherCore::grow_area(EventBuilder& event, std::size_t bytes) noexcept {
  const Block& block = *event.block_;
  const auto area_bytes = static_cast<std::size_t>(block.payload - reinterpret_cast<const char*>(block.fields()));
  // The head of a record is none of the sender's doing: it comes on top of what he may send.
  const std::size_t head_bytes = block.record_room == 0 ? 0 : block.record_head_bytes() + event::kRecordFieldBytes;
  const std::size_t area_bytes_max = event::kMetadataBytesMax + kTopicBytesMax + head_bytes;
  const std::size_t needed_bytes = area_bytes - block.area_free() + bytes;
  if (needed_bytes > area_bytes_max) {
    event.trouble_ = Verdict::too_large;
    return false;
  }
  const std::size_t larger_bytes = std::max(needed_bytes, std::min(area_bytes * 2 + bytes, area_bytes_max));
  Block* larger = move_to_larger(event.block_, larger_bytes, block.payload_room);
  if (larger == nullptr) {
    event.trouble_ = Verdict::full;
    return false;
  }
  event.block_ = larger;
  return true;
}

void PublisherCore::set_delivery_id(EventBuilder& event, std::string_view id, std::chrono::seconds window) noexcept {
  constexpr std::chrono::seconds window_max{std::numeric_limits<std::uint32_t>::max()};
  Block& block = *event.block_;
  const auto window_s = static_cast<std::uint32_t>(std::clamp(window, std::chrono::seconds{1}, window_max).count());
  block.lacks_delivery_id = id.empty() || id.size() > kDeliveryIdBytesMax;
  block.dedup_window_s = block.lacks_delivery_id ? 0 : window_s;
  if (block.lacks_delivery_id) return;
  const journal::DedupKey key = broker_->dedup_key_of(block.source_name, id);
  block.dedup_key = {key.low, key.high};
}

void PublisherCore::find_delivery_id(EventBuilder& event, const Dedup& dedup) noexcept {
  const routing::Router& place = dedup.id();
  const std::size_t index_bytes = place.reads_payload() ? charge_index(event.block_->payload_bytes) : 0;
  routing::Router::Room room;  // NOLINT(cppcoreguidelines-pro-type-member-init): written before it is read.
  const routing::FoundValue found = index_bytes != kNoMemory ? place.find(*event.block_, reader_, room)
                                                             : routing::FoundValue{routing::Found::no_memory};
  if (found.status == routing::Found::no_memory) {
    event.trouble_ = Verdict::full;  // It might be a duplicate, and nobody can say.
  } else {
    set_delivery_id(event, found.value, dedup.window());
  }
  if (index_bytes != kNoMemory) broker_->memory().uncharge(index_bytes);
}

Verdict PublisherCore::publish(EventBuilder& event, EventId* id) noexcept {
  SourceTally& tally = tallies_.of(*event.source_);
  tally.received.add(1);

  // close() marks the broker closed, then waits until no publisher is busy: one of the two sees the other.
  busy_.store(true, std::memory_order_relaxed);
  os::light_barrier();
  EventId made{};
  const Verdict verdict = take(event, made);
  busy_.store(false, std::memory_order_release);
  // Not as part of publishing: where callers dispatch, handlers run in there, and close() need not wait for them here.
  if (!wakes_later_ || unannounced_ >= event::kBatchEventsMax) wake();

  count(tally, verdict);
  if (id != nullptr && (verdict == Verdict::accepted || verdict == Verdict::duplicate)) *id = made;
  return verdict;
}

Verdict PublisherCore::publish(EventBuilder& event, ReceiptSink& sink, std::uint64_t tag) noexcept {
  if (broker_->durability() != nullptr) {
    sink_ = &sink;
    tag_ = tag;
    const Verdict verdict = publish(event, nullptr);
    sink_ = nullptr;
    return verdict;
  }
  Receipt receipt{.tag = tag};
  const Verdict verdict = publish(event, &receipt.id);
  if (verdict == Verdict::accepted) sink.on_receipts({&receipt, 1});
  return verdict;
}

Verdict PublisherCore::take(EventBuilder& event, EventId& id) noexcept {
  Verdict verdict = admit(event);
  if (verdict == Verdict::accepted) verdict = route(event);
  if (verdict != Verdict::accepted) return verdict;
  const Block& block = *event.block_;
  id = block.id;
  lacks_delivery_id_ = block.lacks_delivery_id;
  // With a journal the check is part of the append.
  const bool once = block.dedup_window_s != 0 && broker_->durability() == nullptr;
  return once ? queue_once(event, id) : queue(event);
}

void PublisherCore::count(SourceTally& tally, Verdict verdict) noexcept {
  if (verdict == Verdict::duplicate) {
    tally.duplicate.add(1);
  } else if (verdict != Verdict::accepted) {
    const auto named_alike = static_cast<Refusal>(static_cast<int>(verdict) - static_cast<int>(Verdict::bad_topic));
    tally.refused[static_cast<std::size_t>(journal_refusal_.value_or(named_alike))].add(1);
  } else if (broker_->durability() == nullptr) {  // Else whoever gives the receipt counts.
    tally.accepted.add(1);
    if (unrouted_) tally.unrouted.add(1);
    if (lacks_delivery_id_) tally.without_delivery_id.add(1);
  }
}

Verdict PublisherCore::admit(EventBuilder& event) noexcept {
  journal_refusal_.reset();
  if (broker_->closed()) return Verdict::closed;
  if (event.trouble_ != Verdict::accepted) return event.trouble_;
  if (pool_->queued - pool_->drained.load(std::memory_order_acquire) >= kQueuedMax) {
    wake();
    return Verdict::full;
  }
  return broker_->durability() == nullptr ? Verdict::accepted : pass_journal_gate();
}

Verdict PublisherCore::pass_journal_gate() noexcept {
  switch (broker_->durability()->gate()) {
    case Durability::Gate::open: return Verdict::accepted;
    case Durability::Gate::full: break;
    case Durability::Gate::failed: journal_refusal_ = Refusal::journal_failed; break;
    case Durability::Gate::slow: journal_refusal_ = Refusal::slow_journal; break;
  }
  return Verdict::full;
}

Verdict PublisherCore::route(EventBuilder& event) noexcept {
  unrouted_ = false;
  const topic::TopicEntry* entry = event.block_->base_entry;
  const routing::Router* router = entry != nullptr ? entry->router.load(std::memory_order_acquire) : nullptr;
  if (router != nullptr) {
    const std::size_t index_bytes = router->reads_payload() ? charge_index(event.block_->payload_bytes) : 0;
    if (index_bytes == kNoMemory) return Verdict::full;
    routing::Router::Room room;  // NOLINT(cppcoreguidelines-pro-type-member-init): written before it is read.
    const routing::FoundValue found = router->sub_topic(*event.block_, reader_, room);
    const bool added = found.status != routing::Found::found || add_sub_topic(event, found.value);
    if (index_bytes != 0) broker_->memory().uncharge(index_bytes);  // A locked instruction, even of nothing.
    if (!added || found.status == routing::Found::no_memory) return Verdict::full;
    unrouted_ = found.status != routing::Found::found;
  }
  Block& block = *event.block_;
  const bool is_base = entry != nullptr && block.topic.size() == block.base_topic_bytes;
  block.topic_hash = is_base ? entry->hash : topic::hash_of(block.topic);
  block.time_ns = os::wall_ns();
  block.id = ids_.make(block.time_ns);
  return Verdict::accepted;
}

bool PublisherCore::charge(std::size_t bytes) noexcept {
  event::Memory& memory = broker_->memory();
  if (memory.charge(bytes)) return true;
  memory.reclaim();
  return memory.charge(bytes);
}

// Charges the budget for the parser's index: once for the one it keeps, each time for a long payload's.
std::size_t PublisherCore::charge_index(std::size_t payload_bytes) noexcept {
  if (payload_bytes <= routing::JsonFieldReader::kKeptBytesMax) {
    if (!parser_charged_) parser_charged_ = charge(kParserBytes);
    return parser_charged_ ? 0 : kNoMemory;
  }
  const std::size_t bytes = routing::JsonFieldReader::index_bytes(payload_bytes);
  return charge(bytes) ? bytes : kNoMemory;
}

bool PublisherCore::add_sub_topic(EventBuilder& event, std::string_view value) noexcept {
  const std::size_t bytes = event.block_->topic.size() + 1 + value.size();
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): written before it is read.
  std::array<char, kSubTopicBytesMax> kept;
  if (event.block_->area_free() < bytes) {
    std::memcpy(kept.data(), value.data(), value.size());  // `value` may lie in the block that is about to move.
    if (!grow_area(event, bytes)) return false;
    value = {kept.data(), value.size()};
  }
  Block& block = *event.block_;
  block.text -= bytes;
  char* after_base = std::copy(block.topic.begin(), block.topic.end(), block.text);
  *after_base = '.';
  std::copy(value.begin(), value.end(), after_base + 1);
  block.topic = {block.text, bytes};
  return true;
}

void PublisherCore::wake() noexcept {
  if (std::exchange(unannounced_, 0) != 0) broker_->work_came(*intake_);
}

// The event may be filled further and published again: what route() added goes.
void PublisherCore::drop_sub_topic(Block& block) noexcept {
  if (block.topic.size() <= block.base_topic_bytes) return;
  block.text += block.topic.size();
  block.topic = block.base_entry->name;
}

Verdict PublisherCore::queue_once(EventBuilder& event, EventId& id) noexcept {
  const Block& block = *event.block_;
  const std::chrono::nanoseconds window = std::chrono::seconds{block.dedup_window_s};
  const journal::DedupEntry entry{.key = {.low = block.dedup_key[0], .high = block.dedup_key[1]}, .id = id};
  const Verdict verdict =
      broker_->seen().publish_once(entry, block.time_ns, window.count(), id, [this, &event] { return queue(event); });
  if (verdict != Verdict::accepted) drop_sub_topic(*event.block_);
  return verdict;
}

// Here and not by the commit thread, which shall touch no payload: the sum over it is this thread's work.
bool PublisherCore::write_record(Block& block) noexcept {
  block.sink = sink_;
  block.tag = tag_;
  block.unrouted = unrouted_;
  const journal::DedupKey key{.low = block.dedup_key[0], .high = block.dedup_key[1]};
  return journal::encode(block, block.dedup_window_s == 0 ? journal::DedupKey{} : key, block.dedup_window_s);
}

Verdict PublisherCore::queue(EventBuilder& event) noexcept {
  Block* block = event.block_;
  delivery::SubscriberTables& tables = broker_->tables();
  const auto refuse = [block] {
    drop_sub_topic(*block);
    return Verdict::full;
  };
  if (tables.refusing().load(std::memory_order_relaxed) != 0 &&
      tables.refused(block->topic.substr(0, block->base_topic_bytes), block->topic)) {
    return refuse();
  }
  const bool durable = broker_->durability() != nullptr;
  if (durable && !write_record(*block)) return refuse();
  last_topic_bytes_ = block->topic.size();
  std::memcpy(last_topic_.data(), block->topic.data(), last_topic_bytes_);
  const std::int64_t begun_ns = block->begun_ns;
  if (!intake_->shard.enqueue(*token_, block)) return refuse();
  event.block_ = nullptr;  // Somebody else's from here on.
  event.trouble_ = Verdict::bad_topic;
  ++pool_->queued;
  ++unannounced_;
  if (begun_ns != 0 && !durable) receipts_.record(os::steady_ns() - begun_ns);
  return Verdict::accepted;
}

}  // namespace penstock
