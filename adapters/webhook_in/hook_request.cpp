#include "webhook_in/hook_request.hpp"

#include "verify/shown_secret.hpp"
#include "webhook_in/answers.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace penstock::webhook_in {
namespace {

constexpr std::size_t kStepBytes = 128U << 10U;  // Charged ahead of what has arrived, at most.
constexpr std::size_t kMetadataFieldBytes = 32;  // Publisher::event: the hint's share of each field.

// RFC 9110, 8.4: `identity` is no coding, and an empty list names none.
bool is_encoded(const http::RequestHead& head) {
  return std::any_of(head.fields.begin(), head.fields.end(), [](const http::Field& field) {
    return http::equal_without_case(field.first, "content-encoding") && !field.second.empty() &&
           !http::equal_without_case(field.second, "identity");
  });
}

std::size_t metadata_bytes(const http::RequestHead& head) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : head.fields) bytes += kMetadataFieldBytes + name.size() + value.size();
  return bytes;
}

// What follows /hooks/{source}/.
std::string_view path_token(std::string_view path, std::string_view source) {
  const std::size_t at = std::string_view{"/hooks/"}.size() + source.size() + 1;
  return path.size() > at ? path.substr(at) : std::string_view{};
}

Refusal refusal_of(verify::Result result) {
  if (result == verify::Result::stale) return Refusal::stale;
  if (result == verify::Result::unavailable) return Refusal::full;
  return result == verify::Result::malformed ? Refusal::malformed : Refusal::unauthorized;
}

Refusal refusal_of(http::Cut why) {
  switch (why) {
    case http::Cut::disconnected: return Refusal::cut_short;
    case http::Cut::malformed: return Refusal::malformed;
    case http::Cut::too_large: return Refusal::too_large;
    case http::Cut::too_slow: return Refusal::too_slow;
    case http::Cut::stopped: return Refusal::closed;
  }
  return Refusal::malformed;
}

}  // namespace

HookRequest::HookRequest(std::shared_ptr<const HookState> state, Lane& lane, const Door& door) noexcept
    : state_{std::move(state)}, lane_{lane}, door_{door} {}

HookRequest::~HookRequest() { forget(); }

http::Begin HookRequest::begin(const http::RequestHead& head, http::Responder& responder) {
  forget();
  if (!door_.keep_encoded && is_encoded(head)) {
    // Counted behind the answer: if that throws, the server answers, and has it counted (http::Route::on_refused).
    responder.answer({.status = 415, .body = kEncoded});
    state_->refuse(lane_, door_, Refusal::bad_encoding);
    return http::Begin::answered;
  }
  // A block for a whole body of known length is taken now, so all of it is charged now, whether it comes or not.
  const std::uint64_t length = head.content_length.value_or(0);
  if (!charge_up_to(static_cast<std::size_t>(std::min<std::uint64_t>(length, kStepBytes)))) {
    answer_later_please(kOverloaded, responder);
    state_->refuse(lane_, door_, Refusal::overloaded);
    return http::Begin::answered;
  }
  head_ = &head;
  event_ = lane_.publisher.event(door_.source, static_cast<std::size_t>(length), metadata_bytes(head));
  add_metadata(head);
  return http::Begin::read_body;
}

// Before the body, since it lies in front of it in the block.
void HookRequest::add_metadata(const http::RequestHead& head) {
  const verify::ShownSecret shown{door_.verifier->scheme(), request_of(head, {})};
  const bool shows = !shown.empty();
  for (const auto& [name, value] : head.fields) {
    if (door_.verifier->is_secret_field(name)) continue;
    if (shows && (shown.is_within(value) || shown.is_within(name))) continue;
    http::lower_case(name, lane_.name);
    event_->metadata(lane_.name, value);
  }
}

verify::Request HookRequest::request_of(const http::RequestHead& head, std::string_view body) const {
  return {.method = head.method,
          .path_token = path_token(head.path, door_.source.name()),
          .fields = head.fields,
          .body = body};
}

bool HookRequest::charge_up_to(std::size_t bytes) {
  if (bytes <= charged_bytes_) return true;
  if (!state_->charge(lane_, bytes - charged_bytes_)) return false;
  charged_bytes_ = bytes;
  return true;
}

