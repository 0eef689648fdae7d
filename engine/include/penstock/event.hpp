// An event: immutable bytes with a topic, an id and a time. What handlers get.
//
//     void on_push(const penstock::Event& event) { index(event.payload(), event.metadata("x-github-delivery")); }
//     penstock::Event kept = event;   // keeps it (and its batch) past the handler, even past the broker
//
// Threads: an Event may be read from any thread; one object is not written by two. Views stay valid while some copy of
// the event, or the handler call that gave it, lives. A copy is one or two atomic adds and holds up to a batch of
// neighbours (64 events or 1 MiB) in memory: copy what you need for long.

#pragma once

#include <penstock/export.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace penstock {

namespace event {
struct Block;  // The bytes: engine/event/block.hpp.
class Lent;
}  // namespace event

/// A UUIDv7 (RFC 9562, 5.7): 48 bits of milliseconds, then random bits. Made in publish.
struct PENSTOCK_EXPORT EventId {
  std::array<std::uint8_t, 16> bytes{};
  [[nodiscard]] std::string text() const;  ///< 36 characters, lower case, with hyphens.
  friend bool operator==(const EventId&, const EventId&) = default;
};

/// A name and a value that came with an event. Names compare without case; repeats are kept, in order.
using MetadataField = std::pair<std::string_view, std::string_view>;

class PENSTOCK_EXPORT Event {
 public:
  Event(const Event& other) noexcept;
  Event(Event&& other) noexcept;
  Event& operator=(const Event& other) noexcept;
  Event& operator=(Event&& other) noexcept;
  ~Event();

  [[nodiscard]] EventId id() const noexcept;
  [[nodiscard]] std::string_view source() const noexcept;      ///< The configured sender; the base topic if none.
  [[nodiscard]] std::string_view topic() const noexcept;       ///< The most specific one: `github.push`.
  [[nodiscard]] std::string_view base_topic() const noexcept;  ///< The source's: `github`.
  [[nodiscard]] std::string_view payload() const noexcept;     ///< As received, byte for byte.
  [[nodiscard]] std::chrono::system_clock::time_point time() const noexcept;  ///< Of acceptance.
  [[nodiscard]] std::uint64_t offset() const noexcept;                        ///< 0: there is no journal.
  [[nodiscard]] std::span<const MetadataField> metadata() const noexcept;
  /// The first value of that name, without case; nullopt if there is none. O(number of fields).
  [[nodiscard]] std::optional<std::string_view> metadata(std::string_view name) const noexcept;

 private:
  friend class event::Lent;  // engine/event/lent.hpp: how the engine shows an event to a handler.
  explicit Event(event::Block* block) noexcept : block_{block} {}

  event::Block* block_;   // Null: moved from.
  bool counted_ = false;  // False inside a handler call: the dispatcher holds the batch.
};

}  // namespace penstock
