#include "streams/history.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

namespace penstock::streams {

std::uint64_t first_wanted(const Broker& broker, const Position& position) {
  const JournalStats journal = broker.stats().journal;
  if (std::holds_alternative<Earliest>(position)) return journal.first_offset;
  if (const auto* offset = std::get_if<std::uint64_t>(&position)) return std::min(*offset, journal.next_offset);
  if (const auto* time = std::get_if<std::chrono::system_clock::time_point>(&position)) {
    return broker.journal_position(*time);
  }
  return journal.next_offset;
}

History::History(Broker& broker, std::uint64_t from, std::function<bool(const Event&)> wants,
                 std::function<void(const Event&)> take)
    : broker_{broker},
      reader_{broker.read_journal(from)},
      wants_{std::move(wants)},
      take_{std::move(take)},
      look_at_{[this](const Event& event) { look_at(event); }} {
  if (!broker_.charge(kBufferBytes)) throw SetupError("stream: no memory to read the journal; raise limits.memory");
}

History::~History() { broker_.uncharge(kBufferBytes); }

std::uint64_t History::gap_end() const noexcept {
  // What is missing behind the end comes live.
  return end_ ? std::min(*end_, reader_.position()) : reader_.position();
}

void History::look_at(const Event& event) {
  looked_at_bytes_ += event.payload().size();
  wanted_ = wants_(event);
  if (wanted_) take_(event);
}

History::Next History::next() {
  for (;;) {
    if (end_ && reader_.position() >= *end_) return Next::over;
    if (looked_at_ == kTurnEventsMax || looked_at_bytes_ >= kTurnBytesMax) return Next::turn_over;
    ++looked_at_;
    // One at a time: more would be held, whatever their size, for a peer that may take nothing.
    switch (reader_.read(1, look_at_)) {
      case JournalRead::events:
        if (wanted_) return Next::event;
        break;
      case JournalRead::gap: return Next::gap;
      case JournalRead::end: return end_ ? Next::later : Next::end;
      case JournalRead::no_memory: return Next::later;
      case JournalRead::failed: return Next::failed;
    }
  }
}

}  // namespace penstock::streams
