// The command line of `penstock bench`, from text to values.
//
//     BenchFields fields;
//     add_journal_bench(*app.add_subcommand("journal"), fields);
//     …  BenchOptions options = bench_options(fields);       // once parsed
//
// Threads: pure functions. Errors: WrongUse, which quotes what was given.

#pragma once

#include "options.hpp"

#include <string>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): theirs.
class App;
}

namespace penstock::command {

/// What CLI11 fills in.
struct BenchFields {
  std::string dir = ".";
  std::string events = "100k";
  std::string payload = "1KiB";
  std::vector<std::string> in_flight = {};
  std::string rate = {};
  std::string time = "10s";
};

void add_journal_bench(CLI::App& journal, BenchFields& fields);

[[nodiscard]] BenchOptions bench_options(const BenchFields& fields);

}  // namespace penstock::command
