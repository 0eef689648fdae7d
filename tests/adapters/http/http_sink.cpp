// A server that takes every POST to /hooks/sink and counts it: the HTTP room alone, for the raw requests of
// tests/integration/http_cases. Prints both ports; ends when its input ends.
//
//     http_sink [THREADS]

#include "http/server.hpp"

#include <array>
#include <atomic>
#include <charconv>
#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace {

using penstock::http::Begin;
using penstock::http::Cut;
using penstock::http::RequestHandler;
using penstock::http::RequestHead;
using penstock::http::Responder;
using penstock::http::Route;
using penstock::http::Server;

std::atomic<unsigned long> requests{0};  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

/// Takes a body of any length into memory that it uses again, and counts the request when all of it is there.
class Sink : public RequestHandler {
 public:
  Begin begin(const RequestHead& head, Responder& responder) override {
    used_ = 0;
    if (!penstock::http::equal_without_case(head.field("content-encoding").value_or("identity"), "identity")) {
      responder.answer({.status = 415, .body = R"({"error":"encoding"})"});
      return Begin::answered;
    }
    return Begin::read_body;
  }
  std::span<char> room(std::size_t wanted) override {
    if (body_.size() < used_ + wanted) body_.resize(used_ + wanted);
    return std::span{body_}.subspan(used_, wanted);
  }
  void commit(std::size_t bytes) override { used_ += bytes; }
  void end(Responder& responder) override {
    requests.fetch_add(1, std::memory_order_relaxed);
    responder.answer({.body = R"({"status":"accepted"})"});
  }
  void cut(Cut /*why*/) override { used_ = 0; }

 private:
  std::vector<char> body_;
  std::size_t used_ = 0;
};

class Metrics : public RequestHandler {
 public:
  Begin begin(const RequestHead& /*head*/, Responder& /*responder*/) override { return Begin::read_body; }
  std::span<char> room(std::size_t /*wanted*/) override { return ignored_; }
  void commit(std::size_t /*bytes*/) override {}
  void end(Responder& responder) override {
    const std::string text = "sink_requests_total " + std::to_string(requests.load()) + "\n";
    responder.answer({.body = text, .content_type = "text/plain; version=0.0.4"});
  }
  void cut(Cut /*why*/) override {}

 private:
  std::array<char, 1024> ignored_{};
};

}  // namespace

int main(int argc, char** argv) {
  std::size_t threads = 1;
  if (argc > 1) {
    const std::string_view text{argv[1]};
    std::from_chars(text.data(), text.data() + text.size(), threads);
  }
  std::vector<Route> routes;
  routes.push_back({.method = "POST", .path = "/hooks/sink", .length_required = true, .make = [](std::size_t) {
                      return std::make_unique<Sink>();
                    }});
  std::vector<Route> metrics_routes;
  metrics_routes.push_back(
      {.method = "GET", .path = "/metrics", .make = [](std::size_t) { return std::make_unique<Metrics>(); }});
  Server sink{{.name = "ingress", .threads = threads}, std::move(routes)};
  Server metrics{{.name = "admin"}, std::move(metrics_routes)};
  sink.start();
  metrics.start();
  std::printf("%d %d\n", static_cast<int>(sink.port()), static_cast<int>(metrics.port()));
  static_cast<void>(std::fflush(stdout));
  while (std::getchar() != EOF) {
  }
  sink.drain(std::chrono::seconds{1});
  return 0;
}
