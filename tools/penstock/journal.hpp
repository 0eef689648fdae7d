// `penstock journal stat | verify | export DIR`: what a journal on disk is like. Changes no byte of it, takes no lock,
// and needs no broker: one may be running on it.
//
// Data goes to stdout (of verify: a line for each damage), all else to stderr.
// Exit: 0 done; 1 there is no journal, or verify and export met damage; 2 wrong use; 74 the disk failed; 78 -c FILE is
// refused.

#pragma once

#include "config/substitution.hpp"
#include "options.hpp"
#include "output.hpp"

namespace penstock::command {

[[nodiscard]] Exit run_journal(const JournalCommandOptions& options, const config::Environment& environment,
                               const Output& output);

}  // namespace penstock::command
