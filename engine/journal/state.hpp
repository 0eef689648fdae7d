// What a journal knows of itself beside its events: its secrets, how often it was opened, how far it was surely synced.
//
//     State state = read_state(disk, dir).value_or(new_state());
//     state.epoch += 1; write_state(disk, dir, state);        // throws DiskFailed
//
// One small file, replaced whole: written beside, synced, renamed, its directory synced. Written when a journal is
// opened and when it is closed; what it says stays true in between, since a journal only grows.
// Threads: one. Blocking: on the disk. Errors: throws DiskFailed, and Damaged when the file is not whole.

#pragma once

#include "journal/siphash.hpp"
#include "os/file.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace penstock::journal {

inline constexpr const char* kStateName = "journal.state";

struct State {
  std::uint64_t magic = 0;
  std::uint32_t crc = 0;
  std::uint32_t version = 0;
  std::uint32_t epoch = 0;     ///< Of the last run.
  std::uint32_t crc_seed = 0;  ///< For segments that begin from now on.
  SipKey dedup_secret = {};
  std::uint64_t synced_next = 1;  ///< All events below it were synced: if one is missing, that is damage.
};

[[nodiscard]] State new_state();                                                        ///< With random secrets.
[[nodiscard]] std::optional<State> read_state(os::Disk& disk, const std::string& dir);  ///< nullopt: no such file.
void write_state(os::Disk& disk, const std::string& dir, State state);

}  // namespace penstock::journal
