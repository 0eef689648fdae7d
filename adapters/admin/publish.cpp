#include "admin/publish.hpp"

#include "admin/answers.hpp"
#include "http/percent.hpp"
#include "verify/verifier.hpp"
#include <penstock/topic.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace penstock::admin {

namespace {

constexpr std::string_view kPathBegin = "/v1/topics/";
constexpr std::string_view kPathEnd = "/events";
constexpr std::string_view kMetaPrefix = "x-meta-";

/// What all connections of the listener share. A Publisher is used by the thread of its index alone.
struct Shared {
  Shared(Broker& broker, const PublishOptions& options)
      : source{broker.source("admin")}, receipts{options.receipts}, retry_after{options.retry_after} {
    ReceiptDesks::require(broker, receipts.get(), options.io_threads);
    publishers.reserve(options.io_threads);
    for (std::size_t i = 0; i < options.io_threads; ++i) publishers.push_back(broker.publisher());
  }

  Source source;
  std::shared_ptr<ReceiptDesks> receipts;  // Null: there is no journal, so each receipt is known at once.
  std::vector<Publisher> publishers;
  verify::Verifier no_scheme{verify::Scheme{}, {}};  // Knows the fields that hold secrets whatever the scheme.
  std::string retry_after;
};

/// What stands for {topic} in the path, undecoded; nullopt on another path.
std::optional<std::string_view> topic_in(std::string_view path) {
  if (path.size() < kPathBegin.size() + kPathEnd.size() || !path.ends_with(kPathEnd)) return std::nullopt;
  return path.substr(kPathBegin.size(), path.size() - kPathBegin.size() - kPathEnd.size());
}

// RFC 9110, 5.3 and 8.4: several lines are one list, so each of them counts; `identity` is no coding.
bool is_encoded(const http::RequestHead& head) {
  return std::any_of(head.fields.begin(), head.fields.end(), [](const http::Field& field) {
    return http::equal_without_case(field.first, "content-encoding") && !field.second.empty() &&
           !http::equal_without_case(field.second, "identity");
  });
}

bool is_meta(std::string_view name) {
  return name.size() > kMetaPrefix.size() && http::equal_without_case(name.substr(0, kMetaPrefix.size()), kMetaPrefix);
}

class PublishHandler : public http::RequestHandler, private ReceiptTaker {
 public:
  PublishHandler(std::shared_ptr<Shared> shared, std::size_t io_thread)
      : shared_{std::move(shared)},
        publisher_{shared_->publishers.at(io_thread)},
        desk_{shared_->receipts ? &shared_->receipts->at(io_thread) : nullptr} {}
  ~PublishHandler() override { forget(); }
  PublishHandler(const PublishHandler&) = delete;
  PublishHandler& operator=(const PublishHandler&) = delete;

  http::Begin begin(const http::RequestHead& head, http::Responder& responder) override {
    forget();
    const auto encoded = topic_in(head.path);
    if (!encoded) {
      answer_error(responder, 404, "not_found", "publish with POST /v1/topics/{topic}/events");
      return http::Begin::answered;
    }
    const auto topic = http::percent_decoded(*encoded);
    if (!topic || !valid_base_topic(*topic)) {
      // Counted behind the answer: if that throws, the server answers, and has it counted (http::Route::on_refused).
      answer_bad_topic(responder);
      publisher_.refuse(shared_->source, Refusal::bad_topic);
      return http::Begin::answered;
    }
    if (is_encoded(head)) {
      answer_error(responder, 415, "unsupported_encoding", "send the payload without content-encoding");
      publisher_.refuse(shared_->source, Refusal::bad_encoding);
      return http::Begin::answered;
    }
    no_room_ = false;
    event_.emplace(publisher_.event(shared_->source, *topic, head.content_length.value_or(0)));
    for (const http::Field& field : head.fields) take_metadata(field);
    return http::Begin::read_body;
  }

  std::span<char> room(std::size_t wanted) override {
    const std::span<char> room = event_->room(wanted);
    no_room_ = room.empty();
    return room;
  }

  void commit(std::size_t bytes) override { event_->commit(bytes); }

  void end(http::Responder& responder) override {
    if (desk_ != nullptr) return await_receipt(responder);
    Receipt receipt;
    receipt.verdict = publisher_.publish(std::move(*event_), &receipt.id);
    event_.reset();
    answer_receipt(receipt, publisher_.last_topic(), responder);
  }

  void cut(http::Cut why) override {
    if (!event_) return;  // Answered in begin(), and counted there.
    event_.reset();
    publisher_.refuse(shared_->source, reason(why));
  }

 private:
  void take_metadata(const http::Field& field) {
    if (http::equal_without_case(field.first, "content-type")) event_->metadata("content-type", field.second);
    if (!is_meta(field.first)) return;
    const std::string_view name = field.first.substr(kMetaPrefix.size());
    if (!shared_->no_scheme.is_secret_field(name)) event_->metadata(name, field.second);
  }

