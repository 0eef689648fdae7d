// What was asked for on the command line, as plain values: one struct a sub-command.
//
//     std::variant<...> asked = parse(argc, argv, environment);   // command_line.hpp
//
// Flags stand above PENSTOCK_* variables, those above the file, the file above defaults.

#pragma once

#include "config/load.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace penstock::command {

/// What the shell sees (sysexits.h where it has a number for it).
enum class Exit : int {
  done = 0,
  failed = 1,
  wrong_use = 2,
  no_broker = 69,
  disk_failed = 74,
  full = 75,
  bad_configuration = 78,
  interrupted = 130,
  terminated = 143,
};

struct Common {
  std::string config = {};
  std::string url = {};        ///< Of the admin API; empty: the file's, else http://127.0.0.1:8081.
  std::string token_env = {};  ///< Name of the variable that holds the token.
  bool json = false;
  bool quiet = false;
  bool verbose = false;
  config::Overrides overrides = {};  ///< What stands above the file.
};

struct ServeOptions {
  Common common = {};
  std::optional<config::QuickSource> source = {};  ///< Instead of a file.
  bool skip_damaged = false;
};

struct CheckOptions {
  Common common = {};
  bool no_environment = false;
  bool deny_warnings = false;
};

/// A field line as it was given: `-H 'name: value'`.
using FieldLine = std::pair<std::string, std::string>;

struct SendOptions {
  Common common = {};
  std::string source = {};
  std::string file = {};
  std::optional<std::string> event = {};
  std::vector<FieldLine> fields = {};
  std::string to = {};
  std::uint64_t repeat = 1;
  double rate_per_s = 0;  ///< 0: as fast as it goes.
  std::uint64_t connections = 1;
  bool keep_id = false;
};

struct TailOptions {
  Common common = {};
  std::vector<std::string> patterns = {};
  std::optional<std::uint64_t> count = {};  ///< Stop after so many.
  std::string from = {};
  std::string forward_to = {};
};

struct PublishOptions {
  Common common = {};
  std::string topic = {};
  std::string file = {};  ///< `-`: stdin.
  std::vector<FieldLine> fields = {};
};

/// One whole request, and who would take it: a preset or a source of the file.
struct ExplainOptions {
  Common common = {};
  std::string preset = {};                         ///< Not empty: instead of a file.
  std::vector<std::string> secret_variables = {};  ///< With the preset, as are users and public keys.
  std::vector<std::string> users = {};             ///< Any is good.
  std::vector<std::string> public_keys = {};
  std::string source = {};  ///< Of the file; empty: its only one.
  std::string method = "POST";
  std::string target = {};  ///< Empty: /hooks/{source}.
  std::vector<FieldLine> fields = {};
  std::string public_url = {};
  std::vector<std::string> certificates = {};  ///< URL=FILE.
  std::optional<std::int64_t> now_s = {};
  std::string body = {};  ///< FILE or `-`; empty: no body.
};

/// What `journal export` writes: a POSITION each, both ends inclusive.
struct ExportRange {
  std::string from = {};  ///< Empty: from the first event on.
  std::string to = {};    ///< Empty: to the last one.
  std::optional<std::uint64_t> count = {};
  bool base64 = false;  ///< Every payload, byte for byte.
};

enum class JournalAction : unsigned char { stat, verify, write_out };

struct JournalCommandOptions {
  Common common = {};
  JournalAction action = JournalAction::stat;
  std::string dir = {};  ///< Empty: journal.dir of the file.
  ExportRange range = {};
};

/// What `bench journal` measures.
struct BenchOptions {
  Common common = {};
  std::string dir = {};
  std::uint64_t events = 0;  ///< Of each scenario, at most.
  std::size_t payload_bytes = 0;
  std::vector<std::size_t> in_flight = {};  ///< A scenario each.
  double rate_per_s = 0;                    ///< 0: none at a rate.
  std::chrono::milliseconds time_max{0};    ///< Of each scenario.
};

struct VersionOptions {
  Common common = {};
};

}  // namespace penstock::command
