#include "check.hpp"

#include "config/load.hpp"
#include "config/units.hpp"
#include "verify/verifier.hpp"

namespace penstock::command {
namespace {

using config::Severity;

std::string joined(const std::vector<std::string>& texts, std::string_view nothing) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : ", ") + text;
  return all.empty() ? std::string{nothing} : all;
}

std::string path_of(const config::Source& source) {
  const bool token = source.scheme.kind == verify::Kind::path_token;
  return "/hooks/" + source.name + (token ? "/<token>" : "");
}

std::string secrets_text(std::size_t count) { return std::to_string(count) + (count == 1 ? " secret" : " secrets"); }

void print_source(const config::Source& source, std::ostream& out) {
  out << source.name << ": POST " << path_of(source) << "  topic " << source.topic << "  verify "
      << verify::to_string(source.scheme.kind) << " (" << secrets_text(source.secrets) << ")  event "
      << joined(source.event, "none") << "  dedup ";
  if (source.dedup.id.empty()) {
    out << "off\n";
  } else {
    out << source.dedup.id << " for " << config::duration_text(source.dedup.window) << '\n';
  }
}

std::string json_list(const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& text : texts) list += (list.empty() ? "" : ",") + json_string(text);
  return '[' + list + ']';
}

std::string json_source(const config::Source& source) {
  std::string text = R"({"name":)" + json_string(source.name) + R"(,"path":)" + json_string(path_of(source)) +
                     R"(,"topic":)" + json_string(source.topic) + R"(,"preset":)" +
                     (source.preset.empty() ? "null" : json_string(source.preset)) + R"(,"verify":)" +
                     json_string(verify::to_string(source.scheme.kind)) + R"(,"secrets":)" +
                     std::to_string(source.secrets) + R"(,"event":)" + json_list(source.event) + R"(,"dedup":)";
  if (source.dedup.id.empty()) return text + "null}";
  return text + R"({"id":)" + json_string(source.dedup.id) + R"(,"window":)" +
         json_string(config::duration_text(source.dedup.window)) + "}}";
}

std::string json_problems(const config::Problems& problems, Severity severity) {
  std::string list;
  for (const config::Problem& problem : problems.list()) {
    if (problem.severity != severity) continue;
    list += std::string{list.empty() ? "" : ","} + R"({"line":)" + std::to_string(problem.at.line) + R"(,"column":)" +
            std::to_string(problem.at.column) + R"(,"message":)" + json_string(problem.text) + '}';
  }
  return '[' + list + ']';
}

void print_json(const config::Loaded& loaded, bool good, std::ostream& out) {
  out << R"({"file":)" << json_string(loaded.problems.file()) << R"(,"ok":)" << (good ? "true" : "false");
  if (loaded.config) {
    std::string sources;
    for (const config::Source& source : loaded.config->sources) {
      sources += (sources.empty() ? "" : ",") + json_source(source);
    }
    out << R"(,"listen":)" << json_string(loaded.config->listen.text()) << R"(,"admin":)"
        << json_string(loaded.config->admin.listen.text()) << R"(,"sources":[)" << sources << ']';
  }
  out << R"(,"errors":)" << json_problems(loaded.problems, Severity::error) << R"(,"warnings":)"
      << json_problems(loaded.problems, Severity::warning) << "}\n";
}

}  // namespace

Exit run_check(const CheckOptions& options, const config::Environment& environment, const Output& output) {
  const config::LoadOptions load =
      options.no_environment ? config::LoadOptions{} : config::LoadOptions{environment, options.common.overrides, {}};
  const config::Loaded loaded = config::load_file(options.common.config, load);
  const bool denied = options.deny_warnings && loaded.problems.any(Severity::warning);
  const bool good = loaded.config && !denied;
  print_problems(loaded.problems, options.common.quiet && !denied, output.err);
  if (options.common.json) {
    print_json(loaded, good, output.out);
  } else if (good) {
    for (const config::Source& source : loaded.config->sources) print_source(source, output.out);
    output.out << loaded.problems.file() << ": ok\n";
  } else if (loaded.config) {
    output.err << loaded.problems.file() << ": refused, since warnings are denied\n";
  }
  return good ? Exit::done : Exit::bad_configuration;
}

}  // namespace penstock::command
