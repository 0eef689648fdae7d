#include "command_line.hpp"

#include "arguments.hpp"
#include "bench_arguments.hpp"
#include "config/suggestion.hpp"
#include "option_variables.hpp"
#include "wrong_use.hpp"
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace penstock::command {
namespace {

// The clock's nanoseconds end in the year 2262.
constexpr std::int64_t kNowMaxS = 9'000'000'000;

// Read as an unsigned number, -1 would be a very large one.
std::string is_not_negative(const std::string& text) {
  return text.starts_with('-') ? "must be a number from 1 on" : std::string{};
}

/// Of interface.md, and not here yet: refused by name, so that nobody takes silence for success.
constexpr std::array kLater{"sub", "dead", "replay"};
constexpr std::array kLaterBenches{"dispatch", "http"};

constexpr std::string_view kFooter =
    "Also: -c, --config FILE   --url URL (admin API of a running broker)   --token-env NAME   --json   -q   -v   -h\n"
    "Below flags and above the file stand variables: PENSTOCK_CONFIG, PENSTOCK_URL, PENSTOCK_SEND_RATE for\n"
    "send --rate, PENSTOCK_LIMITS_MEMORY for the key limits.memory of the file, and so on for each.\n"
    "Exit status: 0 done, 1 failed, 2 wrong use, 69 no broker there, 74 disk failed, 75 full, 78 bad configuration,\n"
    "130/143 by signal.";

/// A value of the file that a flag of serve may give instead. The variable is that of the key.
struct Overridable {
  const char* flag;
  const char* path;
  const char* help;
};
constexpr std::array kOverridable{Overridable{"--listen", "listen", "Address and port of the hooks"},
                                  Overridable{"--admin-listen", "admin.listen", "Address and port of the admin API"},
                                  Overridable{"--threads", "threads", "I/O threads"},
                                  Overridable{"--workers", "workers", "Threads that dispatch"},
                                  Overridable{"--log-format", "log.format", "logfmt or json"},
                                  Overridable{"--log-level", "log.level", "debug, info, warn or error"}};

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
  PublishOptions publish;
  ExplainOptions explain;
  std::int64_t now_s = 0;
  TailOptions tail;
  JournalCommandOptions journal;
  BenchFields bench;
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
      ->allow_extra_args(false)
      ->take_all();
  serve->add_option("--user", fields.user, "User of its basic authentication")->type_name("NAME");
  serve->add_flag("--skip-damaged", fields.serve.skip_damaged,
                  "Start on a damaged journal, without the events that cannot be read");
  for (std::size_t i = 0; i < kOverridable.size(); ++i) {
    serve->add_option(kOverridable.at(i).flag, fields.overrides.at(i), kOverridable.at(i).help)->group(kFileKeys);
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
  send->add_option("-H,--header", fields.field_lines, "A header, 'name: value' (repeatable)")
      ->allow_extra_args(false)
      ->take_all();
  send->add_option("--to", fields.send.to, "Where to, if not the configured listener")->type_name("URL");
  send->add_option("--repeat", fields.send.repeat, "How often")
      ->check(is_not_negative)
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}));
  send->add_option("--rate", fields.rate, "At most so many a second: 100/s")->type_name("RATE");
  send->add_option("--connections", fields.send.connections, "At once")
      ->check(is_not_negative)
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{256}));
  send->add_flag("--keep-id", fields.send.keep_id, "The same delivery id each time, so that repeats are duplicates");
}

void add_repeated(CLI::App& app, const char* flags, std::vector<std::string>& into, const char* help,
                  const char* type) {
  app.add_option(flags, into, help)->type_name(type)->allow_extra_args(false)->take_all();
}

void add_publish(CLI::App& app, Fields& fields) {
  CLI::App* publish = add_command(app, "publish", "publish an event");
  publish->add_option("TOPIC", fields.publish.topic, "Its base topic")->required();
  publish->add_option("FILE", fields.publish.file, "The payload; - for stdin, which is the default");
  add_repeated(*publish, "-H,--header", fields.field_lines, "Metadata, 'name: value' (repeatable)", "TEXT");
}

