#include "publish.hpp"

#include "client/client.hpp"
#include "http/request.hpp"
#include "running_broker.hpp"
#include "verify/verifier.hpp"
#include "wrong_use.hpp"
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <penstock/topic.hpp>

#include <string_view>
#include <utility>

namespace penstock::command {
namespace {

constexpr int kOk = 200;
constexpr int kBadRequest = 400;
constexpr int kUnavailable = 503;

std::string target(const std::string& topic) {
  if (!valid_base_topic(topic)) {
    throw WrongUse{config::shown(topic) +
                   " is no topic: levels of letters, digits and _ : / - joined by dots, at most " +
                   std::to_string(kBaseTopicBytesMax)};
  }
  return "/v1/topics/" + client::query_value(topic) + "/events";
}

std::vector<FieldLine> metadata_fields(const std::vector<FieldLine>& given) {
  const verify::Verifier no_scheme{verify::Scheme{}, {}};  // Knows the fields that hold secrets whatever the scheme.
  std::vector<FieldLine> fields;
  for (const auto& [name, value] : given) {
    if (no_scheme.is_secret_field(name)) {
      throw WrongUse{"-H " + name + ": a field that holds secrets does not become metadata; see --token-env"};
    }
    const bool own = http::equal_without_case(name, "content-type");
    fields.emplace_back(own ? name : "x-meta-" + name, value);
  }
  return fields;
}

std::string text_at(const boost::json::value& object, std::string_view name) {
  const boost::json::value* value = object.is_object() ? object.get_object().if_contains(name) : nullptr;
  return value != nullptr && value->is_string() ? std::string{std::string_view{value->get_string()}} : std::string{};
}

void print_receipt(const std::string& body, bool json, std::ostream& out) {
  if (json) {
    out << body << '\n';
    return;
  }
  boost::system::error_code error;
  const boost::json::value receipt = boost::json::parse(body, error);
  out << text_at(receipt, "topic") << ' ' << text_at(receipt, "id") << "  receipt: " << text_at(receipt, "receipt")
      << '\n';
}

Exit publish(const PublishOptions& options, RunningBroker broker, const Output& output) {
  client::Request request{.method = "POST", .target = target(options.topic), .fields = metadata_fields(options.fields)};
  if (!broker.token.empty()) request.fields.emplace_back("Authorization", "Bearer " + broker.token);
  const std::string body = read_body(options.file);
  request.body = body;
  if (options.common.verbose) {
    output.err << "penstock publish: " << body.size() << " bytes to " << broker.url.authority() << request.target
               << '\n';
  }
  client::Client client{std::move(broker.url)};
  const client::Answer answer = client.send(request);
  if (answer.head.status == kOk) {
    print_receipt(answer.body, options.common.json, output.out);
    return Exit::done;
  }
  output.err << "penstock publish: " << answer.head.status << ' ' << answer.body << '\n';
  if (answer.head.status == kUnavailable) return Exit::full;
  return answer.head.status == kBadRequest ? Exit::wrong_use : Exit::failed;
}

}  // namespace

Exit run_publish(const PublishOptions& options, const config::Environment& environment, const Output& output) {
  return exit_of("publish", output,
                 [&] { return publish(options, find_broker(options.common, environment, output), output); });
}

}  // namespace penstock::command
