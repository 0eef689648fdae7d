// What a journal on disk is like, without a Broker and without a change to it: what `penstock journal` is made of.
//
//     const penstock::JournalSurvey found = penstock::survey_journal("penstock-data");
//     for (const penstock::JournalDamage& damage : found.damaged) std::cerr << damage.text() << '\n';
//     penstock::survey_journal("penstock-data", {.from_offset = 12, .visit = [](const penstock::Event& event) { … }});
//
// Takes no lock: a broker may be writing it. Then it shows what was there when each file's end was reached.
// Threads: any. Blocking: reads every byte of the files that it reads, 256 KiB at a time. Holds one event, decoded for
// `visit` only.
// Errors: SetupError (no journal there), JournalError (the disk failed), std::bad_alloc (more than 2 GiB are kept).

#pragma once

#include <penstock/event.hpp>
#include <penstock/export.hpp>
#include <penstock/journal.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace penstock {

/// One file of a journal.
struct JournalSegment {
  std::string name = {};
  std::uint64_t first_offset = 0;
  std::uint64_t events = 0;                               ///< Whole ones.
  std::uint64_t bytes = 0;                                ///< Up to the last whole one.
  std::uint64_t file_bytes = 0;                           ///< With what is set aside behind it.
  std::chrono::system_clock::time_point first_time = {};  ///< Of acceptance; means nothing without events.
  std::chrono::system_clock::time_point last_time = {};
};

/// A place where a journal is not what was written.
struct PENSTOCK_EXPORT JournalDamage {
  std::string segment = {};       ///< The file's name, without its directory.
  std::uint64_t offset = 0;       ///< Of the first event that cannot be read; 0: of none.
  std::uint64_t last_offset = 0;  ///< Of the last one of several; else 0.
  std::string why = {};
  [[nodiscard]] std::string text() const;  ///< "SEGMENT: offset 12: why", as JournalError says it.
};

struct JournalSurvey {
  std::vector<JournalSegment> segments = {};  ///< Those that were read.
  std::vector<JournalDamage> damaged = {};    ///< In those. Empty: all that was promised is there.
  bool torn = false;  ///< At the end lies a batch that was never synced, or is just being written. No damage.
  std::uint64_t next_offset = 1;
};

struct JournalSurveyOptions {
  std::uint64_t from_offset = 1;                         ///< Files that end before it are not read.
  std::chrono::system_clock::time_point from_time = {};  ///< Of acceptance; likewise.
  /// Sees each whole event from there on, in order; false: enough, read no further. May keep the event, and may throw.
  std::function<bool(const Event&)> visit = {};
};

[[nodiscard]] PENSTOCK_EXPORT JournalSurvey survey_journal(const std::string& dir,
                                                           const JournalSurveyOptions& options = {});

}  // namespace penstock
