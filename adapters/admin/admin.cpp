#include "admin/admin.hpp"

#include "admin/answers.hpp"
#include "admin/metrics.hpp"
#include "admin/process.hpp"
#include "admin/publish.hpp"
#include "admin/stats_json.hpp"

#include <array>
#include <optional>
#include <span>
#include <utility>

namespace penstock::admin {

struct AdminState {
  Broker& broker;
  AdminOptions options;
  http::Route publish;

  [[nodiscard]] std::vector<ListenerStats> listeners() const {
    return options.listeners ? options.listeners() : std::vector<ListenerStats>{};
  }
  [[nodiscard]] std::optional<ConfigurationStats> configuration() const {
    return options.configuration ? std::optional{options.configuration()} : std::nullopt;
  }
};

namespace {

using Respond = std::function<void(http::Responder&)>;

/// A request whose answer depends on nothing but its path. A body is not read.
class GetHandler : public http::RequestHandler {
 public:
  explicit GetHandler(Respond respond) : respond_{std::move(respond)} {}

  http::Begin begin(const http::RequestHead& /*head*/, http::Responder& responder) override {
    respond_(responder);
    return http::Begin::answered;
  }
  std::span<char> room(std::size_t /*wanted*/) override { return {}; }
  void commit(std::size_t /*bytes*/) override {}
  void end(http::Responder& /*responder*/) override {}
  void cut(http::Cut /*why*/) override {}

 private:
  Respond respond_;
};

/// What watchers ask until the end: whether it still lives, whether it drains, and the last counters.
http::Route while_draining(http::Route route) {
  route.while_draining = true;
  return route;
}

http::Route get(std::string path, Respond respond) {
  http::Route route;
  route.method = "GET";
  route.path = std::move(path);
  route.make = [respond = std::move(respond)](std::size_t /*io_thread*/) {
    return std::make_unique<GetHandler>(respond);
  };
  return route;
}

void answer_readiness(const AdminState& state, http::Responder& responder) {
  const std::string_view status = state.options.readiness();
  std::string body = R"({"status":")";
  body.append(status).append(R"("})");
  if (status == "ready") {
    responder.answer({.status = 200, .body = body});
    return;
  }
  const std::array<http::Field, 1> fields{http::Field{"retry-after", state.options.retry_after}};
  responder.answer({.status = 503, .body = body, .fields = fields});
}

void answer_metrics(const AdminState& state, http::Responder& responder) {
  const std::string text = metrics_text({.broker = state.broker.stats(),
                                         .sources = state.options.sources,
                                         .listeners = state.listeners(),
                                         .process = read_process(),
                                         .configuration = state.configuration(),
                                         .version = state.options.version,
                                         .revision = state.options.revision});
  responder.answer({.status = 200, .body = text, .content_type = "text/plain; version=0.0.4; charset=utf-8"});
}

}  // namespace

Admin::Admin(Broker& broker, AdminOptions options) {
  http::Route publish = publish_route(broker, {.io_threads = options.io_threads,
                                               .receipts = options.receipts,
                                               .payload_bytes_max = options.payload_bytes_max,
                                               .retry_after = options.retry_after});
  state_ = std::make_shared<AdminState>(
      AdminState{.broker = broker, .options = std::move(options), .publish = std::move(publish)});
}

Admin::Admin(std::shared_ptr<AdminState> state) : state_{std::move(state)} {}

Admin::~Admin() = default;

std::unique_ptr<Admin> Admin::successor(std::vector<SourceInfo> sources, std::size_t payload_bytes_max) const {
  auto state = std::make_shared<AdminState>(*state_);
  state->options.sources = std::move(sources);
  state->options.payload_bytes_max = payload_bytes_max;
  state->publish.body_bytes_max = payload_bytes_max;
  return std::unique_ptr<Admin>{new Admin{std::move(state)}};  // NOLINT(modernize-make-unique): it is private.
}

std::vector<http::Route> Admin::routes() const {
  const auto with_state = [state = state_](auto respond) {
    return [state, respond](http::Responder& responder) { respond(*state, responder); };
  };
  const auto json = [&](std::string (*body)(const AdminState&)) {
    return with_state([body](const AdminState& state, http::Responder& responder) {
      responder.answer({.status = 200, .body = body(state)});
    });
  };
  return {
      healthz(),
      while_draining(get("/readyz", with_state(answer_readiness))),
      while_draining(get("/metrics", with_state(answer_metrics))),
      get("/v1/stats", json([](const AdminState& state) {
            return stats_json({.broker = state.broker.stats(),
                               .listeners = state.listeners(),
                               .configuration = state.configuration(),
                               .version = state.options.version,
                               .revision = state.options.revision});
          })),
      get("/v1/sources",
          json([](const AdminState& state) { return sources_json(state.broker.stats(), state.options.sources); })),
      get("/v1/topics", json([](const AdminState& state) { return topics_json(state.broker.stats()); })),
      state_->publish,
  };
}

http::Route healthz() {
  return while_draining(get(
      "/healthz", [](http::Responder& responder) { responder.answer({.status = 200, .body = R"({"status":"ok"})"}); }));
}

}  // namespace penstock::admin
