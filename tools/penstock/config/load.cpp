#include "config/load.hpp"

#include "config/limits.hpp"
#include "config/section_reader.hpp"
#include "config/sources.hpp"
#include "config/yaml_tree.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <thread>

namespace penstock::config {
namespace {

constexpr std::string_view kLeastFile =
    R"(the file is empty; the least is: sources: { github: { preset: github, secrets: [ "${env:GITHUB_WEBHOOK_SECRET}" ] } })";

std::size_t half_the_cores() { return std::max(1U, std::thread::hardware_concurrency() / 2); }

bool good_host(const std::string& host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == ':' || c == '[' || c == ']';
  });
}

void read_admin(const Context& context, const Context& for_tokens, const YamlNode& root, Admin& admin) {
  const YamlNode* node = root.find("admin");
  if (node == nullptr) return;
  const SectionReader reader{context, *node, "admin", Section::admin};
  reader.endpoint("listen", admin.listen);
  for (Value& host : reader.texts("hosts")) {
    if (!host.known || good_host(host.text)) {
      admin.hosts.push_back(std::move(host.text));
    } else {
      reader.error(*reader.find("hosts"), "hosts",
                   shown(host.written) + " is no name of a host; write it as in hooks.example.com");
    }
  }
  if (const YamlNode* tokens = reader.find("tokens")) {
    const SectionReader own{for_tokens, *tokens, "admin.tokens", Section::tokens};
    const auto take = [&](std::string_view key, verify::Secret& into) {
      const YamlNode* token = own.find(key);
      if (token == nullptr) return;
      if (std::optional<verify::Secret> secret = read_secret(for_tokens, *token, own.path(key)))
        into = std::move(*secret);
    };
    take("read", admin.read_token);
    take("write", admin.write_token);
  }
  const bool tokens_named = reader.find("tokens") != nullptr && reader.find("tokens")->find("read") != nullptr &&
                            reader.find("tokens")->find("write") != nullptr;  // One that is no good was told already.
  if (!admin.listen.is_loopback() && !tokens_named && (admin.read_token.empty() || admin.write_token.empty())) {
    reader.error(
        *reader.find("listen"), "listen",
        admin.listen.text() +
            R"( can be reached from outside, so tokens are needed; add tokens: { read: "${env:NAME}", write: "${env:NAME}" })");
  }
}

