#include "broker/broker_core.hpp"
#include "event/batch.hpp"
#include "event/block.hpp"
#include "event/lent.hpp"
#include "journal/reader.hpp"
#include "os/clock.hpp"
#include <penstock/broker.hpp>

#include <algorithm>
#include <array>
#include <new>
#include <utility>

namespace penstock {

namespace {

JournalRead said(journal::Read read) noexcept {
  switch (read) {
    case journal::Read::events: return JournalRead::events;
    case journal::Read::end: return JournalRead::end;
    case journal::Read::gap: return JournalRead::gap;
    case journal::Read::no_memory: return JournalRead::no_memory;
    case journal::Read::damaged:
    case journal::Read::failed: break;
  }
  return JournalRead::failed;
}

}  // namespace

// Events are made anew in blocks of a pool of this reader, and shown in a batch, so that a handler may keep them.
class JournalReader::Core {
 public:
  Core(std::shared_ptr<BrokerCore> broker, std::shared_ptr<const journal::Journal> journal, std::uint64_t offset)
      : broker_{std::move(broker)},
        pools_{broker_->adopt_reader_pools()},
        journal_{std::move(journal)},
        reader_{*journal_, pools_.blocks, offset} {}

  ~Core() { broker_->leave_reader_pools(pools_); }
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  JournalRead read(std::size_t events_max, const std::function<void(const Event&)>& visit) {
    std::array<event::Block*, event::kBatchEventsMax> blocks{};
    const journal::Reading got = reader_.read(std::span{blocks}.first(std::min(events_max, blocks.size())));
    last_ = got.what;
    if (got.what == journal::Read::gap) gap_from_ = got.from;
    if (got.what == journal::Read::events) show(std::span{blocks}.first(got.count), visit);
    return said(got.what);
  }

  bool find(const EventId& id, const std::function<void(const Event&)>& visit) {
    event::Block* block = reader_.find(id);
    if (block != nullptr) show({&block, 1}, visit);
    return block != nullptr;
  }

  [[nodiscard]] const journal::Reader& reader() const noexcept { return reader_; }
  [[nodiscard]] journal::Reader& reader() noexcept { return reader_; }
  [[nodiscard]] std::uint64_t gap_from() const noexcept { return gap_from_; }
  [[nodiscard]] std::string trouble() const {
    if (last_ == journal::Read::damaged) return reader_.damage().text();
    return last_ == journal::Read::failed ? "the disk refused to read" : std::string{};
  }

 private:
  void show(std::span<event::Block* const> blocks, const std::function<void(const Event&)>& visit) {
    event::Batch* const batch = pools_.batches.take();
    if (batch == nullptr) {
      for (event::Block* block : blocks) pools_.blocks.give(block);
      throw std::bad_alloc{};
    }
    for (event::Block* block : blocks) batch->add(block);
    std::uint64_t showing = 0;
    try {
      for (event::Block* block : blocks) {
        showing = block->offset;
        visit(event::Lent{block}.event());
      }
    } catch (...) {
      reader_.move_to(showing);
      event::release(batch);
      throw;
    }
    event::release(batch);
  }

  const std::shared_ptr<BrokerCore> broker_;
  const BrokerCore::ReaderPools pools_;
  const std::shared_ptr<const journal::Journal> journal_;
  journal::Reader reader_;
  journal::Read last_ = journal::Read::end;
  std::uint64_t gap_from_ = 0;
};

JournalReader::JournalReader(std::unique_ptr<Core> core) noexcept : core_{std::move(core)} {}
JournalReader::JournalReader(JournalReader&& other) noexcept = default;
JournalReader& JournalReader::operator=(JournalReader&& other) noexcept = default;
JournalReader::~JournalReader() = default;

JournalRead JournalReader::read(std::size_t events_max, const std::function<void(const Event&)>& visit) {
  return core_->read(events_max, visit);
}

std::uint64_t JournalReader::position() const noexcept { return core_->reader().position(); }
std::uint64_t JournalReader::gap_from() const noexcept { return core_->gap_from(); }
std::string JournalReader::trouble() const { return core_->trouble(); }
void JournalReader::move_to(std::uint64_t offset) noexcept { core_->reader().move_to(offset); }

bool JournalReader::find(const EventId& id, const std::function<void(const Event&)>& visit) {
  return core_->find(id, visit);
}

bool Broker::has_journal() const noexcept { return core_->durability() != nullptr; }

JournalReader Broker::read_journal(std::uint64_t offset) {
  std::shared_ptr<const journal::Journal> journal = core_->journal();
  if (!journal) throw SetupError("read_journal: there is no journal, or the broker is closed");
  return JournalReader{std::make_unique<JournalReader::Core>(core_, std::move(journal), offset)};
}

std::uint64_t Broker::journal_position(std::chrono::system_clock::time_point time) const {
  const std::shared_ptr<const journal::Journal> journal = core_->journal();
  if (!journal) return 0;
  const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch());
  return journal->position_for(ns.count());
}

}  // namespace penstock
