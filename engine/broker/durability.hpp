// What a broker has besides when it keeps a journal: the journal itself, the threads that write and keep it, and the
// receipts.
//
//     Durability durability{options, memory, workers};       // opens options.journal, recovers
//     durability.start(owner);
//     if (durability.gate() != Gate::open) …                              // publish, before it takes an event
//
// Threads: constructor, start, add_to, let_go and journal under the broker's set-up lock; the rest by any.
// Errors: the constructor throws SetupError, or JournalError for a damaged journal or a failed disk.

#pragma once

#include "broker/keeper.hpp"
#include "broker/receipts.hpp"
#include "dispatch/commit.hpp"
#include "event/memory.hpp"
#include "journal/journal.hpp"
#include "os/file.hpp"
#include <penstock/broker.hpp>
#include <penstock/journal.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace penstock {

class Durability {
 public:
  Durability(const BrokerOptions& options, event::Memory& memory, dispatch::Workers& workers,
             os::Disk& disk = os::disk());
  ~Durability();
  Durability(const Durability&) = delete;
  Durability& operator=(const Durability&) = delete;

  void start(const std::shared_ptr<void>& owner);

  enum class Gate : std::uint8_t { open, failed, full, slow };
  /// Whether an event may be taken now. Some loads; reads the clock while the disk works.
  [[nodiscard]] Gate gate() const noexcept;

  [[nodiscard]] dispatch::Commit& commit() noexcept { return commit_; }
  [[nodiscard]] Receipts& receipts() noexcept { return receipts_; }
  [[nodiscard]] journal::DedupKey key_of(std::string_view source, std::string_view delivery_id) const noexcept {
    return journal::dedup_key(dedup_secret_, source, delivery_id);
  }
  [[nodiscard]] const std::shared_ptr<journal::Journal>& journal() const noexcept {
    return journal_;
  }  ///< Null: closed.
  void add_to(BrokerStats& stats) const;

  /// Appends all that Publishers queued, gives the last receipts and ends the threads. False: at `deadline` the disk
  /// had not answered.
  [[nodiscard]] bool stop(std::chrono::steady_clock::time_point deadline) noexcept;
  /// After stop() and when no publish is under way: another broker may open the journal, unless somebody reads it.
  void let_go();

 private:
  [[nodiscard]] JournalStats now() const;

  const std::chrono::nanoseconds receipt_wait_;
  event::Memory& memory_;
  std::shared_ptr<journal::Journal> journal_;
  const journal::SipKey dedup_secret_;
  const std::size_t dedup_bytes_;
  JournalStats last_;  // Once the journal has been let go.
  Receipts receipts_;
  dispatch::Commit commit_;
  std::optional<Keeper> keeper_;
};

}  // namespace penstock
