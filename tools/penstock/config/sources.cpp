#include "config/sources.hpp"

#include "config/credentials.hpp"
#include "config/limits.hpp"
#include "config/scheme.hpp"
#include "webhook_in/hooks.hpp"
#include "webhook_in/source_name.hpp"
#include <penstock/error.hpp>
#include <penstock/topic.hpp>

#include <algorithm>
#include <array>

namespace penstock::config {
namespace {

bool read_name(const Context& context, const YamlNode::Entry& entry) {
  // `other` is where the broker counts what belongs to no source.
  constexpr std::array<std::string_view, 3> reserved{"admin", "backstage", "other"};
  if (std::find(reserved.begin(), reserved.end(), entry.key) != reserved.end()) {
    context.problems.error(entry.at, "sources: the name " + shown(entry.key) + " is reserved; choose another");
    return false;
  }
  if (webhook_in::valid_source_name(entry.key)) return true;
  context.problems.error(entry.at, "sources: " + shown(entry.key) + std::string{webhook_in::kBadSourceName});
  return false;
}

/// The preset that is named; `good` false: a problem was noted.
const verify::Preset* read_preset(const SectionReader& reader, bool& good) {
  const YamlNode* node = reader.find("preset");
  if (node == nullptr) return nullptr;
  good = false;
  const std::optional<Value> value = reader.text("preset");
  if (!value) return nullptr;
  if (const verify::Preset* preset = verify::preset(value->text)) {
    good = true;
    return preset;
  }
  const auto later = presets_not_built();
  if (std::find(later.begin(), later.end(), value->text) != later.end()) {
    reader.error(*node, "", "preset " + shown(value->written) + " is not built yet");
    return nullptr;
  }
  std::vector<std::string_view> names;
  for (const verify::Preset& preset : verify::presets()) names.push_back(preset.name);
  std::string hint = reader.hint(value->written, names);
  if (hint.empty()) hint = reader.hint(value->written, {later.begin(), later.end()});
  if (hint.empty()) {
    hint = "; known are";
    for (const std::string_view name : names) hint += (name == names.front() ? " " : ", ") + std::string{name};
  }
  reader.error(*node, "", "unknown preset " + shown(value->written) + hint);
  return nullptr;
}

/// "header:NAME" or "json:/pointer". False: a problem was noted.
bool good_place(const SectionReader& reader, std::string_view key, const YamlNode& node, const Value& value) {
  constexpr std::string_view json = "json:";
  if (!value.known) return true;
  try {
    (void)webhook_in::parse_place(value.text);
    return true;
  } catch (const SetupError&) {
    std::string hint = "; write header:NAME or json:/POINTER";
    const std::string_view written = value.written;
    if (written.substr(0, json.size()) == json && written.size() > json.size() && written[json.size()] != '/') {
      std::string pointer{written.substr(json.size() + (written.substr(json.size(), 2) == "$." ? 2 : 0))};
      std::replace(pointer.begin(), pointer.end(), '.', '/');
      hint = "; did you mean 'json:/" + pointer + "'?";
    }
    reader.error(node, key, shown(value.written) + " is no place in a request" + hint);
    return false;
  }
}

void read_event(const SectionReader& reader, std::vector<std::string>& event) {
  constexpr std::string_view key = "event";
  const YamlNode* node = reader.find(key);
  if (node == nullptr) return;
  event.clear();
  for (const Value& value : reader.texts(key)) {
    if (good_place(reader, key, *node, value)) event.push_back(value.known ? value.text : value.written);
  }
}

void read_dedup(const SectionReader& source, Dedup& dedup) {
  const YamlNode* node = source.find("dedup");
  if (node == nullptr) return;
  if (node->kind == YamlNode::Kind::scalar && node->text == "off") {
    dedup.id.clear();
    return;
  }
  const SectionReader reader{source.context(), *node, source.path("dedup"), Section::dedup};
  if (node->kind != YamlNode::Kind::map) return;
  constexpr std::uint64_t window_min_ms = 1000;
  constexpr std::uint64_t window_max_ms = 366ULL * 86400000;
  reader.duration("window", dedup.window, {.min = window_min_ms, .max = window_max_ms});
  if (std::optional<Value> id = reader.text("id"); id && good_place(reader, "id", *reader.find("id"), *id)) {
    dedup.id = id->known ? std::move(id->text) : std::move(id->written);
  }
  if (dedup.id.empty() && reader.find("id") == nullptr)
    reader.error(*node, "", "'id' is missing: the place of the delivery id");
}

void read_status(const SectionReader& reader, int& status) {
  constexpr std::string_view key = "accepted_status";
  constexpr int no_content = 204;
  constexpr int reset_content = 205;
  auto number = static_cast<std::size_t>(status);
  reader.count(key, number, {.min = 200, .max = 299});
  status = static_cast<int>(number);
  if (status == no_content || status == reset_content) {
    reader.error(*reader.find(key), key,
                 std::to_string(status) + " carries no body, and the answer has one; write 200");
  }
}

void read_topic(const SectionReader& reader, Source& source) {
  const std::optional<Value> value = reader.text("topic");
  source.topic = source.name;
  if (!value || !value->known) return;
  if (!penstock::valid_base_topic(value->text)) {
    reader.error(
        *reader.find("topic"), "topic",
        shown(value->written) + " is no topic: levels of letters, digits and _ : / - joined by dots, at most 128");
    return;
  }
  source.topic = value->text;
}

/// What has nothing to do with who sends.
void read_rest(const SectionReader& reader, Source& source, const Limits& limits) {
  read_topic(reader, source);
  read_event(reader, source.event);
  read_dedup(reader, source.dedup);
  read_status(reader, source.accepted_status);
  reader.choice("encoded", source.keep_encoded, {{"keep", true}});
  read_source_limits(reader, limits, source.payload_bytes_max);
}

void read_source(const Context& context, const YamlNode::Entry& entry, const YamlNode& node, bool has_environment,
                 Config& config) {
  if (!read_name(context, entry)) return;
  Source source{.name = entry.key, .at = entry.at};
  const SectionReader reader{context, node, "sources." + entry.key, Section::source};
  if (node.kind != YamlNode::Kind::map) return;
  bool good = true;
  CredentialsOptions credentials{.has_environment = has_environment};
  const verify::Preset* preset = read_preset(reader, good);
  if (preset != nullptr) {
    source.preset = preset->name;
    source.event = preset->event;
    source.dedup.id = preset->dedup;
    source.scheme = preset->scheme;
  }
  read_rest(reader, source, config.limits);
  if (const YamlNode* verify_node = reader.find("verify")) {
    std::optional<ReadScheme> read =
        read_scheme(context, *verify_node, reader.path("verify"), preset != nullptr ? &preset->scheme : nullptr);
    good = good && read;
    if (read) {
      source.scheme = std::move(read->scheme);
      credentials.scheme_replaced = read->replaced;
    }
  } else if (preset == nullptr && good && reader.find("sqs") == nullptr) {
    reader.error(node, "", "who may send? add 'preset', or 'verify'; 'verify: { kind: none }' takes anything");
    good = false;
  }
  if (good && reader.find("sqs") == nullptr) read_credentials(reader, credentials, source);
  config.sources.push_back(std::move(source));
}

std::vector<std::string> folded(std::vector<std::string> places) {
  for (std::string& place : places) {
    if (place.rfind("header:", 0) != 0) continue;
    std::transform(place.begin(), place.end(), place.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  }
  return places;
}

/// A route belongs to the topic, so sources of one topic cannot differ.
void check_shared_topics(const Context& context, const std::vector<Source>& sources) {
  std::map<std::string, const Source*> first;
  for (const Source& source : sources) {
    const auto [entry, fresh] = first.emplace(source.topic, &source);
    if (fresh || folded(entry->second->event) == folded(source.event)) continue;
    context.problems.error(source.at, "sources." + source.name + ": its 'event' differs from that of source " +
                                          shown(entry->second->name) + ", and both are topic " + shown(source.topic) +
                                          "; make them agree, or give one another 'topic'");
  }
}

}  // namespace

void read_sources(const Context& context, const YamlNode& node, const std::string& only_source, Config& config) {
  if (node.kind != YamlNode::Kind::map) {
    report(context, node, "sources", "a map belongs here: the name of each source, and what it is");
    return;
  }
  const Substitution checked_only = context.substitution.without_environment();
  const Context without{context.problems, checked_only};
  for (const YamlNode::Entry& entry : node.entries) {
    const bool wanted = only_source.empty() || entry.key == only_source;
    read_source(wanted ? context : without, entry, node.value(entry), wanted && context.substitution.has_environment(),
                config);
  }
  check_shared_topics(context, config.sources);
}

}  // namespace penstock::config