void add_explain(CLI::App& app, Fields& fields) {
  CLI::App* explain = add_command(app, "explain", "where would this request go, and why");
  ExplainOptions& options = fields.explain;
  explain->add_option("--preset", options.preset, "Judge by this preset, instead of a file")->type_name("PRESET");
  add_repeated(*explain, "--secret-env", options.secret_variables, "Variable with its secret (repeatable)", "NAME");
  add_repeated(*explain, "--user", options.users, "User of its basic authentication (repeatable)", "NAME");
  add_repeated(*explain, "--public-key", options.public_keys, "Its public key (repeatable)", "TEXT");
  explain->add_option("--source", options.source, "A source of the configuration");
  explain->add_option("--method", options.method, "Of the request; else POST");
  explain->add_option("--target", options.target, "Of the request; else /hooks/SOURCE");
  add_repeated(*explain, "-H,--header", fields.field_lines, "A header, 'name: value' (repeatable, in order)", "TEXT");
  explain->add_option("--body", options.body, "Its body; - for stdin")->type_name("FILE");
  explain->add_option("--public-url", options.public_url, "Scheme, host and path as the sender knows them")
      ->type_name("URL");
  add_repeated(*explain, "--certificate", options.certificates, "Stands for the download (repeatable)", "URL=FILE");
  explain->add_option("--now", fields.now_s, "The time to judge by, in seconds since 1970")
      ->type_name("UNIX")
      ->check(CLI::Range(std::int64_t{0}, kNowMaxS));
}

CLI::App* add_journal_action(CLI::App& journal, Fields& fields, const char* name, const char* what) {
  CLI::App* action = add_command(journal, name, what);
  action->add_option("DIR", fields.journal.dir, "Its directory; else journal.dir of -c FILE");
  return action;
}

void add_journal(CLI::App& app, Fields& fields) {
  CLI::App* journal = add_command(app, "journal", "look at a journal on disk, changing nothing");
  journal->require_subcommand(0, 1);  // None is told in our own words.
  add_journal_action(*journal, fields, "stat", "what is in it");
  add_journal_action(*journal, fields, "verify", "which records are damaged");
  CLI::App* all = add_journal_action(*journal, fields, "export", "its events, JSON lines");
  ExportRange& range = fields.journal.range;
  all->add_option("--from", range.from, "earliest, now, an offset or a time")->type_name("POSITION");
  all->add_option("--to", range.to, "The last one")->type_name("POSITION");
  all->add_option("-n", fields.count, "Stop after so many")
      ->check(is_not_negative)
      ->check(CLI::Range(std::uint64_t{1}, UINT64_MAX));
  all->add_flag("--base64", range.base64, "Every payload in base64: byte for byte");
}

void add_tail(CLI::App& app, Fields& fields) {
  CLI::App* tail = add_command(app, "tail", "watch events pass, JSON lines");
  tail->add_option("PATTERN", fields.tail.patterns, "Topics, such as 'github.*'")->required();
  tail->add_option("-n", fields.count, "Stop after so many")
      ->check(is_not_negative)
      ->check(CLI::Range(std::uint64_t{1}, UINT64_MAX));
  tail->add_option("--from", fields.tail.from, "earliest, now, an offset or a time")->type_name("POSITION");
  tail->add_option("--forward-to", fields.tail.forward_to, "Post each payload there too")->type_name("URL");
}

void add_later(CLI::App& app, const char* name, const std::string& shown) {
  CLI::App* later = app.add_subcommand(name)->group("")->prefix_command();
  later->fallthrough(false);  // All that follows is its own, whatever its parent knows.
  later->set_help_flag("");
  later->callback([text = "'" + shown + "' is not built yet"] { throw WrongUse{text}; });
}