void read_retain(const SectionReader& journal, JournalOptions& options) {
  const YamlNode* node = journal.find("retain");
  if (node == nullptr) return;
  const SectionReader reader{journal.context(), *node, journal.path("retain"), Section::retain};
  std::size_t bytes = options.retain_bytes;
  reader.size("bytes", bytes, {.min = 1U << 20U});
  options.retain_bytes = bytes;
  std::chrono::milliseconds age = options.retain_age;
  reader.duration("age", age, {.min = 1'000, .max = UINT64_MAX / 1'000'000});
  options.retain_age = std::chrono::duration_cast<std::chrono::seconds>(age);
}

void read_journal(const Context& context, const YamlNode& root, std::optional<JournalOptions>& journal) {
  const YamlNode* node = root.find("journal");
  if (node == nullptr) return;
  if (node->kind == YamlNode::Kind::scalar) {
    if (node->text == "off") {
      journal.reset();
    } else {
      report(context, *node, "journal", "write 'off' (memory only), or where it lies: { dir: ./penstock-data }");
    }
    return;
  }
  constexpr std::uint64_t mib = 1U << 20U;
  const SectionReader reader{context, *node, "journal", Section::journal};
  if (const std::optional<Value> dir = reader.text("dir"); dir && dir->known) {
    if (dir->text.empty()) reader.error(*reader.find("dir"), "dir", "is empty; write a directory");
    journal->dir = dir->text;
  }
  std::size_t segment = journal->segment_bytes;
  reader.size("segment", segment, {.min = mib, .max = 4096 * mib});
  journal->segment_bytes = segment;
  read_retain(reader, *journal);
}

void read_log(const Context& context, const YamlNode& root, Log& log) {
  const YamlNode* node = root.find("log");
  if (node == nullptr) return;
  const SectionReader reader{context, *node, "log", Section::log};
  reader.choice("format", log.format, {{"logfmt", LogFormat::logfmt}, {"json", LogFormat::json}});
  reader.choice(
      "level", log.level,
      {{"debug", LogLevel::debug}, {"info", LogLevel::info}, {"warn", LogLevel::warn}, {"error", LogLevel::error}});
}

/// What would run, and may surprise. Beside an error nothing would.
void tell_surprises(const Context& context, const Config& config) {
  if (context.problems.any(Severity::error)) return;
  if (config.sources.empty()) {
    context.problems.warning({}, "there is no source, so no webhook can come in; add 'sources'");
  }
  for (const Source& source : config.sources) {
    if (source.scheme.kind != verify::Kind::none) continue;
    context.problems.warning(source.at,
                             "sources." + source.name + ": verify kind none: whoever reaches the port may send");
  }
}

/// `sources.<name>` of `root` is read into the Config; root is a map.
void read_file_sections(const Context& context, const YamlNode& root, const LoadOptions& options, Config& config) {
  constexpr Range threads{.min = 1, .max = 1024};
  const SectionReader reader{context, root, "", Section::file};
  reader.endpoint("listen", config.listen);
  reader.count("threads", config.threads, threads);
  reader.count("workers", config.workers, threads);
  reader.choice("wait", config.wait, {{"park", Wait::park}, {"spin", Wait::spin}});
  reader.duration("drain", config.drain, {.min = 0, .max = 3'600'000});
  read_log(context, root, config.log);
  read_limits(context, root, config.limits);
  const Substitution grammar_only = context.substitution.without_environment();
  const Context without{context.problems, grammar_only};
  read_admin(context, options.only_source.empty() ? context : without, root, config.admin);
  if (config.listen.port != 0 && config.listen.text() == config.admin.listen.text()) {
    const YamlNode* admin = root.find("admin");
    report(context, admin != nullptr ? *admin : root, "admin.listen",
           "is the same as listen; give the admin API a port of its own");
  }
  read_journal(context, root, config.journal);
  if (config.journal) config.journal->receipt_wait = config.limits.receipt_wait;
  if (const YamlNode* sources = reader.find("sources")) {
    read_sources(context, *sources, options.only_source, config);
  }
  tell_surprises(context, config);
}

YamlNode& child(YamlNode& map, const std::string& key, const std::string& origin) {
  for (const YamlNode::Entry& entry : map.entries) {
    if (entry.key == key) return map.items[entry.item];
  }
  return map.add(key, {}, {.kind = YamlNode::Kind::map, .origin = origin});
}

void lay_over(YamlNode& root, const Override& above) {
  YamlNode* parent = &root;
  std::string_view rest = above.path;
  for (std::size_t dot = rest.find('.'); dot != std::string_view::npos; dot = rest.find('.')) {
    parent = &child(*parent, std::string{rest.substr(0, dot)}, above.origin);
    if (parent->kind != YamlNode::Kind::map) return;  // A problem anyway.
    rest.remove_prefix(dot + 1);
  }
  child(*parent, std::string{rest}, above.origin) = {
      .kind = YamlNode::Kind::scalar, .text = above.value, .origin = above.origin};
}

/// `; did you mean 'LISTEN'?` with the whole name.
std::string with_prefix(std::string hint) {
  const std::size_t quote = hint.find('\'');
  return quote == std::string::npos ? hint : hint.insert(quote + 1, kVariablePrefix);
}

/// Keys that a file may not have either: who sets them must not get memory only, or plain text, instead.
bool is_of_a_later_version(std::string_view variable) {
  constexpr std::array<std::string_view, 6> paths{"journal.unsettled", "journal.limit",    "tls.cert",
                                                  "tls.key",           "backstage.listen", "backstage.base"};
  return std::any_of(paths.begin(), paths.end(),
                     [variable](std::string_view path) { return variable_name(path) == variable; });
}

/// Those that the file itself reads mean something after all.
void tell_unknown_variables(const std::vector<std::string>& unknown, const std::set<std::string>& read,
                            Problems& problems) {
  // Without the prefix, which would make all of them near.
  std::vector<std::string> names;
  for (const std::string& path : scalar_paths()) names.push_back(variable_name(path).substr(kVariablePrefix.size()));
  for (const std::string& variable : unknown) {
    if (read.contains(variable)) continue;
    if (is_of_a_later_version(variable)) {
      problems.error({}, "environment variable " + variable + ": not built yet");
      continue;
    }
    const std::string hint =
        suggestion(std::string_view{variable}.substr(kVariablePrefix.size()), {names.begin(), names.end()});
    problems.warning({}, "environment variable " + variable + " means nothing" + with_prefix(hint));
  }
}

Loaded load_tree(YamlNode root, Problems problems, const LoadOptions& options, const std::filesystem::path& folder) {
  for (const Override& above : options.overrides.values) lay_over(root, above);
  std::set<std::string> read;
  const auto environment = [&](const std::string& name) {
    read.insert(name);
    return options.environment(name);
  };
  const Substitution substitution{options.environment ? Environment{environment} : Environment{}, folder};
  Config config;
  config.threads = config.workers = half_the_cores();
  read_file_sections({problems, substitution}, root, options, config);
  tell_unknown_variables(options.overrides.unknown_variables, read, problems);
  Loaded loaded{.config = std::nullopt, .problems = std::move(problems)};
  if (!loaded.problems.any(Severity::error)) loaded.config = std::move(config);
  return loaded;
}

Loaded load_named(std::string_view text, const std::string& name, const std::filesystem::path& folder,
                  const LoadOptions& options) {
  Problems problems{name};
  std::optional<YamlNode> root = read_yaml(text, problems);
  if (!root) return {.config = std::nullopt, .problems = std::move(problems)};
  if (root->kind != YamlNode::Kind::map) {
    problems.error(root->at, root->kind == YamlNode::Kind::null ? std::string{kLeastFile}
                                                                : "a map belongs here, such as sources: { … }");
    return {.config = std::nullopt, .problems = std::move(problems)};
  }
  return load_tree(std::move(*root), std::move(problems), options, folder);
}

YamlNode quoted_variable(const std::string& variable) {
  return {.kind = YamlNode::Kind::scalar, .text = "${env:" + variable + "}", .quoted = true, .origin = "--secret-env"};
}

}  // namespace

const Source* Config::source(std::string_view name) const noexcept {
  const auto found = std::find_if(sources.begin(), sources.end(), [&](const Source& s) { return s.name == name; });
  return found == sources.end() ? nullptr : &*found;
}

std::size_t Config::payload_bytes_max() const noexcept {
  std::size_t most = limits.payload_bytes_max;
  for (const Source& source : sources) most = std::max(most, source.payload_bytes_max);
  return most;
}

Loaded load_text(std::string_view text, const std::string& name, const LoadOptions& options) {
  return load_named(text, name, std::filesystem::path{name}.parent_path(), options);
}

Loaded load_file(const std::string& path, const LoadOptions& options) {
  FileText file = read_file(path, kFileBytesMax);
  if (!file.error.empty()) {
    Problems problems{path};
    problems.error({}, file.error);
    return {.config = std::nullopt, .problems = std::move(problems)};
  }
  return load_text(file.text, path, options);
}

Loaded load_quick(const QuickSource& quick, const LoadOptions& options, const std::string& name) {
  YamlNode source{.kind = YamlNode::Kind::map, .origin = "--source"};
  source.add("preset", {}, {.kind = YamlNode::Kind::scalar, .text = quick.preset, .origin = "--source"});
  YamlNode secrets{.kind = YamlNode::Kind::list, .origin = "--secret-env"};
  for (const std::string& variable : quick.secret_variables) secrets.items.push_back(quoted_variable(variable));
  const verify::Preset* preset = verify::preset(quick.preset);
  const bool path_token = preset != nullptr && preset->scheme.kind == verify::Kind::path_token;
  if (!secrets.items.empty()) source.add(path_token ? "path_token" : "secrets", {}, std::move(secrets));
  if (quick.user) {
    source.add("user", {}, {.kind = YamlNode::Kind::scalar, .text = *quick.user, .origin = "--user"});
  }
  YamlNode sources{.kind = YamlNode::Kind::map};
  sources.add(quick.preset, {}, std::move(source));
  YamlNode root{.kind = YamlNode::Kind::map};
  root.add("sources", {}, std::move(sources));
  return load_tree(std::move(root), Problems{name}, options, {});
}

}  // namespace penstock::config
