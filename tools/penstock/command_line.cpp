#include "command_line.hpp"

#include "config/suggestion.hpp"
#include "config/units.hpp"
#include "http/request.hpp"
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace penstock::command {
namespace {

/// Of interface.md, and not here yet: refused by name, so that nobody takes silence for success.
constexpr std::array<const char*, 7> kLater{"explain", "publish", "sub", "dead", "replay", "journal", "bench"};

constexpr std::string_view kFooter =
    "Also: -c, --config FILE   --url URL (admin API of a running broker)   --token-env NAME   --json   -q   -v   -h\n"
    "Above the file, below flags: PENSTOCK_CONFIG, PENSTOCK_URL, PENSTOCK_TOKEN_ENV, PENSTOCK_LISTEN,\n"
    "PENSTOCK_ADMIN_LISTEN, PENSTOCK_THREADS, PENSTOCK_WORKERS, PENSTOCK_LOG_FORMAT, PENSTOCK_LOG_LEVEL.\n"
    "Exit status: 0 done, 1 failed, 2 wrong use, 69 no broker there, 74 disk failed, 75 full, 78 bad configuration,\n"
    "130/143 by signal.";

/// A value of the file that a flag or a variable may give instead.
struct Overridable {
  const char* flag;
  const char* variable;
  const char* path;
  const char* help;
};
constexpr std::array kOverridable{
    Overridable{"--listen", "PENSTOCK_LISTEN", "listen", "Address and port of the hooks"},
    Overridable{"--admin-listen", "PENSTOCK_ADMIN_LISTEN", "admin.listen", "Address and port of the admin API"},
    Overridable{"--threads", "PENSTOCK_THREADS", "threads", "I/O threads"},
    Overridable{"--workers", "PENSTOCK_WORKERS", "workers", "Threads that dispatch"},
    Overridable{"--log-format", "PENSTOCK_LOG_FORMAT", "log.format", "logfmt or json"},
    Overridable{"--log-level", "PENSTOCK_LOG_LEVEL", "log.level", "debug, info, warn or error"}};

struct WrongUse {
  std::string text;
};

/// All options of all sub-commands while CLI11 fills them in.
struct Fields {
  Common common;
  bool version_flag = false;
  ServeOptions serve;
  std::string source;
  std::vector<std::string> secret_variables;
  std::string user;
  std::array<std::string, kOverridable.size()> overrides;
  CheckOptions check;
  std::string check_file;
  SendOptions send;
  std::string event;
  std::vector<std::string> field_lines;
  std::string rate;
  TailOptions tail;
  std::uint64_t count = 0;
};

void add_common(CLI::App& app, Fields& fields) {
  app.add_option("-c,--config", fields.common.config, "Configuration file")->type_name("FILE");
  app.add_option("--url", fields.common.url, "Admin API of a running broker")->type_name("URL");
  app.add_option("--token-env", fields.common.token_env, "Variable that holds the token")->type_name("NAME");
  app.add_flag("--json", fields.common.json, "Print data as JSON");
  app.add_flag("-q,--quiet", fields.common.quiet, "Only errors on stderr");
  app.add_flag("-v,--verbose", fields.common.verbose, "More on stderr");
}

CLI::App* add_command(CLI::App& app, const char* name, const char* what) {
  CLI::App* command = app.add_subcommand(name, what);
  command->fallthrough();  // Common options may stand behind the name.
  command->footer(std::string{kFooter});
  return command;
}

void add_serve(CLI::App& app, Fields& fields) {
  CLI::App* serve = add_command(app, "serve", "run the broker");
  serve->add_option("--source", fields.source, "One source of this preset, instead of a file")->type_name("PRESET");
  serve->add_option("--secret-env", fields.secret_variables, "Variable with its secret (repeatable)")
      ->type_name("NAME")
      ->expected(1)
      ->take_all();
  serve->add_option("--user", fields.user, "User of its basic authentication")->type_name("NAME");
  for (std::size_t i = 0; i < kOverridable.size(); ++i) {
    serve->add_option(kOverridable.at(i).flag, fields.overrides.at(i), kOverridable.at(i).help);
  }
}

void add_check(CLI::App& app, Fields& fields) {
  CLI::App* check = add_command(app, "check", "check a configuration");
  check->add_option("FILE", fields.check_file, "Configuration file (also -c)");
  check->add_flag("--no-environment", fields.check.no_environment,
                  "Read no variable and no file but the configuration");
  check->add_flag("--deny-warnings", fields.check.deny_warnings, "Warnings are errors");
}

void add_send(CLI::App& app, Fields& fields) {
  CLI::App* send = add_command(app, "send", "send a webhook signed as its sender");
  send->add_option("SOURCE", fields.send.source, "A source of the configuration")->required();
  send->add_option("FILE", fields.send.file, "The body; - for stdin")->required();
  send->add_option("--event", fields.event, "Value of the event header");
  send->add_option("-H,--header", fields.field_lines, "A header, 'name: value' (repeatable)")->expected(1)->take_all();
  send->add_option("--to", fields.send.to, "Where to, if not the configured listener")->type_name("URL");
  send->add_option("--repeat", fields.send.repeat, "How often")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}));
  send->add_option("--rate", fields.rate, "At most so many a second: 100/s")->type_name("RATE");
  send->add_option("--connections", fields.send.connections, "At once")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{256}));
  send->add_flag("--keep-id", fields.send.keep_id, "The same delivery id each time, so that repeats are duplicates");
}

