#include "explaining/judgement.hpp"

#include "verify/reason.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace penstock::explaining {
namespace {

using Clock = std::chrono::system_clock;

constexpr int kUnauthorized = 401;
constexpr int kUnavailable = 503;

std::vector<verify::Field> views_of(const std::vector<command::FieldLine>& fields) {
  return {fields.begin(), fields.end()};
}

/// What every second person who asks has done: an editor or a shell has put a line end behind the body.
std::string line_end_hint(const verify::Verifier& verifier, verify::Request request, Clock::time_point now) {
  if (verifier.scheme().kind != verify::Kind::hmac) return {};
  for (const std::string_view end : {"\r\n", "\n"}) {
    if (!request.body.ends_with(end)) continue;
    request.body.remove_suffix(end.size());
    if (verifier.check(request, now) == verify::Result::authentic) {
      return "; without the line end at its end the body fits";
    }
    return {};
  }
  return {};
}

/// The same fields stay secret, and whatever comes passes: the real verifier has spoken already.
std::shared_ptr<const verify::Verifier> believing(const verify::Verifier& real) {
  verify::FunctionOptions options{.path_token = real.reads_path()};
  if (real.scheme().kind == verify::Kind::token) options.secret_fields.push_back(real.scheme().header);
  const auto believe = [](const verify::Request&, Clock::time_point) { return verify::Result::authentic; };
  return std::make_shared<const verify::Verifier>(
      verify::Verifier::from_function("explain", believe, std::move(options)));
}

webhook_in::Hook hook_of(const config::Source& source) {
  return {.source = source.name,
          .topic = source.topic,
          .verifier = believing(*source.verifier),
          .event = source.event,
          .accepted_status = source.accepted_status,
          .keep_encoded = source.keep_encoded,
          .payload_bytes_max = source.payload_bytes_max};
}

DeliveryId id_of(const config::Source& source, const GivenRequest& request) {
  constexpr std::string_view header = "header:";
  const std::string& place = source.dedup.id;
  if (place.empty()) return {};
  if (place.starts_with(header) && source.verifier->is_secret_field(place.substr(header.size()))) {
    return {.why = place.substr(header.size()) + " holds a secret"};
  }
  return delivery_id(place, request.fields, request.body);
}

int status_of(verify::Result result, int passed) {
  if (result == verify::Result::authentic) return passed;
  return result == verify::Result::unavailable ? kUnavailable : kUnauthorized;
}

}  // namespace

Judgement judge(const config::Source& source, const config::Config& config, const GivenRequest& request,
                Clock::time_point now) {
  const std::vector<verify::Field> fields = views_of(request.fields);
  const verify::Request seen{
      .method = request.method, .path_token = request.path_token, .fields = fields, .body = request.body};
  Judgement judgement{.verify = source.verifier->check(seen, now)};
  judgement.reason = verify::reason(source.verifier->scheme(), seen, judgement.verify);
  if (judgement.verify == verify::Result::forged) judgement.reason += line_end_hint(*source.verifier, seen, now);
  judgement.passage = pass(hook_of(source), config, request.wire());
  judgement.status = status_of(judgement.verify, judgement.passage.status);
  judgement.id = id_of(source, request);
  return judgement;
}

}  // namespace penstock::explaining
