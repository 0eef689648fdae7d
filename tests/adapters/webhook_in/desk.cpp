#include "adapters/webhook_in/desk.hpp"

#include <algorithm>
#include <stdexcept>

namespace penstock::webhook_in {

std::string Reply::field(std::string_view name) const {
  for (const auto& [given, value] : fields) {
    if (http::equal_without_case(given, name)) return value;
  }
  return "(absent)";
}

void Answered::answer(const http::Answer& answer) {
  ++answers;
  reply = {.status = answer.status, .body = std::string{answer.body}, .fields = {}};
  for (const auto& [name, value] : answer.fields) reply.fields.emplace_back(name, value);
}

std::shared_ptr<http::Stream> Answered::stream(const http::Answer& /*head*/) {
  throw std::logic_error("hooks stream nothing");
}
void Answered::post(std::function<void()> work) { work(); }
std::shared_ptr<http::Responder> Answered::later() { throw std::logic_error("hooks answer at once"); }

Exchange::Exchange(http::RequestHandler& handler, Post post)
    : handler_{handler}, post_{std::move(post)}, fields_{post_.fields.begin(), post_.fields.end()} {
  head_.method = "POST";
  head_.target = post_.path;
  head_.path = post_.path;
  head_.fields = fields_;
  head_.chunked = post_.chunked;
  if (!post_.chunked) head_.content_length = post_.body.size();
  const http::Begin begun = handler_.begin(head_, responder_);
  EXPECT_EQ(begun == http::Begin::answered, answered());
}

bool Exchange::receive(std::size_t bytes) {
  const std::size_t end = std::min(received_ + bytes, post_.body.size());
  while (received_ < end) {
    const std::span<char> room = handler_.room(end - received_);
    if (room.empty()) return false;
    EXPECT_LE(room.size(), end - received_);
    std::copy_n(post_.body.data() + received_, room.size(), room.data());
    handler_.commit(room.size());
    received_ += room.size();
  }
  return true;
}

void Exchange::finish() {
  while (received_ < post_.body.size()) {
    if (receive(post_.piece_bytes)) continue;
    handler_.cut(http::Cut::too_large);
    responder_.answer({.status = 503, .body = "(the server's own)"});
    return;
  }
  handler_.end(responder_);
  EXPECT_EQ(responder_.answers, 1);
}

Desk::Desk(const std::vector<Hook>& hooks_given, HookOptions options, const BrokerOptions& broker_options)
    : broker{broker_options},
      all_{broker.subscribe(std::vector<std::string>{"*", "*.>"},
                            [this](const Event& event) {
                              const std::lock_guard lock{mutex_};
                              Seen seen{.id = event.id().text(),
                                        .source = std::string{event.source()},
                                        .topic = std::string{event.topic()},
                                        .base_topic = std::string{event.base_topic()},
                                        .payload = std::string{event.payload()},
                                        .metadata = {}};
                              for (const auto& [name, value] : event.metadata()) {
                                seen.metadata.emplace_back(name, value);
                              }
                              events_.push_back(std::move(seen));
                            },
                            {.execution = Execution::in_worker})},
      hooks{broker, hooks_given, listened_to(std::move(options))},
      routes_{hooks.routes()} {}

HookOptions Desk::listened_to(HookOptions options) {
  options.on_refused = [this](std::string_view source, Refusal reason) {
    const std::lock_guard lock{mutex_};
    told_.emplace_back(source, to_string(reason));
  };
  return options;
}

http::Route Desk::route(std::string_view path) const {
  for (const http::Route& route : routes_) {
    if (route.path == path) return route;
  }
  for (const http::Route& route : routes_) {
    if (route.path.ends_with("/*") && path.starts_with(route.path.substr(0, route.path.size() - 1))) return route;
  }
  throw std::runtime_error("no route for " + std::string{path});
}

std::unique_ptr<http::RequestHandler> Desk::connect(std::string_view path) const { return route(path).make(0); }

Reply Desk::post(const Post& post) {
  std::unique_ptr<http::RequestHandler>& handler = handlers_[route(post.path).path];
  if (!handler) handler = connect(post.path);
  Exchange exchange{*handler, post};
  if (!exchange.answered()) exchange.finish();
  return exchange.reply();
}

const std::vector<Seen>& Desk::events() {
  broker.close();
  return events_;
}

SourceStats Desk::stats(std::string_view source) const {
  for (const SourceStats& stats : broker.stats().sources) {
    if (stats.name == source) return stats;
  }
  throw std::runtime_error("no source " + std::string{source});
}

std::uint64_t Desk::refused(std::string_view source, Refusal reason) const {
  return stats(source).refused.at(static_cast<std::size_t>(reason));
}

std::shared_ptr<const verify::Verifier> verifier_of(verify::Scheme scheme, std::vector<std::string> secrets) {
  std::vector<verify::Secret> kept;
  kept.reserve(secrets.size());
  for (std::string& secret : secrets) kept.emplace_back(std::move(secret));
  return std::make_shared<const verify::Verifier>(std::move(scheme), std::move(kept));
}

std::shared_ptr<const verify::Verifier> verifier_of(std::string_view preset, std::vector<std::string> secrets) {
  return verifier_of(verify::preset(preset)->scheme, std::move(secrets));
}

Hook hook_of(std::string source, std::string_view preset, const std::string& secret) {
  const verify::Preset& known = *verify::preset(preset);
  return {.source = std::move(source),
          .verifier = verifier_of(preset, {secret}),
          .event = known.event,
          .delivery_id = known.dedup};
}

Post signed_post(const Hook& hook, std::string body, Lines fields) {
  const verify::Verifier::Proof proof = hook.verifier->prove(body);
  fields.insert(fields.end(), proof.fields.begin(), proof.fields.end());
  const std::string tail = proof.path_token.empty() ? "" : "/" + proof.path_token;
  return {.path = "/hooks/" + hook.source + tail, .fields = std::move(fields), .body = std::move(body)};
}

}  // namespace penstock::webhook_in