void add_tail(CLI::App& app, Fields& fields) {
  CLI::App* tail = add_command(app, "tail", "watch events pass, JSON lines");
  tail->add_option("PATTERN", fields.tail.patterns, "Topics, such as 'github.*'")->required();
  tail->add_option("-n", fields.count, "Stop after so many")->check(CLI::Range(std::uint64_t{1}, UINT64_MAX));
  tail->add_option("--from", fields.tail.from, "earliest, now, an offset or a time")->type_name("POSITION");
  tail->add_option("--forward-to", fields.tail.forward_to, "Post each payload there too")->type_name("URL");
}

void add_later(CLI::App& app) {
  for (const char* name : kLater) {
    CLI::App* later = app.add_subcommand(name)->group("")->prefix_command();
    later->set_help_flag("");
    const std::string text = std::string{"'"} + name + "' is not built yet";
    later->callback([text] { throw WrongUse{text}; });
  }
}

void take_variable(std::string& into, const char* name, const config::Environment& environment) {
  if (!into.empty()) return;
  if (std::optional<std::string> value = environment(name)) into = std::move(*value);
}

std::vector<config::Override> overrides(const Fields& fields, const config::Environment& environment) {
  std::vector<config::Override> above;
  for (std::size_t i = 0; i < kOverridable.size(); ++i) {
    const Overridable& key = kOverridable.at(i);
    std::string value = fields.overrides.at(i);
    const bool flag = !value.empty();
    take_variable(value, key.variable, environment);
    if (!value.empty()) above.push_back({key.path, std::move(value), flag ? key.flag : key.variable});
  }
  return above;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\t'; }

FieldLine field_line(const std::string& text) {
  const std::size_t colon = text.find(':');
  const auto token = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
  };
  if (colon == std::string::npos || colon == 0 ||
      !std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon), token) ||
      std::any_of(text.begin(), text.end(), is_control)) {
    throw WrongUse{"-H " + config::shown(text) + ": write 'name: value'"};
  }
  for (const std::string_view own : {"host", "content-length", "transfer-encoding", "connection"}) {
    if (http::equal_without_case(std::string_view{text}.substr(0, colon), own))
      throw WrongUse{"-H " + config::shown(text) + ": the request's own; --to and FILE decide it"};
  }
  const std::size_t begin = text.find_first_not_of(" \t", colon + 1);
  const std::size_t end = text.find_last_not_of(" \t");
  return {text.substr(0, colon), begin == std::string::npos ? "" : text.substr(begin, end - begin + 1)};
}

/// `100/s`, or a bare number a second.
double rate(const std::string& text) {
  if (text.empty()) return 0;
  const bool bare = std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  const config::Parsed<config::Rate> parsed = config::parse_rate(bare ? text + "/s" : text);
  if (const auto* error = std::get_if<config::UnitError>(&parsed)) throw WrongUse{"--rate " + error->text};
  const auto value = std::get<config::Rate>(parsed);
  if (value.count == 0) throw WrongUse{"--rate must be above 0"};
  return static_cast<double>(value.count) * 1000.0 / static_cast<double>(value.per.count());
}

Asked serve_asked(Fields& fields, const config::Environment& environment, const CLI::App& command) {
  ServeOptions options = std::move(fields.serve);
  options.common = fields.common;
  if (fields.source.empty()) {
    if (!fields.secret_variables.empty() || !fields.user.empty())
      throw WrongUse{"--secret-env and --user go with --source"};
    take_variable(options.common.config, "PENSTOCK_CONFIG", environment);
    if (options.common.config.empty()) {
      throw WrongUse{"serve what? -c penstock.yaml, or --source github --secret-env GITHUB_WEBHOOK_SECRET"};
    }
    return options;
  }
  if (!options.common.config.empty()) throw WrongUse{"--source stands instead of a file; leave one of them out"};
  options.source = {.preset = fields.source, .secret_variables = fields.secret_variables};
  if (command.count("--user") > 0) options.source->user = fields.user;
  return options;
}