void add_bench(CLI::App& app, Fields& fields) {
  CLI::App* bench = add_command(app, "bench", "measure what an event costs here");
  bench->require_subcommand(0, 1);  // None is told in our own words.
  add_journal_bench(*add_command(*bench, "journal", "what a durable event costs, beside the bare disk"), fields.bench);
  for (const char* name : kLaterBenches) add_later(*bench, name, std::string{"bench "} + name);
}

config::Overrides overrides(const Fields& fields, const config::Environment& environment) {
  config::Overrides above{.values = config::overrides_of(environment)};
  for (std::size_t i = 0; i < kOverridable.size(); ++i) {
    const std::string& value = fields.overrides.at(i);
    if (!value.empty()) above.values.push_back({kOverridable.at(i).path, value, kOverridable.at(i).flag});
  }
  return above;
}

Asked serve_asked(Fields& fields, const CLI::App& command) {
  ServeOptions options = std::move(fields.serve);
  options.common = fields.common;
  if (fields.source.empty()) {
    if (!fields.secret_variables.empty() || !fields.user.empty())
      throw WrongUse{"--secret-env and --user go with --source"};
    if (options.common.config.empty()) {
      throw WrongUse{"serve what? -c penstock.yaml, or --source github --secret-env GITHUB_WEBHOOK_SECRET"};
    }
    return options;
  }
  options.source = {.preset = fields.source, .secret_variables = fields.secret_variables};
  if (command.count("--user") > 0) options.source->user = fields.user;
  return options;
}

Asked check_asked(Fields& fields) {
  CheckOptions options = std::move(fields.check);
  options.common = fields.common;
  if (!fields.check_file.empty()) options.common.config = fields.check_file;
  if (options.common.config.empty()) throw WrongUse{"check which file? penstock check penstock.yaml"};
  return options;
}

Asked explain_asked(Fields& fields, const CLI::App& command) {
  ExplainOptions options = std::move(fields.explain);
  options.common = fields.common;
  const bool of_preset = !options.secret_variables.empty() || !options.users.empty() || !options.public_keys.empty();
  if (options.preset.empty()) {
    if (of_preset) throw WrongUse{"--secret-env, --user and --public-key go with --preset"};
    if (options.common.config.empty()) {
      throw WrongUse{"explain by what? -c penstock.yaml --source github, or --preset github --secret-env NAME"};
    }
  } else if (!options.source.empty()) {
    throw WrongUse{"--preset stands instead of a file and its --source; leave one of them out"};
  }
  for (const std::string& line : fields.field_lines) options.fields.push_back(field_line(line));
  require_method(options.method);
  if (!options.target.empty()) require_target(options.target);
  for (const std::string& certificate : options.certificates) require_certificate(certificate);
  if (command.count("--now") > 0) options.now_s = fields.now_s;
  return options;
}

Asked publish_asked(Fields& fields) {
  PublishOptions options = std::move(fields.publish);
  options.common = fields.common;
  if (options.file.empty()) options.file = "-";
  for (const std::string& line : fields.field_lines) options.fields.push_back(own_field_line(line));
  return options;
}

Asked send_asked(Fields& fields, const CLI::App& command) {
  SendOptions options = std::move(fields.send);
  options.common = fields.common;
  if (options.common.config.empty())
    throw WrongUse{"send needs the configuration that holds the source: -c penstock.yaml"};
  if (command.count("--event") > 0) options.event = fields.event;
  if (options.event && !is_field_value(*options.event))
    throw WrongUse{"--event " + config::shown(*options.event) + ": a header's value holds no line end"};
  for (const std::string& line : fields.field_lines) options.fields.push_back(own_field_line(line));
  options.rate_per_s = rate(fields.rate);
  return options;
}

Asked tail_asked(Fields& fields, const CLI::App& command) {
  TailOptions options = std::move(fields.tail);
  options.common = fields.common;
  if (command.count("-n") > 0) options.count = fields.count;
  return options;
}

