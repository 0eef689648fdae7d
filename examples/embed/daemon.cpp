// A small daemon of your own: signed webhooks in, an admin API, and a stream for whoever listens. Ends with SIGTERM.
#include <penstock/admin/admin.hpp>
#include <penstock/admin/guard.hpp>
#include <penstock/broker.hpp>
#include <penstock/http/server.hpp>
#include <penstock/streams/sse.hpp>
#include <penstock/version.hpp>
#include <penstock/webhook_in/hooks.hpp>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>

namespace verify = penstock::verify;
using namespace std::chrono_literals;

int main() {
  sigset_t ends{};  // The library installs no signal handlers: that is the program's affair, before the threads start.
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);

  const char* const secret = std::getenv("GITHUB_WEBHOOK_SECRET");  // NOLINT(concurrency-mt-unsafe): no thread yet.
  if (secret == nullptr) return std::cerr << "set GITHUB_WEBHOOK_SECRET\n", 2;
  const verify::Preset& github = *verify::preset("github");
  std::vector<verify::Secret> secrets;
  secrets.emplace_back(std::string{secret});

  penstock::Broker broker;
  const penstock::webhook_in::Hooks hooks{
      broker,
      {{.source = "github",
        .verifier = std::make_shared<verify::Verifier>(github.scheme, std::move(secrets)),
        .event = github.event}},
      {}};
  penstock::http::Server ingress{{.name = "ingress"}, hooks.routes()};
  ingress.start();

  const penstock::admin::Admin admin{
      broker, {.version = std::string{penstock::version()}, .readiness = [] { return std::string_view{"ready"}; }}};
  penstock::streams::Streams streams{broker};
  std::vector<penstock::http::Route> routes = admin.routes();
  for (penstock::http::Route& route : streams.routes()) routes.push_back(std::move(route));
  penstock::http::Server desk{{.name = "admin", .guard = penstock::admin::make_guard({})}, std::move(routes)};
  desk.start();
  std::cout << "ingress " << ingress.port() << ", admin " << desk.port() << std::endl;

  int signal = 0;
  sigwait(&ends, &signal);
  ingress.drain(10s);
  const bool all = broker.close();  // streams get what waits for them
  streams.close();
  desk.drain(5s);
  return all ? 0 : 1;
}
