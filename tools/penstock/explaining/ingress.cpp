#include "explaining/ingress.hpp"

#include "client/answer_reader.hpp"
#include "client/socket.hpp"
#include "http/server.hpp"
#include <penstock/broker.hpp>

#include <algorithm>
#include <chrono>
#include <vector>

namespace penstock::explaining {
namespace {

using namespace std::chrono_literals;

/// `wire` to that port, and what comes back.
void ask(std::uint16_t port, std::string_view wire, Passage& passage) {
  constexpr auto limit = 30s;
  constexpr std::size_t read_bytes = 64U << 10U;
  client::Socket socket = client::Socket::connect("127.0.0.1", port, limit);
  try {
    socket.write(wire, limit);
  } catch (const client::ClientError& error) {
    // A body that is refused by its head may not be read to its end.
    if (error.kind != client::ClientError::Kind::broken) throw;
  }
  client::AnswerReader reader;
  std::vector<char> buffer(read_bytes);
  const bool without_body = wire.starts_with("HEAD ");  // RFC 9110, 9.3.2.
  while (!reader.done() && !(without_body && reader.has_head())) {
    const std::size_t got = socket.read(buffer, limit);
    if (got == 0) {
      reader.end();
    } else {
      reader.feed({buffer.data(), got}, [&](std::string_view bytes) { passage.answer += bytes; });
    }
  }
  passage.status = reader.head().status;
}

}  // namespace

Passage pass(const webhook_in::Hook& hook, const config::Config& config, std::string_view wire) {
  Passage passage;
  Broker broker{{.workers = 1,
                 .memory_bytes_max = config.limits.memory_bytes_max,
                 .payload_bytes_max = config.payload_bytes_max()}};
  const Subscription all = broker.subscribe(">", [&](const Event& event) { passage.topic = event.topic(); },
                                            {.execution = Execution::in_worker});
  const webhook_in::Hooks hooks{broker, {hook}, {.unverified_bytes_max = config.limits.unverified_bytes_max}};
  http::Server server{{.name = "ingress",
                       .head_bytes_max = config.limits.head_bytes_max,
                       .target_bytes_max = config.limits.target_bytes_max},
                      hooks.routes()};
  server.start();
  ask(server.port(), wire, passage);
  server.stop();
  broker.close();  // Behind it the subscription has seen the event.
  const std::vector<SourceStats> sources = broker.stats().sources;
  passage.unrouted =
      std::any_of(sources.begin(), sources.end(), [](const SourceStats& source) { return source.unrouted > 0; });
  return passage;
}

}  // namespace penstock::explaining