std::span<char> HookRequest::room(std::size_t wanted) {
  const std::size_t bytes = std::min(wanted, kStepBytes);
  if (!charge_up_to(event_->payload().size() + bytes)) {
    no_room_ = Refusal::overloaded;
    return {};
  }
  const std::span<char> room = event_->room(bytes);
  if (room.empty()) no_room_ = Refusal::full;
  return room;
}

void HookRequest::commit(std::size_t bytes) { event_->commit(bytes); }

void HookRequest::end(http::Responder& responder) {
  const verify::Result result =
      door_.verifier->check(request_of(*head_, event_->payload()), std::chrono::system_clock::now());
  if (result != verify::Result::authentic) {
    forget();
    state_->refuse(lane_, door_, refusal_of(result));
    if (result == verify::Result::unavailable) return answer_later_please(kFull, responder);
    responder.answer({.status = 401, .body = kUnauthorized});
    return;
  }
  if (door_.dedup) event_->deduplicate(*door_.dedup);
  if (lane_.desk) return await_receipt(responder);
  Receipt receipt;
  receipt.verdict = lane_.publisher.publish(std::move(*event_), &receipt.id);
  forget();
  answer_receipt(receipt, responder);
}

void HookRequest::await_receipt(http::Responder& responder) {
  std::shared_ptr<http::Responder> later = responder.later();  // First: what it may throw must find nothing published.
  const std::uint64_t tag = lane_.desk->expect(*this);
  const Verdict verdict = lane_.publisher.publish(std::move(*event_), *lane_.desk, tag);
  forget();
  if (verdict == Verdict::accepted) {
    later_ = std::move(later);
    tag_ = tag;
    return;
  }
  lane_.desk->withdraw(tag);
  answer_receipt({.verdict = verdict}, responder);
}

void HookRequest::on_receipt(const Receipt& receipt) {
  const std::shared_ptr<http::Responder> later = std::exchange(later_, nullptr);
  tag_ = 0;
  answer_receipt(receipt, *later);
}

void HookRequest::answer_receipt(const Receipt& receipt, http::Responder& responder) {
  // The broker has counted; only the log is told here.
  const auto refused = [this](Refusal reason) {
    if (state_->on_refused) state_->on_refused(door_.source.name(), reason);
  };
  switch (receipt.verdict) {
    case Verdict::accepted:
    case Verdict::duplicate: {
      ReceiptText text;  // NOLINT(cppcoreguidelines-pro-type-member-init): written before it is read
      const std::string_view body = write_receipt(to_string(receipt.verdict), receipt.id, text);
      LevelText level;  // NOLINT(cppcoreguidelines-pro-type-member-init): written before it is read
      const std::array<http::Field, 1> fields{{{"Penstock-Receipt", write_level(receipt.offset, level)}}};
      responder.answer({.status = door_.accepted_status, .body = body, .fields = fields});
      return;
    }
    case Verdict::full: refused(Refusal::full); return answer_later_please(kFull, responder);
    case Verdict::closed: refused(Refusal::closed); return answer_later_please(kClosed, responder);
    case Verdict::too_large:
      refused(Refusal::too_large);
      responder.answer({.status = 413, .body = kTooLarge});
      return;
    case Verdict::bad_topic:  // A source has a valid base topic, and a bad value only leaves an event unrouted.
      refused(Refusal::bad_topic);
      responder.answer({.status = 500, .body = kBadTopic});
      return;
  }
}

void HookRequest::answer_later_please(std::string_view body, http::Responder& responder) const {
  const std::array<http::Field, 1> fields{{{"Retry-After", state_->retry_after}}};
  responder.answer({.status = 503, .body = body, .fields = fields});
}

void HookRequest::cut(http::Cut why) {
  if (!event_) return;  // It was answered in begin(), and counted there.
  const Refusal reason = why == http::Cut::too_large ? no_room_.value_or(Refusal::too_large) : refusal_of(why);
  forget();
  state_->refuse(lane_, door_, reason);
}

// Gives back the block and the charge of a request that is over, and all views of it.
void HookRequest::forget() noexcept {
  HookState::release(lane_, std::exchange(charged_bytes_, 0));
  event_.reset();
  head_ = nullptr;
  no_room_.reset();
  if (tag_ != 0) lane_.desk->forget(std::exchange(tag_, 0));
  later_.reset();
}

}  // namespace penstock::webhook_in
