// The bodies that senders get, written without the general heap.

#pragma once

#include <penstock/event.hpp>

#include <array>
#include <cstdint>
#include <string_view>

namespace penstock::webhook_in {

inline constexpr std::string_view kUnauthorized = R"({"error":"unauthorized"})";
inline constexpr std::string_view kTooLarge =
    R"({"error":"too_large","message":"the payload or its header fields are larger than this source takes"})";
inline constexpr std::string_view kEncoded =
    R"({"error":"unsupported_encoding","message":"send the body without Content-Encoding"})";
inline constexpr std::string_view kFull = R"({"error":"full","message":"no room for more events now; send it again"})";
inline constexpr std::string_view kClosed = R"({"error":"closed","message":"draining; send it again"})";
inline constexpr std::string_view kOverloaded =
    R"({"error":"overloaded","message":"too many bodies are being received; send it again"})";
inline constexpr std::string_view kBadTopic = R"({"error":"bad_topic"})";

/// `{"status":"accepted","id":"018f…"}`; the view lies in `out`. `status` is at most 16 bytes, as they are in JSON.
using ReceiptText = std::array<char, 96>;
[[nodiscard]] std::string_view write_receipt(std::string_view status, const EventId& id, ReceiptText& out) noexcept;

/// `memory`, or `durable; offset=12`: how safe the event is. The view lies in `out`, or nowhere that ends.
using LevelText = std::array<char, 40>;
[[nodiscard]] std::string_view write_level(std::uint64_t offset, LevelText& out) noexcept;

}  // namespace penstock::webhook_in
