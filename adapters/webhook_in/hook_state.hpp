// What all handlers of one Hooks share: the sources, and one lane for each I/O thread. Kept by the routes. The lanes
// belong to its successors too, so that requests of both count together.

#pragma once

#include "http/handler.hpp"
#include "verify/verifier.hpp"
#include <penstock/dedup.hpp>
#include <penstock/publisher.hpp>
#include <penstock/receipt_desk.hpp>
#include <penstock/route.hpp>

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::webhook_in {

/// What belongs to one I/O thread. The line is its own: others only read `unverified_bytes`.
struct alignas(64) Lane {
  explicit Lane(Publisher&& made, std::shared_ptr<ReceiptDesk> receipts = nullptr) noexcept
      : publisher{std::move(made)}, desk{std::move(receipts)} {}

  Publisher publisher;
  std::shared_ptr<ReceiptDesk> desk;  // Null: there is no journal, so each receipt is known at once.
  std::string name;  // Of the field that becomes metadata, in lower case; as long as the longest one was.
  std::atomic<std::size_t> unverified_bytes{0};  // Written by its thread alone, so by load and store.
};

using Lanes = std::deque<Lane>;  // Lanes do not move.

/// A Hook that has been set up.
struct Door {
  Source source;
  std::string topic;
  std::optional<Route> route;  ///< nullopt: its events stay on their base topic.
  std::shared_ptr<const verify::Verifier> verifier;
  std::optional<Dedup> dedup;
  int accepted_status;
  bool keep_encoded;
  std::size_t payload_bytes_max;
};

class HookState {
 public:
  std::vector<Door> doors;
  std::shared_ptr<Lanes> lanes = std::make_shared<Lanes>();
  std::size_t unverified_bytes_max = 0;
  std::string retry_after;
  std::function<void(std::string_view source, Refusal reason)> on_refused;

  [[nodiscard]] std::size_t unverified_bytes() const noexcept;

  /// Charges `bytes` to `lane` unless that would pass the limit. On the lane's thread.
  [[nodiscard]] bool charge(Lane& lane, std::size_t bytes) const noexcept;
  static void release(Lane& lane, std::size_t bytes) noexcept;

  /// Counts an event of `door` that will never be published, and tells the log.
  void refuse(Lane& lane, const Door& door, Refusal reason) const;
};

}  // namespace penstock::webhook_in