  void await_receipt(http::Responder& responder) {
    std::shared_ptr<http::Responder> later = responder.later();  // First: it may throw, and nothing is published then.
    const std::uint64_t tag = desk_->expect(*this);
    const Verdict verdict = publisher_.publish(std::move(*event_), *desk_, tag);
    event_.reset();
    if (verdict != Verdict::accepted) {
      desk_->withdraw(tag);
      return answer_receipt({.verdict = verdict}, {}, responder);
    }
    later_ = std::move(later);
    tag_ = tag;
    topic_ = publisher_.last_topic();
  }

  void on_receipt(const Receipt& receipt) override {
    const std::shared_ptr<http::Responder> later = std::exchange(later_, nullptr);
    tag_ = 0;
    answer_receipt(receipt, topic_, *later);
  }

  /// Of a request that is over: its receipt may come, and is nobody's.
  void forget() noexcept {
    if (tag_ != 0) desk_->forget(std::exchange(tag_, 0));
    later_.reset();
  }

  [[nodiscard]] Refusal reason(http::Cut why) const {
    switch (why) {
      case http::Cut::disconnected: return Refusal::cut_short;
      case http::Cut::malformed: return Refusal::malformed;
      case http::Cut::too_large: return no_room_ ? Refusal::full : Refusal::too_large;
      case http::Cut::too_slow: return Refusal::too_slow;
      case http::Cut::stopped: break;
    }
    return Refusal::closed;
  }

  void answer_receipt(const Receipt& receipt, std::string_view topic, http::Responder& responder) const {
    switch (receipt.verdict) {
      case Verdict::accepted:
      case Verdict::duplicate:  // Not before a source `admin` has a dedup key: events published here have none.
        answer_accepted(receipt, topic, responder);
        return;
      case Verdict::bad_topic: answer_bad_topic(responder); return;
      case Verdict::too_large:
        answer_error(responder, 413, "too_large", "the payload or its metadata is larger than limits.payload allows");
        return;
      case Verdict::full: answer_later(responder, "full", "no room now: the memory budget or the disk"); return;
      case Verdict::closed: answer_later(responder, "closed", "the broker stops"); return;
    }
  }

  static void answer_accepted(const Receipt& receipt, std::string_view topic, http::Responder& responder) {
    // Ids and topics hold no byte that JSON would want escaped.
    std::string body = R"({"id":")";
    body.append(receipt.id.text()).append(R"(","topic":")").append(topic).append("\"");
    if (receipt.offset != 0) body.append(R"(,"offset":)").append(std::to_string(receipt.offset));
    body.append(receipt.offset != 0 ? R"(,"receipt":"durable"})" : R"(,"receipt":"memory"})");
    responder.answer({.status = 200, .body = body});
  }

  static void answer_bad_topic(http::Responder& responder) {
    answer_error(responder, 400, "bad_topic",
                 "a topic is levels of letters, digits and _ : / - joined by '.', at most 128 bytes");
  }

  void answer_later(http::Responder& responder, std::string_view error, std::string_view message) const {
    const std::array<http::Field, 1> fields{http::Field{"retry-after", shared_->retry_after}};
    answer_error(responder, 503, error, message, fields);
  }

  std::shared_ptr<Shared> shared_;
  Publisher& publisher_;
  ReceiptDesk* desk_;                       // Null: no journal.
  std::shared_ptr<http::Responder> later_;  // While a receipt is awaited.
  std::uint64_t tag_ = 0;                   // Of that receipt.
  std::string topic_;                       // Of that event.
  std::optional<EventBuilder> event_;       // Declared after shared_: a builder may not outlive its Publisher.
  bool no_room_ = false;
};

// What the server itself answers before a handler has the whole request: still an event of `admin`, and refused.
Refusal refusal_of_status(int status) {
  switch (status) {
    case 411: return Refusal::no_length;
    case 413: return Refusal::too_large;
    case 503: return Refusal::closed;  // It drains.
    default: return Refusal::malformed;
  }
}

}  // namespace

http::Route publish_route(Broker& broker, const PublishOptions& options) {
  const auto shared = std::make_shared<Shared>(broker, options);
  http::Route route;
  route.method = "POST";
  route.path = "/v1/topics/*";
  route.body_bytes_max = options.payload_bytes_max;
  route.length_required = true;
  route.on_refused = [shared](std::size_t io_thread, int status) {
    shared->publishers.at(io_thread).refuse(shared->source, refusal_of_status(status));
  };
  route.make = [shared](std::size_t io_thread) { return std::make_unique<PublishHandler>(shared, io_thread); };
  return route;
}

}  // namespace penstock::admin