Asked journal_asked(Fields& fields, const CLI::App& command) {
  if (command.get_subcommands().empty()) throw WrongUse{"journal what? stat, verify or export"};
  JournalCommandOptions options = std::move(fields.journal);
  options.common = fields.common;
  const CLI::App& action = *command.get_subcommands().front();
  if (action.get_name() == "verify") options.action = JournalAction::verify;
  if (action.get_name() != "export") return options;
  options.action = JournalAction::write_out;
  if (action.count("-n") > 0) options.range.count = fields.count;
  return options;
}

Asked bench_asked(const Fields& fields, const CLI::App& command) {
  if (command.get_subcommands().empty()) throw WrongUse{"bench what? journal"};
  BenchOptions options = bench_options(fields.bench);
  options.common = fields.common;
  return options;
}

Asked options_of(const CLI::App& command, Fields& fields) {
  const std::string& name = command.get_name();
  if (name == "serve") return serve_asked(fields, command);
  if (name == "check") return check_asked(fields);
  if (name == "explain") return explain_asked(fields, command);
  if (name == "publish") return publish_asked(fields);
  if (name == "send") return send_asked(fields, command);
  if (name == "tail") return tail_asked(fields, command);
  if (name == "journal") return journal_asked(fields, command);
  if (name == "bench") return bench_asked(fields, command);
  return VersionOptions{fields.common};
}

Asked asked(CLI::App& app, Fields& fields, const config::Environment& environment,
            const std::vector<std::string>& variables) {
  if (fields.version_flag) return VersionOptions{fields.common};
  const std::vector<CLI::App*> chosen = app.get_subcommands();
  if (chosen.empty()) return Answered{.status = Exit::wrong_use, .err = app.help()};
  const bool config_given = !fields.common.config.empty();
  if (config_given && (!fields.source.empty() || !fields.explain.preset.empty())) {
    throw WrongUse{std::string{fields.source.empty() ? "--preset" : "--source"} +
                   " stands instead of a file; leave one of them out"};
  }
  take_variables(app, environment, config_given);
  for (CLI::App* command = chosen.front(); command != nullptr;) {
    take_variables(*command, environment, config_given);
    const std::vector<CLI::App*> inner = command->get_subcommands();
    command = inner.empty() ? nullptr : inner.front();
  }
  fields.common.overrides = overrides(fields, environment);
  fields.common.overrides.unknown_variables = unknown_variables(app, variables, environment);
  return options_of(*chosen.front(), fields);
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

Asked parse_command_line(std::vector<std::string> arguments, const config::Environment& environment,
                         const std::vector<std::string>& variables) {
  Fields fields;
  CLI::App app{"penstock: takes in webhooks, checks every one, hands each to whoever asked", "penstock"};
  app.footer(std::string{kFooter});
  app.require_subcommand(0, 1);
  add_common(app, fields);
  app.add_flag("--version", fields.version_flag, "Print the version");
  add_serve(app, fields);
  add_check(app, fields);
  add_explain(app, fields);
  add_publish(app, fields);
  add_send(app, fields);
  add_tail(app, fields);
  add_journal(app, fields);
  add_bench(app, fields);
  add_command(app, "version", "print the version");
  for (const char* name : kLater) add_later(app, name, name);
  const std::vector<std::string> given = arguments;
  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back.
  try {
    app.parse(std::move(arguments));
    return asked(app, fields, environment, variables);
  } catch (const WrongUse& wrong) {
    return Answered{.status = Exit::wrong_use, .err = "penstock: " + std::string{wrong.what()} + '\n'};
  } catch (const CLI::CallForHelp&) {
    return Answered{.status = Exit::done, .out = app.help()};
  } catch (const CLI::ParseError& error) {
    return Answered{.status = Exit::wrong_use, .err = usage_error(app, error, given)};
  }
}

}  // namespace penstock::command
