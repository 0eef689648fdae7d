// What a client asks of GET /v1/stream, read from the query of its target.
//
//     const auto read = read_stream_query("topic=github.*&queue=1MiB", limits);
//     if (const auto* error = std::get_if<QueryError>(&read)) answer(error->status, error->body());
//
// Every parameter is checked: an unknown one, one that stands twice, or a bad value is told with what would be good.
// Pure; allocates the result.

#pragma once

#include "streams/envelope.hpp"
#include "streams/position.hpp"
#include <penstock/subscription.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace penstock::streams {

/// More patterns in one request are refused: each costs a look-up at subscribe and a place in the table.
inline constexpr std::size_t kPatternsMax = 64;

/// A smaller queue is refused: one batch of small events fills it, so that its reader is behind at the first pause.
inline constexpr std::size_t kQueueBytesMin = 64U << 10U;

struct StreamQuery {
  std::vector<std::string> patterns = {};
  std::size_t queue_bytes = 0;
  Overflow overflow = Overflow::disconnect;
  PayloadAs payload_as = PayloadAs::json;
  Position from = Now{};
};

struct QueryError {
  int status;              ///< 400, or 409 for a position that only a journal could give.
  std::string_view error;  ///< "bad_request" | "no_journal"
  std::string message;     ///< What is wrong and how to mend it; holds bytes of the query.
};

struct QueryLimits {
  std::size_t queue_bytes_default = 0;
  std::size_t queue_bytes_max = 0;
  bool has_journal = false;
};

[[nodiscard]] std::variant<StreamQuery, QueryError> read_stream_query(std::string_view query, QueryLimits limits);

/// Has the stream go on behind the event with that id (the field Last-Event-ID), whatever `from` says. An empty text is
/// none; 0 is before the first. nullopt: done.
[[nodiscard]] std::optional<QueryError> resume_behind(StreamQuery& query, std::string_view last_event_id);

/// `{"error":"…","message":"…"}`
[[nodiscard]] std::string error_body(std::string_view error, std::string_view message);

}  // namespace penstock::streams
