#include "streams/sse.hpp"

#include "streams/event_search.hpp"
#include "streams/hub.hpp"
#include "streams/stream_query.hpp"

#include <span>
#include <utility>
#include <variant>

namespace penstock::streams {

namespace {

class StreamHandler : public http::RequestHandler {
 public:
  explicit StreamHandler(std::shared_ptr<Hub> hub) : hub_{std::move(hub)} {}

  http::Begin begin(const http::RequestHead& head, http::Responder& responder) override {
    const StreamsOptions& options = hub_->options();
    auto read =
        read_stream_query(head.query, {options.queue_bytes_default, options.queue_bytes_max, hub_->has_journal()});
    if (const auto* error = std::get_if<QueryError>(&read)) return refuse(*error, responder);
    auto& query = std::get<StreamQuery>(read);
    if (hub_->has_journal()) {
      if (const auto error = resume_behind(query, head.field("last-event-id").value_or(""))) {
        return refuse(*error, responder);
      }
    }
    if (head.method == "HEAD") {  // Asks what GET would answer; wants no events.
      responder.answer({.status = 200, .content_type = kEventStream});
      return http::Begin::answered;
    }
    query_ = std::move(query);
    return http::Begin::read_body;
  }

  std::span<char> room(std::size_t /*wanted*/) override { return {}; }
  void commit(std::size_t /*bytes*/) override {}
  void end(http::Responder& responder) override { hub_->open(std::exchange(query_, {}), responder); }
  void cut(http::Cut /*why*/) override { query_ = {}; }

 private:
  static http::Begin refuse(const QueryError& error, http::Responder& responder) {
    responder.answer({.status = error.status, .body = error_body(error.error, error.message)});
    return http::Begin::answered;
  }

  std::shared_ptr<Hub> hub_;
  StreamQuery query_;
};

}  // namespace

Streams::Streams(Broker& broker, const StreamsOptions& options) : hub_{std::make_shared<Hub>(broker, options)} {}

Streams::~Streams() { close(); }

std::vector<http::Route> Streams::routes() const {
  http::Route route;
  route.method = "GET";
  route.path = "/v1/stream";
  route.body_bytes_max = 0;
  route.make = [hub = hub_](std::size_t /*io_thread*/) { return std::make_unique<StreamHandler>(hub); };
  return {std::move(route), event_route(hub_->broker(), hub_->options().retry_after)};
}

void Streams::end_catching_up() noexcept { hub_->end_catching_up(); }

void Streams::close() noexcept { hub_->close(); }

std::size_t Streams::open() const { return hub_->size(); }

}  // namespace penstock::streams
