// The whole accepted configuration, as plain values: what load() gives and what serve and send build from.
//
// Defaults here are the defaults of the file. Secrets live in verifiers and in verify::Secret only, so that nothing
// that prints a Config can print one. Move-only.

#pragma once

#include "config/endpoint.hpp"
#include "config/problem.hpp"
#include "verify/secret.hpp"
#include "verify/verifier.hpp"
#include <penstock/broker.hpp>

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace penstock::config {

struct Limits {
  std::size_t payload_bytes_max = 25U << 20U;  ///< Of a source that says nothing else.
  std::size_t memory_bytes_max = 1U << 30U;
  std::size_t unverified_bytes_max = 256U << 20U;  ///< Left out: a quarter of the memory.
  std::size_t dedup_bytes_max = 64U << 20U;        ///< At most a quarter of the memory is used.
  std::size_t connections_max = 1000;
  std::size_t connections_per_address_max = 100;  ///< 0: no limit.
  std::size_t head_bytes_max = 16U << 10U;
  std::size_t target_bytes_max = 8U << 10U;
  std::chrono::milliseconds head_time{10'000};
  std::chrono::milliseconds body_time{15'000};
  std::chrono::milliseconds idle_time{15'000};
  std::chrono::milliseconds receipt_wait{1'000};  ///< No effect without a journal.
};

struct Admin {
  Endpoint listen{"127.0.0.1", 8081};
  std::vector<std::string> hosts = {};
  verify::Secret read_token{std::string{}};  ///< Empty: not set.
  verify::Secret write_token{std::string{}};
};

enum class LogFormat : unsigned char { logfmt, json };
enum class LogLevel : unsigned char { debug, info, warn, error };

struct Log {
  LogFormat format = LogFormat::logfmt;
  LogLevel level = LogLevel::info;
};

struct Dedup {
  std::string id = {};  ///< Place of the delivery id; empty: off.
  std::chrono::milliseconds window = std::chrono::hours{24};

  /// Rounded up: never shorter than it was written.
  [[nodiscard]] std::chrono::seconds window_seconds() const { return std::chrono::ceil<std::chrono::seconds>(window); }
};

struct Source {
  std::string name = {};
  Position at = {};
  std::string preset = {};  ///< Empty: none.
  std::string topic = {};
  verify::Scheme scheme = {};
  /// Null with --no-environment, and for the other sources when LoadOptions::only_source is given.
  std::shared_ptr<const verify::Verifier> verifier = {};
  std::size_t secrets = 0;  ///< How many there are.
  std::vector<std::string> event = {};
  Dedup dedup = {};
  int accepted_status = 200;
  bool keep_encoded = false;
  std::size_t payload_bytes_max = 0;
};

struct Config {
  Endpoint listen{"127.0.0.1", 8080};
  Admin admin = {};
  /// Its receipt_wait is that of limits. nullopt: `journal: off`, memory only.
  std::optional<JournalOptions> journal = JournalOptions{.dir = "./penstock-data"};
  Limits limits = {};
  std::size_t threads = 1;
  std::size_t workers = 1;
  Wait wait = Wait::park;
  std::chrono::milliseconds drain{30'000};
  Log log = {};
  std::vector<Source> sources = {};  ///< In the order of the file.

  [[nodiscard]] const Source* source(std::string_view name) const noexcept;
  [[nodiscard]] std::size_t payload_bytes_max() const noexcept;  ///< The largest of any source, and of the API.
};

}  // namespace penstock::config
