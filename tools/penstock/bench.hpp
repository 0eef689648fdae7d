// `penstock bench journal [DIR]`: what a durable event costs on this machine and disk, beside what the disk allows.
//
// Makes a folder in DIR (default: here), measures in it, and removes it, also when interrupted. Each size of
// --in-flight gives two lines: so many events waiting for receipts at any time, and the bare disk with batches of that
// size. Figures go to stdout: a table, or with --json an object a line. A wrong answer gives none. Exit: 0 done; 1 the
// answer was wrong; 2 wrong use; 74 the disk failed; 130/143 interrupted.

#pragma once

#include "options.hpp"
#include "output.hpp"

namespace penstock::command {

[[nodiscard]] Exit run_bench(const BenchOptions& options, const Output& output);

}  // namespace penstock::command
