#include "config/limits.hpp"

#include <algorithm>

namespace penstock::config {
namespace {

constexpr std::string_view kPayload = "payload";

/// Such a payload would be refused while it is received, whatever its own limit says.
void warn_of_unverified(const SectionReader& reader, std::size_t payload_bytes_max, const Limits& limits) {
  const YamlNode* node = reader.find(kPayload);
  if (node == nullptr || payload_bytes_max <= limits.unverified_bytes_max) return;
  if (reader.context().problems.any(Severity::error)) return;  // Beside an error nothing would run.
  reader.context().problems.warning(
      node->at, reader.path(kPayload) + ": " + size_text(payload_bytes_max) + " is more than limits.unverified (" +
                    size_text(limits.unverified_bytes_max) +
                    "), which bodies may hold while they are received: larger ones are refused all the same");
}

}  // namespace

void read_limits(const Context& context, const YamlNode& root, Limits& limits) {
  const YamlNode* node = root.find("limits");
  if (node == nullptr) return;
  constexpr std::uint64_t kib = 1U << 10U;
  constexpr std::uint64_t mib = 1U << 20U;
  constexpr std::uint64_t gib = 1U << 30U;
  constexpr Range time{.min = 1, .max = 3'600'000};
  const SectionReader reader{context, *node, "limits", Section::limits};
  reader.size("memory", limits.memory_bytes_max, {.min = 16 * mib, .max = 1024 * gib});
  limits.unverified_bytes_max = limits.memory_bytes_max / 4;
  reader.size("unverified", limits.unverified_bytes_max, {.min = mib, .max = limits.memory_bytes_max});
  reader.size(kPayload, limits.payload_bytes_max, {.min = 1, .max = std::min(gib, limits.memory_bytes_max)});
  warn_of_unverified(reader, limits.payload_bytes_max, limits);
  reader.size("dedup", limits.dedup_bytes_max, {.min = mib, .max = 64 * gib});
  reader.count("connections", limits.connections_max, {.min = 1, .max = 1'000'000});
  reader.count("connections_per_address", limits.connections_per_address_max, {.min = 0, .max = 1'000'000});
  reader.size("head", limits.head_bytes_max, {.min = kib, .max = mib});
  reader.size("target", limits.target_bytes_max, {.min = 64, .max = limits.head_bytes_max});
  reader.duration("head_time", limits.head_time, time);
  reader.duration("body_time", limits.body_time, time);
  reader.duration("idle", limits.idle_time, time);
  reader.duration("receipt_wait", limits.receipt_wait, time);
}

void read_source_limits(const SectionReader& source, const Limits& limits, std::size_t& payload_bytes_max) {
  payload_bytes_max = limits.payload_bytes_max;
  const YamlNode* node = source.find("limits");
  if (node == nullptr) return;
  const SectionReader reader{source.context(), *node, source.path("limits"), Section::source_limits};
  std::size_t bytes = payload_bytes_max;
  reader.size(kPayload, bytes, {.min = 1});
  if (bytes > limits.payload_bytes_max) {
    reader.error(*reader.find(kPayload), kPayload,
                 size_text(bytes) + " is more than limits.payload (" + size_text(limits.payload_bytes_max) +
                     "), the limit of all sources; raise that one, or lower this");
    return;
  }
  payload_bytes_max = bytes;
  warn_of_unverified(reader, payload_bytes_max, limits);
}

}  // namespace penstock::config
