// Who wants which topic: immutable snapshots, and how a new one takes the place of the old without a lock for readers.
//
//     const SubscriberTable& table = tables.pin(reader);    // the holder of a claim, once per batch
//     table.match("github", "github.push", matched);        // indexes into table.lives, each once
//     tables.unpin(reader);                                 // when the claim is released
//
// Protocol. Readers are claims, not threads: whoever holds a claim names in its TableReader the table it reads.
//   pin       named := t (seq_cst store); look again (seq_cst load): still t? else name the new one
//   replace   current := new (seq_cst store); for each retired table: does a claim name it (seq_cst load)? else free it
// All four are seq_cst, so either pin's second look finds the new table, or replace's look finds the name. unpin clears
// the name (release), replace's look acquires it: what the reader did is before the free. A table named at replace is
// freed by the next replace or by the unpin that finds it retired; so never more than claims + 1 exist.
//
// `current` is the subscription a claim is calling: a plain store in front of a run of calls. unsubscribe marks the
// subscription closed, publishes the table, runs os::heavy_barrier() and waits while some claim's `current` is it; the
// claim stores `current`, runs os::light_barrier() and passes by if the subscription is closed (os/barrier.hpp).

#pragma once

#include "delivery/live.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
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

struct alignas(64) TableReader {
  std::atomic<const SubscriberTable*> named{nullptr};
  std::atomic<const Live*> current{nullptr};
};

class SubscriberTables {
 public:
  SubscriberTables();
  ~SubscriberTables();
  SubscriberTables(const SubscriberTables&) = delete;
  SubscriberTables& operator=(const SubscriberTables&) = delete;

  /// A reader for one more claim; at most kClaimsMax, and one for close(). It lives as long as this.
  [[nodiscard]] TableReader& add_reader();

  [[nodiscard]] const SubscriberTable& pin(TableReader& reader) const noexcept;
  void unpin(TableReader& reader) noexcept;

  void add(const std::shared_ptr<Live>& live);
  void remove(const Live& live);
  [[nodiscard]] std::vector<std::shared_ptr<Live>> lives() const;

  [[nodiscard]] bool in_call(const Live& live) const noexcept;  ///< Some claim's current.
  /// Destroys the handler of a closed subscription whose unsubscribe could not wait, if no call of it is running.
  void destroy_if_left(Live& live) const noexcept;
  /// Whether some full subscription (Overflow::refuse) wants such an event. Takes a lock.
  [[nodiscard]] bool refused(std::string_view base_topic, std::string_view topic) const;

  [[nodiscard]] RefusingCount& refusing() noexcept { return refusing_; }
  [[nodiscard]] std::size_t tables_alive() const;

 private:
  void replace(std::vector<std::shared_ptr<Live>> lives);
  [[nodiscard]] std::vector<std::unique_ptr<const SubscriberTable>> take_unnamed();

  mutable std::mutex mutex_;
  std::unique_ptr<const SubscriberTable> newest_;
  std::vector<std::unique_ptr<const SubscriberTable>> retired_;
  std::array<TableReader, kClaimsMax + 1> readers_;  // One more for close().
  std::atomic<std::size_t> reader_count_{0};
  alignas(64) std::atomic<const SubscriberTable*> current_;
  std::atomic<bool> any_retired_{false};
  RefusingCount refusing_{0};
};

}  // namespace penstock::delivery
