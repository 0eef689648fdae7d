#include "streams/event_search.hpp"

#include "streams/envelope.hpp"
#include "streams/history.hpp"
#include "streams/json_text.hpp"
#include "streams/stream_query.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>

namespace penstock::streams {

namespace {

using Time = std::chrono::system_clock::time_point;

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

void refuse(http::Responder& responder, int status, std::string_view error, std::string_view message) {
  responder.answer({.status = status, .body = error_body(error, message)});
}

/// One search; keeps itself alive by what it has posted, which goes with its connection.
class EventSearch : public std::enable_shared_from_this<EventSearch> {
 public:
  EventSearch(Broker& broker, EventId id, PayloadAs payload_as, std::chrono::seconds retry_after,
              std::shared_ptr<http::Responder> responder)
      : broker_{broker},
        id_{id},
        until_{time_of(id) + kSearchTime},
        payload_as_{payload_as},
        retry_after_{retry_after},
        responder_{std::move(responder)},
        history_{broker, broker.journal_position(time_of(id)), [this](const Event& event) { return ends_with(event); },
                 [this](const Event& event) { found(event); }} {}

  void go_on() {
    history_.begin_turn();
    for (;;) {
      switch (history_.next()) {
        case History::Next::gap: break;
        case History::Next::turn_over: return responder_->post([self = shared_from_this()] { self->go_on(); });
        case History::Next::event:
          if (answered_) return;
          [[fallthrough]];
        case History::Next::end:
        case History::Next::over:
          return refuse(*responder_, 404, "not_found",
                        "no event of that id is kept: never taken, or retention took it");
        case History::Next::later: return answer_full();
        case History::Next::failed:
          return refuse(*responder_, 500, "journal_failed", "the journal cannot be read: " + history_.trouble());
      }
    }
  }

 private:
  [[nodiscard]] bool ends_with(const Event& event) const { return event.id() == id_ || event.time() > until_; }

  void found(const Event& event) {
    if (event.id() != id_) return;
    answered_ = true;
    // The payload as it is or in base64, and around it the metadata, every byte of which may become six.
    constexpr std::size_t head_bytes_max = 512U << 10U;
    const std::size_t bytes = event.payload().size() / 3 * 4 + head_bytes_max;
    if (!broker_.charge(bytes)) return answer_full();
    answer(event);
    broker_.uncharge(bytes);
  }

  void answer(const Event& event) {
    const bool as_json = payload_as_ == PayloadAs::json && JsonChecker{}.valid(event.payload());
    std::string body;
    append_envelope_head(body, event, as_json);
    body.reserve(body.size() + event.payload().size() / 3 * 4 + 8);
    if (as_json) {
      body += event.payload();
    } else {
      append_base64(body, event.payload());
    }
    body += envelope_end(as_json);
    responder_->answer({.status = 200, .body = body});
  }

  void answer_full() {
    const std::string seconds = std::to_string(retry_after_.count());
    const std::array<http::Field, 1> fields{http::Field{"retry-after", seconds}};
    responder_->answer(
        {.status = 503, .body = error_body("full", "the memory budget is used up: try again"), .fields = fields});
  }

  Broker& broker_;
  const EventId id_;
  const Time until_;
  const PayloadAs payload_as_;
  const std::chrono::seconds retry_after_;
  const std::shared_ptr<http::Responder> responder_;
  History history_;
  bool answered_ = false;
};

class EventHandler : public http::RequestHandler {
 public:
  EventHandler(Broker& broker, std::chrono::seconds retry_after) : broker_{broker}, retry_after_{retry_after} {}

  http::Begin begin(const http::RequestHead& head, http::Responder& responder) override {
    payload_as_ = head.query == "encoding=base64" ? PayloadAs::base64 : PayloadAs::json;
    if (!head.query.empty() && payload_as_ == PayloadAs::json) {
      refuse(responder, 400, "bad_request", "unknown parameter: known is encoding=base64");
      return http::Begin::answered;
    }
    id_ = event_id_of(head.path.substr(head.path.rfind('/') + 1));
    return http::Begin::read_body;
  }

  std::span<char> room(std::size_t /*wanted*/) override { return {}; }
  void commit(std::size_t /*bytes*/) override {}
  void cut(http::Cut /*why*/) override {}

  void end(http::Responder& responder) override {
    if (!broker_.has_journal()) {
      return refuse(responder, 404, "not_found",
                    "this broker keeps no journal, so events can be seen only as they pass");
    }
    if (!id_) return refuse(responder, 404, "not_found", "that is no id of an event");
    std::shared_ptr<http::Responder> later = responder.later();
    try {
      std::make_shared<EventSearch>(broker_, *id_, payload_as_, retry_after_, later)->go_on();
    } catch (const SetupError& error) {  // No memory for a reader.
      refuse(*later, 503, "full", error.what());
    }
  }

 private:
  Broker& broker_;
  std::chrono::seconds retry_after_;
  std::optional<EventId> id_;
  PayloadAs payload_as_ = PayloadAs::json;
};

}  // namespace

std::optional<EventId> event_id_of(std::string_view text) noexcept {
  constexpr std::string_view form = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  if (text.size() != form.size()) return std::nullopt;
  EventId id;
  std::size_t digits = 0;
  for (std::size_t i = 0; i < form.size(); ++i) {
    const int digit = digit_of(text[i]);
    if (form[i] == '-' ? text[i] != '-' : digit < 0) return std::nullopt;
    if (form[i] == '-') continue;
    std::uint8_t& byte = id.bytes.at(digits++ / 2);
    byte = static_cast<std::uint8_t>(byte * 16 + digit);
  }
  return id;
}

Time time_of(const EventId& id) noexcept {
  std::int64_t ms = 0;
  for (std::size_t i = 0; i < 6; ++i) ms = ms * 256 + id.bytes.at(i);
  constexpr std::int64_t ms_max =
      std::chrono::duration_cast<std::chrono::milliseconds>(Time::max().time_since_epoch() - kSearchTime).count();
  return Time{std::chrono::milliseconds{std::min(ms, ms_max)}};
}

http::Route event_route(Broker& broker, std::chrono::seconds retry_after) {
  http::Route route;
  route.method = "GET";
  route.path = "/v1/events/*";
  route.body_bytes_max = 0;
  route.make = [&broker, retry_after](std::size_t /*io_thread*/) {
    return std::make_unique<EventHandler>(broker, retry_after);
  };
  return route;
}

}  // namespace penstock::streams
