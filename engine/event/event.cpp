#include "event/batch.hpp"
#include "event/block.hpp"
#include "event/block_pool.hpp"
#include "event/lent.hpp"
#include <penstock/event.hpp>

#include <utility>

namespace penstock {

namespace event {

bool equal_without_case(std::string_view a, std::string_view b) noexcept {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  if (a.size() != b.size()) return false;
  if (a == b) return true;  // As a rule both are in lower case already.
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

namespace {

// An event that is shown before it was published (Route::Function) is in no batch: copies of it last as long as it.
bool can_be_kept(const Block* block) noexcept { return block != nullptr && block->batch != nullptr; }

// A kept event holds its batch, and with it the memory that batch and blocks are cut from.
void keep(Block* block) noexcept {
  block->pool->memory().ref();
  block->batch->refs.add(1);
}

void let_go(Block* block) noexcept {
  Memory& memory = block->pool->memory();
  release(block->batch);
  memory.unref();
}

}  // namespace

}  // namespace event

std::string EventId::text() const {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += digits[bytes[i] >> 4U];
    text += digits[bytes[i] & 15U];
  }
  return text;
}

Event::Event(const Event& other) noexcept : block_{other.block_}, counted_{event::can_be_kept(other.block_)} {
  if (counted_) event::keep(block_);
}

// A lent event stays with its handler call: moving it away is copying it.
Event::Event(Event&& other) noexcept : block_{other.block_}, counted_{event::can_be_kept(other.block_)} {
  if (other.counted_) {
    other.block_ = nullptr;
    other.counted_ = false;
  } else if (counted_) {
    event::keep(block_);
  }
}

Event& Event::operator=(const Event& other) noexcept {
  if (this != &other) *this = Event{other};
  return *this;
}

Event& Event::operator=(Event&& other) noexcept {
  if (this == &other) return *this;
  Event taken{std::move(other)};
  std::swap(block_, taken.block_);
  std::swap(counted_, taken.counted_);
  return *this;
}

Event::~Event() {
  if (counted_) event::let_go(block_);
}

EventId Event::id() const noexcept { return block_->id; }
std::string_view Event::source() const noexcept { return block_->source_name; }
std::string_view Event::topic() const noexcept { return block_->topic; }
std::string_view Event::base_topic() const noexcept { return block_->topic.substr(0, block_->base_topic_bytes); }
std::string_view Event::payload() const noexcept { return block_->payload_view(); }
std::uint64_t Event::offset() const noexcept { return block_->offset; }
std::span<const MetadataField> Event::metadata() const noexcept { return block_->metadata(); }

std::chrono::system_clock::time_point Event::time() const noexcept {
  return std::chrono::system_clock::time_point{
      std::chrono::duration_cast<std::chrono::system_clock::duration>(std::chrono::nanoseconds{block_->time_ns})};
}

std::optional<std::string_view> Event::metadata(std::string_view name) const noexcept {
  for (const auto& [field_name, value] : block_->metadata()) {
    if (event::equal_without_case(field_name, name)) return value;
  }
  return std::nullopt;
}

}  // namespace penstock
