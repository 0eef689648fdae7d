#include "streams/stream_query.hpp"

#include "http/percent.hpp"
#include "streams/json_text.hpp"
#include <penstock/topic.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

namespace penstock::streams {

namespace {

QueryError bad(std::string message) { return {.status = 400, .error = "bad_request", .message = std::move(message)}; }

struct Unit {
  std::string_view name;
  std::size_t bytes;
};
constexpr std::array kUnits{Unit{"B", 1},      Unit{"KiB", 1U << 10U}, Unit{"MiB", 1U << 20U},   Unit{"GiB", 1U << 30U},
                            Unit{"kB", 1'000}, Unit{"MB", 1'000'000},  Unit{"GB", 1'000'000'000}};

std::optional<std::size_t> bytes_of(std::string_view text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  const auto* const found = std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& u) { return u.name == unit; });
  if (found == kUnits.end() || number > std::numeric_limits<std::size_t>::max() / found->bytes) return std::nullopt;
  return number * found->bytes;
}

/// One request's parameters, read one by one into the query.
class Reader {
 public:
  explicit Reader(QueryLimits limits) : limits_{limits} { query_.queue_bytes = limits.queue_bytes_default; }

  std::optional<QueryError> read(const std::string& name, const std::string& value) {
    if (name == "topic") return topic(value);
    if (std::find(seen_.begin(), seen_.end(), name) != seen_.end())
      return bad("'" + name + "' stands twice: give it once");
    seen_.push_back(name);
    if (name == "queue") return queue(value);
    if (name == "overflow") return overflow(value);
    if (name == "encoding") return encoding(value);
    if (name == "from") return from(value);
    return bad("unknown parameter '" + name + "': known are topic, from, queue, overflow and encoding");
  }

  std::variant<StreamQuery, QueryError> end() {
    if (query_.patterns.empty()) return bad("no topic: ask for at least one, such as /v1/stream?topic=github.*");
    // Only when all else is good: who mends the rest shall not meet this last.
    if (!limits_.has_journal && !std::holds_alternative<Now>(query_.from)) {
      return QueryError{.status = 409,
                        .error = "no_journal",
                        .message = "this broker keeps no journal, so a stream can only begin now: leave 'from' out"};
    }
    return std::move(query_);
  }

 private:
  std::optional<QueryError> topic(const std::string& value) {
    if (!valid_pattern(value)) {
      return bad("'" + value +
                 "' is no pattern: levels of letters, digits and _ : / - joined by '.', '*' for one "
                 "level, a last '>' (%3E) for one or more");
    }
    if (query_.patterns.size() == kPatternsMax) {
      return bad("more than " + std::to_string(kPatternsMax) + " topics: use '*' or '>', or a second stream");
    }
    query_.patterns.push_back(value);
    return std::nullopt;
  }

  std::optional<QueryError> queue(const std::string& value) {
    const auto bytes = bytes_of(value);
    if (!bytes || *bytes == 0)
      return bad("'" + value + "' is no size of a queue: write a number and a unit, as in 1MiB");
    if (*bytes < kQueueBytesMin) {
      return bad("a queue of " + value + " is too small: ask for at least " + std::to_string(kQueueBytesMin / 1024) +
                 "KiB, or leave 'queue' out");
    }
    if (*bytes > limits_.queue_bytes_max) {
      return bad("a queue of " + value + " is too large: at most " + std::to_string(limits_.queue_bytes_max) + "B");
    }
    query_.queue_bytes = *bytes;
    return std::nullopt;
  }

  std::optional<QueryError> overflow(const std::string& value) {
    if (value == "disconnect") {
      query_.overflow = Overflow::disconnect;
    } else if (value == "drop_oldest") {
      query_.overflow = Overflow::drop_oldest;
    } else if (value == "refuse") {
      query_.overflow = Overflow::refuse;
    } else {
      return bad("overflow '" + value + "' is not known: use disconnect, drop_oldest or refuse");
    }
    return std::nullopt;
  }

  std::optional<QueryError> encoding(const std::string& value) {
    if (value != "base64") return bad("encoding '" + value + "' is not known: use base64, or leave it out");
    query_.payload_as = PayloadAs::base64;
    return std::nullopt;
  }

  std::optional<QueryError> from(const std::string& value) {
    const auto position = position_of(value);
    if (!position) {
      return bad("'" + value +
                 "' is no position: use now, earliest, an offset (the first is 1), or a time such as "
                 "2026-11-24T12:00:00Z");
    }
    query_.from = *position;
    return std::nullopt;
  }

  QueryLimits limits_;
  StreamQuery query_;
  std::vector<std::string> seen_;
};

}  // namespace

std::variant<StreamQuery, QueryError> read_stream_query(std::string_view query, QueryLimits limits) {
  Reader reader{limits};
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const auto name = http::percent_decoded(pair.substr(0, equals));
    const auto value = http::percent_decoded(pair.substr(std::min(pair.size(), equals + 1)));
    if (!name || !value) return bad("a '%' must be followed by two hex digits");
    if (auto error = reader.read(*name, *value)) return *std::move(error);
  }
  return reader.end();
}

std::optional<QueryError> resume_behind(StreamQuery& query, std::string_view last_event_id) {
  if (last_event_id.empty()) return std::nullopt;
  std::uint64_t offset = 0;
  const char* const behind = last_event_id.data() + last_event_id.size();
  const auto [end, error] = std::from_chars(last_event_id.data(), behind, offset);
  if (error != std::errc{} || end != behind) {
    return bad("Last-Event-ID '" + std::string{last_event_id} +
               "' is no id of a stream: send the last `id:` as it came");
  }
  query.from = offset == std::numeric_limits<std::uint64_t>::max() ? offset : offset + 1;
  return std::nullopt;
}

std::string error_body(std::string_view error, std::string_view message) {
  std::string body = R"({"error":)";
  append_json_string(body, error);
  body += R"(,"message":)";
  append_json_string(body, message);
  body += '}';
  return body;
}

}  // namespace penstock::streams
