#include "tail.hpp"

#include "client/client.hpp"
#include "running_broker.hpp"
#include "streams/sse.hpp"
#include "watching/event_lines.hpp"
#include "watching/forward.hpp"
#include "wrong_use.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace penstock::command {
namespace {

constexpr int kOk = 200;
constexpr int kBadRequest = 400;
constexpr int kConflict = 409;
constexpr int kUnavailable = 503;

/// Prints events, forwards them, and says when there were enough.
class Watcher {
 public:
  Watcher(const TailOptions& options, const Output& output) : options_{options}, output_{output} {
    if (options.forward_to.empty()) return;
    forward_url_ = url_of(options.forward_to, "--forward-to");
    forward_ = std::make_unique<client::Client>(forward_url_);
  }

  void take(const watching::ServerEvent& event) {
    if (done()) return;
    if (event.name == streams::kGapEvent) {
      const bool dropped = event.data.find("\"dropped\"") != std::string::npos;  // Else: offsets from … to.
      output_.err << (dropped ? "penstock tail: too slow, events were dropped: "
                              : "penstock tail: no longer in the journal: ")
                  << event.data << '\n';
      return;
    }
    std::string line = event.data;
    if (forward_) line = forward(event.data);
    // JSON has line ends between its tokens only: a blank says the same, and keeps one event on one line.
    std::replace(line.begin(), line.end(), '\n', ' ');
    std::replace(line.begin(), line.end(), '\r', ' ');
    output_.out << line << '\n' << std::flush;
    ++seen_;
  }

  [[nodiscard]] bool done() const { return !output_.out || (options_.count && seen_ >= *options_.count); }

 private:
  std::string forward(const std::string& envelope) {
    std::optional<watching::Forwarded> event = watching::forwarded(envelope);
    if (!event) {
      output_.err << "penstock tail: not forwarded: what came is no event\n";
      return envelope;
    }
    try {
      const client::Answer answer = forward_->send(
          {.method = "POST", .target = forward_url_.target, .fields = event->fields, .body = event->payload});
      if (!options_.common.quiet) output_.err << "forwarded " << event->topic << ": " << answer.head.status << '\n';
    } catch (const client::ClientError& error) {
      output_.err << "penstock tail: not forwarded: " << error.what() << '\n';
    }
    return watching::with_payload(envelope, event->payload);
  }

  const TailOptions& options_;
  const Output& output_;
  client::Url forward_url_;
  std::unique_ptr<client::Client> forward_;
  std::uint64_t seen_ = 0;
};

std::string target(const TailOptions& options) {
  // Who only looks on rather misses some events, and is told so, than loses the stream.
  std::string text = "/v1/stream?overflow=drop_oldest";
  for (const std::string& pattern : options.patterns) text += "&topic=" + client::query_value(pattern);
  if (!options.from.empty()) text += "&from=" + client::query_value(options.from);
  if (!options.forward_to.empty()) text += "&encoding=base64";  // The only form in which every byte arrives.
  return text;
}

Exit refused(const client::Answer& answer, const Output& output) {
  output.err << "penstock tail: " << answer.head.status << ' ' << answer.body << '\n';
  if (answer.head.status == kConflict || answer.head.status == kBadRequest) return Exit::wrong_use;
  return answer.head.status == kUnavailable ? Exit::full : Exit::failed;
}

Exit watch(const TailOptions& options, RunningBroker broker, const Output& output) {
  Watcher watcher{options, output};
  const client::ClientLimits limits{.silence = std::chrono::seconds{45}};  // Three heartbeats.
  client::Client client{std::move(broker.url), limits};
  client::Request request{.target = target(options), .fields = {{"Accept", "text/event-stream"}}};
  if (!broker.token.empty()) request.fields.emplace_back("Authorization", "Bearer " + broker.token);
  watching::EventLines lines{[&](const watching::ServerEvent& event) { watcher.take(event); }};
  const client::Answer answer = client.stream(request, [&](std::string_view bytes) {
    lines.feed(bytes);
    return !watcher.done();
  });
  if (answer.head.status != kOk) return refused(answer, output);
  if (watcher.done()) return Exit::done;
  output.err << "penstock tail: the broker ended the stream\n";
  return Exit::failed;
}

}  // namespace

Exit run_tail(const TailOptions& options, const config::Environment& environment, const Output& output) {
  return exit_of("tail", output, [&] {
    RunningBroker broker = find_broker(options.common, environment, output);
    if (options.common.verbose) output.err << "penstock tail: " << broker.url.authority() << target(options) << '\n';
    return watch(options, std::move(broker), output);
  });
}

}  // namespace penstock::command
