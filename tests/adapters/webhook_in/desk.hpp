// A broker with hooks in front and one subscriber behind, driven as the HTTP server drives them, without sockets.
//
//     Desk desk{{{.source = "github", .verifier = verifier}}};
//     Reply reply = desk.post({.path = "/hooks/github", .fields = fields, .body = body});
//     desk.events().at(0).topic          // closes the broker first, so that all that was accepted has arrived

#pragma once

#include "webhook_in/hooks.hpp"
#include <gtest/gtest.h>
#include <penstock/broker.hpp>

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace penstock::webhook_in {

using Lines = std::vector<std::pair<std::string, std::string>>;

struct Post {
  std::string path;
  Lines fields = {};
  std::string body = {};
  bool chunked = false;
  std::size_t piece_bytes = 64U << 10U;  ///< The most that arrives at once.
};

struct Reply {
  int status = 0;
  std::string body = {};
  Lines fields = {};
  [[nodiscard]] std::string field(std::string_view name) const;
};

/// An event as the subscriber saw it.
struct Seen {
  std::string id, source, topic, base_topic, payload;
  Lines metadata;
};

/// Keeps the one answer that a handler gives.
class Answered : public http::Responder {
 public:
  void answer(const http::Answer& answer) override;
  std::shared_ptr<http::Stream> stream(const http::Answer& head) override;
  void post(std::function<void()> work) override;
  std::shared_ptr<http::Responder> later() override;

  Reply reply = {};
  int answers = 0;
};

/// One request on its way: its head must stay where it is until the request is over.
class Exchange {
 public:
  Exchange(http::RequestHandler& handler, Post post);
  ~Exchange() = default;
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  /// Hands in the next `bytes` of the body. False: the handler gave no room.
  bool receive(std::size_t bytes);
  /// The rest of the body and the end, or the cut that the server makes of no room.
  void finish();

  [[nodiscard]] bool answered() const { return responder_.answers > 0; }
  [[nodiscard]] const Reply& reply() const { return responder_.reply; }

 private:
  http::RequestHandler& handler_;
  const Post post_;
  std::vector<http::Field> fields_;
  http::RequestHead head_;
  Answered responder_;
  std::size_t received_ = 0;
};

class Desk {
 public:
  explicit Desk(const std::vector<Hook>& hooks, HookOptions options = {},
                const BrokerOptions& broker_options = {.workers = 1});

  Reply post(const Post& post);
  /// A handler of its own, as a new connection would get.
  [[nodiscard]] std::unique_ptr<http::RequestHandler> connect(std::string_view path) const;
  [[nodiscard]] http::Route route(std::string_view path) const;

  const std::vector<Seen>& events();
  [[nodiscard]] SourceStats stats(std::string_view source) const;
  [[nodiscard]] std::uint64_t refused(std::string_view source, Refusal reason) const;
  /// What the log was told: source and reason.
  [[nodiscard]] const Lines& told() const { return told_; }

  Broker broker;

 private:
  HookOptions listened_to(HookOptions options);

  Lines told_;
  std::mutex mutex_;
  std::vector<Seen> events_;
  Subscription all_;

 public:
  Hooks hooks;

 private:
  std::vector<http::Route> routes_;
  std::map<std::string, std::unique_ptr<http::RequestHandler>, std::less<>> handlers_;
};

/// A verifier of that preset and these secrets.
std::shared_ptr<const verify::Verifier> verifier_of(std::string_view preset, std::vector<std::string> secrets);
std::shared_ptr<const verify::Verifier> verifier_of(verify::Scheme scheme, std::vector<std::string> secrets);

/// The hook that a configuration of `preset: …` makes.
Hook hook_of(std::string source, std::string_view preset, const std::string& secret = "an-example-secret");

/// The request that `hook`'s sender makes of a body: field lines and proof.
Post signed_post(const Hook& hook, std::string body, Lines fields = {});

}  // namespace penstock::webhook_in
