// GET /v1/events/{id}: one event out of the journal, as its envelope.
//
//     http::Route route = event_route(broker);
//     // 200 {"offset":12,"id":"0190163d-…", … }, or 404
//
// An id holds the millisecond in which it was made (RFC 9562, 5.7), and an event is in the journal soon after: the
// search begins at that time and ends kSearchTime later. It goes on in turns like a stream's History, so that other
// requests of the thread are answered meanwhile: O(events of that minute), for an id that is not there.
// Threads: the connection's I/O thread. Blocking: on the disk. Memory: the answer is charged while it is made.
// Errors: 404 not_found (also without a journal, and for what is no id), 400 for an unknown parameter, 503 with
// Retry-After when the budget is spent, 500 for a damaged journal.

#pragma once

#include "http/handler.hpp"
#include <penstock/broker.hpp>
#include <penstock/event.hpp>

#include <chrono>
#include <optional>
#include <string_view>

namespace penstock::streams {

/// Past its id's time an event is looked for so long: as long as the journal's own look-up (engine/journal/reader.cpp).
inline constexpr std::chrono::seconds kSearchTime{60};

/// 36 characters with hyphens, in either case. nullopt: no id.
[[nodiscard]] std::optional<EventId> event_id_of(std::string_view text) noexcept;

/// When an id was made, to the millisecond.
[[nodiscard]] std::chrono::system_clock::time_point time_of(const EventId& id) noexcept;

/// `broker` must outlive the server of this route.
[[nodiscard]] http::Route event_route(Broker& broker, std::chrono::seconds retry_after);

}  // namespace penstock::streams
