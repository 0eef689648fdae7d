#include "explain.hpp"

#include "client/socket.hpp"
#include "config/units.hpp"
#include "explaining/asked_source.hpp"
#include "explaining/judgement.hpp"
#include "http/server.hpp"
#include "wrong_use.hpp"
#include <penstock/error.hpp>

#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

namespace penstock::command {
namespace {

using explaining::AskedSource;
using explaining::GivenRequest;
using explaining::Judgement;

struct Explained {
  AskedSource asked;
  GivenRequest request;
  Judgement judgement;
};

std::chrono::system_clock::time_point time_of(const ExplainOptions& options) {
  if (!options.now_s) return std::chrono::system_clock::now();
  return std::chrono::system_clock::time_point{std::chrono::seconds{*options.now_s}};
}

/// The first source whose verifier believes; else the first.
Explained explained(const ExplainOptions& options, std::vector<AskedSource> sources, const std::string& body) {
  std::vector<Explained> all;
  for (AskedSource& asked : sources) {
    ExplainOptions with_target = options;
    with_target.target = asked.target;
    GivenRequest request = explaining::given_request(with_target, asked.source.name, body);
    Judgement judgement = judge(asked.source, asked.config, request, time_of(options));
    const bool authentic = judgement.verify == verify::Result::authentic;
    all.push_back({std::move(asked), std::move(request), std::move(judgement)});
    if (authentic) return std::move(all.back());
  }
  return std::move(all.front());
}

std::string quoted_or_null(const std::optional<std::string>& text) { return text ? json_string(*text) : "null"; }

/// Why the sender gets what it gets.
std::string whole_reason(const Judgement& judgement) {
  constexpr int first_bad = 300;
  if (judgement.status < first_bad || judgement.verify != verify::Result::authentic) return judgement.reason;
  return judgement.reason + "; answered " + std::to_string(judgement.status) + ' ' + judgement.passage.answer;
}

void print_json(const Judgement& judgement, std::ostream& out) {
  out << R"({"verify":)" << json_string(to_string(judgement.verify)) << R"(,"reason":)"
      << json_string(whole_reason(judgement)) << R"(,"handshake":null,"status":)" << judgement.status << R"(,"topic":)"
      << quoted_or_null(judgement.passage.topic) << R"(,"unrouted":)" << (judgement.passage.unrouted ? "true" : "false")
      << R"(,"dedup_id":)" << quoted_or_null(judgement.id.text) << R"(,"subscriptions":[]})" << '\n';
}

std::string dedup_text(const config::Source& source, const Judgement& judgement) {
  if (source.dedup.id.empty()) return "off: this source names no delivery id";
  const std::string window = config::duration_text(source.dedup.window);
  if (!judgement.id.text) return "none: " + judgement.id.why + " (" + source.dedup.id + "); taken each time it comes";
  return "id " + *judgement.id.text + " (" + source.dedup.id + "), window " + window;
}

std::string route_text(const config::Source& source, const Judgement& judgement) {
  if (!judgement.passage.topic) return "none: there is no event";
  std::string places;
  for (const std::string& place : source.event) places += (places.empty() ? "" : ", ") + place;
  std::string text = *judgement.passage.topic;
  if (source.event.empty()) {
    text += ": this source reads no event";
  } else if (judgement.passage.unrouted) {
    text += ": unrouted, nothing at " + places + " that can be a sub-topic";
  } else {
    text += ": read at " + places;
  }
  return judgement.verify == verify::Result::authentic ? text : text + "; if it were authentic";
}

void print_steps(const Explained& explained, std::ostream& out) {
  const Judgement& judgement = explained.judgement;
  const config::Source& source = explained.asked.source;
  const bool authentic = judgement.verify == verify::Result::authentic;
  out << "handshake  none: this source has none\n"
      << "verify     " << to_string(judgement.verify) << ": " << judgement.reason << '\n'
      << "dedup      " << dedup_text(source, judgement) << '\n'
      << "route      " << route_text(source, judgement) << '\n'
      << "filter     none: no subscription can be configured yet\n"
      << "answer     " << judgement.status;
  // The id and the receipt are this ingress's own: only what refuses says something about the request.
  constexpr int first_bad = 300;
  if (!authentic) {
    out << R"( {"error":"unauthorized"})";
  } else if (judgement.status >= first_bad) {
    out << ' ' << judgement.passage.answer;
  }
  out << '\n';
}

Exit explain(const ExplainOptions& options, const config::Environment& environment, const Output& output) {
  std::vector<AskedSource> sources = explaining::asked_sources(options, environment, output);
  const std::string body = options.body.empty() ? std::string{} : read_body(options.body);
  const Explained result = explained(options, std::move(sources), body);
  const auto note = [&](const std::string& text) {
    if (!options.common.quiet) output.err << "penstock explain: " << text << '\n';
  };
  for (const std::string& text : result.asked.notes) note(text);
  for (const std::string& text : result.request.notes) note(text);
  if (options.common.verbose) {
    note("source " + result.asked.source.name + ", topic " + result.asked.source.topic + ", " +
         std::to_string(result.asked.source.secrets) + " secret(s), body of " + std::to_string(body.size()) + " bytes");
  }
  if (result.judgement.verify == verify::Result::unavailable) {
    output.err << "penstock explain: " << result.judgement.reason << '\n';
    return Exit::failed;
  }
  if (options.common.json) {
    print_json(result.judgement, output.out);
  } else {
    print_steps(result, output.out);
  }
  return result.judgement.verify == verify::Result::authentic ? Exit::done : Exit::failed;
}

}  // namespace

Exit run_explain(const ExplainOptions& options, const config::Environment& environment, const Output& output) {
  try {
    return explain(options, environment, output);
  } catch (const BadConfiguration&) {
    return Exit::bad_configuration;
  } catch (const WrongUse& wrong) {
    output.err << "penstock explain: " << wrong.what() << '\n';
    return Exit::wrong_use;
  } catch (const SetupError& error) {
    output.err << "penstock explain: " << error.what() << '\n';
    return Exit::bad_configuration;
  } catch (const http::ListenError& error) {
    output.err << "penstock explain: no port of loopback: " << error.what() << '\n';
    return Exit::failed;
  } catch (const client::ClientError& error) {
    output.err << "penstock explain: " << error.what() << '\n';
    return Exit::failed;
  }
}

}  // namespace penstock::command
