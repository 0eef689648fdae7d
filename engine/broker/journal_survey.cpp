#include "event/batch.hpp"
#include "event/block.hpp"
#include "event/block_pool.hpp"
#include "event/lent.hpp"
#include "event/memory.hpp"
#include "journal/record.hpp"
#include "journal/survey.hpp"
#include "os/file.hpp"
#include <penstock/journal_survey.hpp>

#include <memory>
#include <new>
#include <utility>

namespace penstock {

namespace {

using Time = std::chrono::system_clock::time_point;

constexpr std::size_t kMemoryBytesMax = std::size_t{2} << 30U;  // The largest event has half of that.

Time time_of(std::int64_t ns) { return Time{std::chrono::duration_cast<Time::duration>(std::chrono::nanoseconds{ns})}; }

std::int64_t ns_of(Time time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

// Makes an event of each record that is asked for, in a block of memory of its own, and shows it.
class Showing {
 public:
  explicit Showing(const JournalSurveyOptions& options)
      : options_{options}, from_time_ns_{ns_of(options.from_time)}, memory_{event::Memory::make(kMemoryBytesMax)} {}
  ~Showing() {
    memory_->leave_pool(blocks_);
    memory_->unref();  // What `visit` kept holds it.
  }
  Showing(const Showing&) = delete;
  Showing& operator=(const Showing&) = delete;

  /// False: enough.
  bool show(const journal::RecordView& record) {
    const journal::RecordHeader& header = record.header;
    if (header.offset < options_.from_offset || header.time_ns < from_time_ns_) return true;
    event::Block* const block = event_of(record);
    if (block == nullptr) {
      damaged_.push_back(header.offset);
      return true;
    }
    const std::unique_ptr<event::Batch, void (*)(event::Batch*)> batch{batches_.take(), event::release};
    if (batch == nullptr) {
      blocks_.give(block);
      throw std::bad_alloc{};
    }
    batch->add(block);
    return options_.visit(event::Lent{block}.event());
  }

  /// Offsets of records that are whole, and say what no event is.
  [[nodiscard]] const std::vector<std::uint64_t>& damaged() const noexcept { return damaged_; }

 private:
  [[nodiscard]] event::Block* event_of(const journal::RecordView& record) {
    const std::size_t area_bytes = journal::decoded_area_bytes(record.header);
    const std::size_t bytes = event::Block::size_for(area_bytes, journal::payload_bytes(record.header));
    event::Block* const block = blocks_.take(bytes, bytes);
    if (block == nullptr) throw std::bad_alloc{};
    block->lay_out(area_bytes);
    if (journal::decode(record.header, record.rest, *block)) return block;
    blocks_.give(block);
    return nullptr;
  }

  const JournalSurveyOptions& options_;
  const std::int64_t from_time_ns_;
  event::Memory* const memory_;
  event::BlockPool& blocks_ = memory_->adopt_pool();
  event::BatchPool& batches_ = memory_->add_batch_pool();
  std::vector<std::uint64_t> damaged_;
};

JournalSurvey told(journal::Survey found, const std::vector<std::uint64_t>& no_events) {
  JournalSurvey survey{.torn = found.torn, .next_offset = found.next_offset};
  for (journal::SegmentSurvey& segment : found.segments) {
    survey.segments.push_back({.name = std::move(segment.name),
                               .first_offset = segment.first_offset,
                               .events = segment.events,
                               .bytes = segment.bytes,
                               .file_bytes = segment.file_bytes,
                               .first_time = time_of(segment.first_time_ns),
                               .last_time = time_of(segment.last_time_ns)});
  }
  for (journal::Damage& damage : found.damaged) {
    survey.damaged.push_back({std::move(damage.segment), damage.offset, damage.last_offset, std::move(damage.why)});
  }
  for (const std::uint64_t offset : no_events) {
    std::string name;
    for (const JournalSegment& segment : survey.segments) {
      if (segment.first_offset <= offset) name = segment.name;
    }
    survey.damaged.push_back({std::move(name), offset, 0, "a field of its metadata leads outside of the record"});
  }
  return survey;
}

}  // namespace

std::string JournalDamage::text() const {
  return journal::Damage{.segment = segment, .offset = offset, .last_offset = last_offset, .why = why}.text();
}

JournalSurvey survey_journal(const std::string& dir, const JournalSurveyOptions& options) {
  Showing showing{options};
  journal::EachRecord each;
  if (options.visit) each = [&showing](const journal::RecordView& record) { return showing.show(record); };
  try {
    const journal::SurveyFrom from{.from_offset = options.from_offset, .from_time_ns = ns_of(options.from_time)};
    return told(journal::survey(os::disk(), dir, from, each), showing.damaged());
  } catch (const journal::DiskFailed& failed) {
    throw JournalError{failed.what()};
  }
}

}  // namespace penstock
