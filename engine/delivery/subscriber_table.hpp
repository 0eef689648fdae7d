// Who wants which topic: immutable snapshots, and how a new one takes the place of the old without a lock for readers.
//
//     const SubscriberTable& table = tables.pin(reader);    // the holder of a claim, once per batch
//     table.match("github", "github.push", matched);        // indexes into table.lives, each once
//     tables.unpin(reader);                                 // when the claim is released
//
// How tables are named and freed: delivery/table_retirement.hpp. How unsubscribe waits for those who call:
// delivery/call_gate.hpp.

#pragma once

#include "delivery/live.hpp"
#include "delivery/table_retirement.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace penstock::delivery {

class SubscriberTable {
 public:
  SubscriberTable(std::vector<std::shared_ptr<Live>> wanted_by, std::uint64_t version);

  const std::vector<std::shared_ptr<Live>> lives;
  const std::uint64_t version;  ///< Never the same for two tables of a broker.

  /// Indexes of those who want an event of that base topic and topic, each once, in order. O(wildcard patterns).
  void match(std::string_view base_topic, std::string_view topic, std::vector<std::uint32_t>& matched) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  void add_matches(std::string_view topic, std::vector<std::uint32_t>& matched) const;

  std::unordered_map<std::string, std::vector<std::uint32_t>, Hash, std::equal_to<>> exact_;
  std::vector<std::pair<std::string, std::uint32_t>> wildcards_;
};

class SubscriberTables {
  using Tables = TableRetirement<SubscriberTable, Live, kClaimsMax + 1>;  // One more for close().

 public:
  using Reader = Tables::Reader;

  SubscriberTables();
  ~SubscriberTables();
  SubscriberTables(const SubscriberTables&) = delete;
  SubscriberTables& operator=(const SubscriberTables&) = delete;

  /// A reader for one more claim; at most kClaimsMax, and one for close(). It lives as long as this.
  [[nodiscard]] Reader& add_reader() { return tables_.add_reader(); }

  [[nodiscard]] const SubscriberTable& pin(Reader& reader) const noexcept { return tables_.pin(reader); }
  void unpin(Reader& reader) noexcept { tables_.unpin(reader); }

  void add(const std::shared_ptr<Live>& live);
  void remove(const Live& live);
  [[nodiscard]] std::vector<std::shared_ptr<Live>> lives() const;

  [[nodiscard]] bool in_call(const Live& live) const noexcept {  ///< Some claim's current.
    return tables_.in_call(live);
  }
  /// Destroys the handler of a closed subscription whose unsubscribe could not wait, if no call of it is running.
  void destroy_if_left(Live& live) const noexcept;
  /// Whether some full subscription (Overflow::refuse) wants such an event. Takes a lock.
  [[nodiscard]] bool refused(std::string_view base_topic, std::string_view topic) const;

  [[nodiscard]] RefusingCount& refusing() noexcept { return refusing_; }
  [[nodiscard]] std::size_t tables_alive() const { return tables_.alive(); }

 private:
  Tables tables_;
  RefusingCount refusing_{0};
};

using TableReader = SubscriberTables::Reader;

}  // namespace penstock::delivery