Asked check_asked(Fields& fields, const config::Environment& environment) {
  CheckOptions options = std::move(fields.check);
  options.common = fields.common;
  if (!fields.check_file.empty()) options.common.config = fields.check_file;
  take_variable(options.common.config, "PENSTOCK_CONFIG", environment);
  if (options.common.config.empty()) throw WrongUse{"check which file? penstock check penstock.yaml"};
  return options;
}

Asked send_asked(Fields& fields, const config::Environment& environment, const CLI::App& command) {
  SendOptions options = std::move(fields.send);
  options.common = fields.common;
  take_variable(options.common.config, "PENSTOCK_CONFIG", environment);
  if (options.common.config.empty())
    throw WrongUse{"send needs the configuration that holds the source: -c penstock.yaml"};
  if (command.count("--event") > 0) options.event = fields.event;
  if (options.event && std::any_of(options.event->begin(), options.event->end(), is_control))
    throw WrongUse{"--event " + config::shown(*options.event) + ": a header's value holds no line end"};
  for (const std::string& line : fields.field_lines) options.fields.push_back(field_line(line));
  options.rate_per_s = rate(fields.rate);
  return options;
}

Asked tail_asked(Fields& fields, const config::Environment& environment, const CLI::App& command) {
  TailOptions options = std::move(fields.tail);
  options.common = fields.common;
  take_variable(options.common.config, "PENSTOCK_CONFIG", environment);
  take_variable(options.common.url, "PENSTOCK_URL", environment);
  take_variable(options.common.token_env, "PENSTOCK_TOKEN_ENV", environment);
  if (command.count("-n") > 0) options.count = fields.count;
  return options;
}

Asked asked(CLI::App& app, Fields& fields, const config::Environment& environment) {
  fields.common.overrides = overrides(fields, environment);
  if (fields.version_flag) return VersionOptions{fields.common};
  const std::vector<CLI::App*> chosen = app.get_subcommands();
  if (chosen.empty()) return Answered{.status = Exit::wrong_use, .err = app.help()};
  const CLI::App& command = *chosen.front();
  if (command.get_name() == "serve") return serve_asked(fields, environment, command);
  if (command.get_name() == "check") return check_asked(fields, environment);
  if (command.get_name() == "send") return send_asked(fields, environment, command);
  if (command.get_name() == "tail") return tail_asked(fields, environment, command);
  return VersionOptions{fields.common};
}

std::string usage_error(const CLI::App& app, const CLI::ParseError& error, const std::vector<std::string>& arguments) {
  std::string text = "penstock: " + std::string{error.what()};
  while (!text.empty() && text.back() == '\n') text.pop_back();
  std::vector<std::string_view> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  const auto word =
      std::find_if(arguments.begin(), arguments.end(), [](const std::string& a) { return a.rfind('-', 0) != 0; });
  if (word != arguments.end() && app.get_subcommands().empty()) {
    text = "penstock: unknown command " + config::shown(*word) + config::suggestion(*word, names);
  }
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text + "; see penstock --help\n";
}

}  // namespace

Asked parse_command_line(std::vector<std::string> arguments, const config::Environment& environment) {
  Fields fields;
  CLI::App app{"penstock: takes in webhooks, checks every one, hands each to whoever asked", "penstock"};
  app.footer(std::string{kFooter});
  app.require_subcommand(0, 1);
  add_common(app, fields);
  app.add_flag("--version", fields.version_flag, "Print the version");
  add_serve(app, fields);
  add_check(app, fields);
  add_send(app, fields);
  add_tail(app, fields);
  add_command(app, "version", "print the version");
  add_later(app);
  const std::vector<std::string> given = arguments;
  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back.
  try {
    app.parse(std::move(arguments));
    return asked(app, fields, environment);
  } catch (const WrongUse& wrong) {
    return Answered{.status = Exit::wrong_use, .err = "penstock: " + wrong.text + '\n'};
  } catch (const CLI::CallForHelp&) {
    return Answered{.status = Exit::done, .out = app.help()};
  } catch (const CLI::ParseError& error) {
    return Answered{.status = Exit::wrong_use, .err = usage_error(app, error, given)};
  }
}

}  // namespace penstock::command
