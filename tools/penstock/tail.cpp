#include "tail.hpp"

#include "client/client.hpp"
#include "config/load.hpp"
#include "streams/sse.hpp"
#include "watching/event_lines.hpp"
#include "watching/forward.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace penstock::command {
namespace {

constexpr int kOk = 200;
constexpr int kBadRequest = 400;
constexpr int kConflict = 409;
constexpr int kUnavailable = 503;

struct WrongUse : std::runtime_error {
  using std::runtime_error::runtime_error;
};

client::Url url_of(const std::string& text, std::string_view flag) {
  std::variant<client::Url, std::string> parsed = client::parse_url(text);
  if (const auto* error = std::get_if<std::string>(&parsed)) throw WrongUse{std::string{flag} + ": " + *error};
  return std::get<client::Url>(std::move(parsed));
}

/// The admin API: of --url, else of the file, else the default.
std::string admin_url(const Common& common, const config::Environment& environment, const Output& output, bool& good) {
  if (!common.url.empty()) return common.url;
  if (common.config.empty()) return "http://" + config::Admin{}.listen.text();
  // No source is called "": nobody's secrets are asked for.
  const config::Loaded loaded = config::load_file(common.config, {environment, common.overrides, std::string(1, '\0')});
  good = loaded.config.has_value();
  if (good) return "http://" + loaded.config->admin.listen.reachable().text();
  print_problems(loaded.problems, true, output.err);
  return {};
}

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
      output_.err << "penstock tail: too slow, events were dropped: " << event.data << '\n';
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

Exit watch(const TailOptions& options, client::Url url, const std::string& token, const Output& output) {
  Watcher watcher{options, output};
  const client::ClientLimits limits{.silence = std::chrono::seconds{45}};  // Three heartbeats.
  client::Client client{std::move(url), limits};
  client::Request request{.target = target(options), .fields = {{"Accept", "text/event-stream"}}};
  if (!token.empty()) request.fields.emplace_back("Authorization", "Bearer " + token);
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

std::string token_of(const Common& common, const config::Environment& environment) {
  if (common.token_env.empty()) return {};
  const std::optional<std::string> token = environment(common.token_env);
  if (!token || token->empty()) throw WrongUse{"--token-env: environment variable " + common.token_env + " is not set"};
  const bool clean =
      std::none_of(token->begin(), token->end(), [](char c) { return static_cast<unsigned char>(c) <= 0x20; });
  if (!clean) throw WrongUse{"--token-env: " + common.token_env + " holds blanks or control bytes: no token"};
  return *token;
}

}  // namespace

Exit run_tail(const TailOptions& options, const config::Environment& environment, const Output& output) {
  try {
    bool good = true;
    const std::string url = admin_url(options.common, environment, output, good);
    if (!good) return Exit::bad_configuration;
    return watch(options, url_of(url, "--url"), token_of(options.common, environment), output);
  } catch (const WrongUse& wrong) {
    output.err << "penstock tail: " << wrong.what() << '\n';
    return Exit::wrong_use;
  } catch (const client::ClientError& error) {
    output.err << "penstock tail: " << error.what() << '\n';
    return error.kind == client::ClientError::Kind::no_server ? Exit::no_broker : Exit::failed;
  }
}

}  // namespace penstock::command
