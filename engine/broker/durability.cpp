#include "broker/durability.hpp"

#include "os/clock.hpp"
#include <penstock/error.hpp>

#include <algorithm>
#include <utility>

namespace penstock {

namespace {

std::shared_ptr<journal::Journal> opened(os::Disk& disk, const JournalOptions& options, std::size_t dedup_bytes) {
  try {
    return journal::Journal::open(disk, {.dir = options.dir,
                                         .segment_bytes = options.segment_bytes,
                                         .retain_bytes = options.retain_bytes,
                                         .retain_age = options.retain_age,
                                         .dedup_bytes = dedup_bytes,
                                         .skip_damaged = options.skip_damaged});
  } catch (const journal::Damaged& damage) {
    throw JournalError(damage.what());
  } catch (const journal::DiskFailed& failure) {
    throw JournalError(failure.what());
  }
}

}  // namespace

Durability::Durability(const BrokerOptions& options, event::Memory& memory, dispatch::Workers& workers, os::Disk& disk)
    : receipt_wait_{options.journal->receipt_wait},
      memory_{memory},
      journal_{opened(disk, *options.journal, std::min(options.dedup_bytes_max, memory.budget() / 4))},
      dedup_secret_{journal_->dedup_secret()},
      dedup_bytes_{journal_->dedup_bytes()},
      receipts_{*journal_, options.on_journal_failure},
      commit_{*journal_, workers, receipts_},
      keeper_{std::in_place, journal_} {
  if (!memory_.charge(dedup_bytes_)) throw SetupError("journal: no memory for its index of delivery ids");
}

Durability::~Durability() { memory_.uncharge(dedup_bytes_); }

void Durability::start(const std::shared_ptr<void>& owner) {
  keeper_->start();
  commit_.start(owner);
}

Durability::Gate Durability::gate() const noexcept {
  if (journal_->failure() != nullptr) return Gate::failed;
  if (!journal_->room()) return Gate::full;
  const std::int64_t since_ns = commit_.appending_since_ns();
  const bool slow = since_ns != 0 && os::steady_ns() - since_ns > receipt_wait_.count();
  return slow ? Gate::slow : Gate::open;
}

void Durability::add_to(BrokerStats& stats) const {
  stats.journal = journal_ ? now() : last_;
  receipts_.add_to(stats);
}

JournalStats Durability::now() const {
  JournalStats journal{.on = true};
  if (const journal::DiskFailed* failure = journal_->failure()) journal.failure = failure->what();
  journal.full = !journal_->room();
  journal.first_offset = journal_->first_offset();
  journal.next_offset = journal_->next_offset();
  journal.bytes = journal_->bytes();
  journal.skipped_damages = journal_->opened().skipped.size();
  return journal;
}

bool Durability::stop(std::chrono::steady_clock::time_point deadline) noexcept {
  const bool ended = commit_.stop(deadline);
  if (ended) keeper_->stop();  // Else the disk does not answer, and it may hang there too.
  return ended;
}

void Durability::let_go() {
  last_ = now();
  keeper_.reset();
  journal_.reset();
}

}  // namespace penstock
