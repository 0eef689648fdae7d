// How a broker keeps events on disk, and how they are read again.
//
//     penstock::Broker broker{{.journal = penstock::JournalOptions{.dir = "penstock-data"}}};
//     penstock::JournalReader reader = broker.read_journal(1);
//     while (reader.read(100, [](const penstock::Event& event) { show(event); }) == penstock::JournalRead::events) {}
//
// Threads: a JournalReader is used by one thread at a time; several may read at once, while events are written.
// Blocking: on the disk. Lifetime: a reader may outlive its Broker; the journal's directory is in use until then.

#pragma once

#include <penstock/error.hpp>
#include <penstock/event.hpp>
#include <penstock/export.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace penstock {

struct JournalOptions {
  std::string dir = {};                                       ///< Made when missing. One broker at a time.
  std::uint64_t segment_bytes = 64U << 20U;                   ///< Of one file; set aside ahead of time.
  std::uint64_t retain_bytes = std::uint64_t{20} << 30U;      ///< Whole files go, the oldest first; 0: no limit.
  std::chrono::seconds retain_age = std::chrono::hours{168};  ///< 0: no limit.
  std::chrono::milliseconds receipt_wait{1'000};              ///< Past it, with a sync under way: publish says `full`.
  bool skip_damaged = false;  ///< Go on without what cannot be read, and count it; else it is a JournalError.
};

/// The journal is damaged, or its disk failed: not a mistake in the options. A daemon leaves with status 74.
class PENSTOCK_EXPORT JournalError : public SetupError {
 public:
  using SetupError::SetupError;
};

/// Another process, or another broker of this one, writes that journal. `what()` names the process.
class PENSTOCK_EXPORT JournalInUse : public SetupError {
 public:
  using SetupError::SetupError;
};

enum class JournalRead : std::uint8_t {
  events,     ///< Some were shown.
  end,        ///< Nothing more for now.
  gap,        ///< Events from gap_from() to before position() are no longer there, or were skipped as damaged.
  no_memory,  ///< The budget is spent: try later.
  failed,     ///< Damaged, or the disk refused: see trouble(). Says so again.
};

class PENSTOCK_EXPORT JournalReader {
 public:
  JournalReader(JournalReader&& other) noexcept;
  JournalReader& operator=(JournalReader&& other) noexcept;
  JournalReader(const JournalReader&) = delete;
  JournalReader& operator=(const JournalReader&) = delete;
  ~JournalReader();

  /// Shows up to `events_max` (at most 64) events from position() on, in the order of their offsets. What `visit`
  /// throws goes through; the events it was not shown are read again by the next call.
  JournalRead read(std::size_t events_max, const std::function<void(const Event&)>& visit);
  [[nodiscard]] std::uint64_t position() const noexcept;  ///< The offset that comes next.
  [[nodiscard]] std::uint64_t gap_from() const noexcept;  ///< Of the last gap.
  [[nodiscard]] std::string trouble() const;              ///< "SEGMENT: offset 12: why".
  void move_to(std::uint64_t offset) noexcept;
  /// Shows the event of that id, if it is there. Looks from the id's own time on; moves the reader. O(events of that
  /// minute).
  bool find(const EventId& id, const std::function<void(const Event&)>& visit);

 private:
  friend class Broker;
  class Core;
  explicit JournalReader(std::unique_ptr<Core> core) noexcept;
  std::unique_ptr<Core> core_;
};

}  // namespace penstock
