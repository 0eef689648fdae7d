#include "config/section_reader.hpp"

namespace penstock::config {
namespace {

std::string list_of(const std::vector<std::string_view>& names) {
  std::string list;
  for (const std::string_view name : names) {
    if (!list.empty()) list += ", ";
    list += name;
  }
  return list;
}

std::string plain_number(std::uint64_t number) { return std::to_string(number); }

std::string milliseconds_text(std::uint64_t ms) {
  return duration_text(std::chrono::milliseconds{static_cast<std::int64_t>(ms)});
}

}  // namespace

void report(const Context& context, const YamlNode& node, std::string_view path, std::string_view text) {
  const std::string name = node.origin.empty() ? std::string{path} : node.origin;
  context.problems.error(node.at, name + (name.empty() ? "" : ": ") + std::string{text});
}

std::optional<Value> read_scalar(const Context& context, const YamlNode& node, std::string_view path) {
  if (node.kind == YamlNode::Kind::null) {
    report(context, node, path, "the value is missing");
    return std::nullopt;
  }
  if (node.kind != YamlNode::Kind::scalar) {
    report(context, node, path, "one value belongs here, not a list or a map");
    return std::nullopt;
  }
  Value value{.text = node.text, .written = node.text, .at = node.at, .path = std::string{path}};
  // A variable's own text is taken as it is: substitution is the file's.
  if (!has_substitution(node.text) || (!node.quoted && !node.origin.empty())) return value;
  if (!node.quoted) {
    report(context, node, path, R"(${…} is replaced in quotes only; write "${env:NAME}")");
    return std::nullopt;
  }
  Substituted substituted = context.substitution.apply(node.text);
  if (!substituted.error.empty()) {
    report(context, node, path, substituted.error);
    return std::nullopt;
  }
  value.text = std::move(substituted.text);
  value.known = substituted.known;
  value.replaced = substituted.replaced;
  return value;
}

std::optional<verify::Secret> read_secret(const Context& context, const YamlNode& node, std::string_view path) {
  std::optional<Value> value = read_scalar(context, node, path);
  if (!value) return std::nullopt;
  value->written.clear();
  if (!value->known) return verify::Secret{std::string{"stand-in"}};
  if (value->text.empty()) {
    report(context, node, path,
           value->replaced || !node.origin.empty()
               ? "the secret is empty: the variable or the file that it names holds nothing"
               : R"(the secret is empty; write "${env:NAME}" or "${file:PATH}")");
    return std::nullopt;
  }
  if (value->text.find_first_not_of(" \t\r\n\f\v") == std::string::npos) {
    report(context, node, path,
           "the secret is blank: nothing but white space; is the variable or the file the right one?");
    return std::nullopt;
  }
  if (!value->replaced && node.origin.empty()) {
    context.problems.warning(
        node.at, std::string{path} + R"(: a secret is written out in the file; write "${env:NAME}" or "${file:PATH}")");
  }
  return verify::Secret{std::move(value->text)};
}

SectionReader::SectionReader(const Context& context, const YamlNode& node, std::string path, Section section)
    : context_{context}, node_{node}, path_{std::move(path)} {
  if (node.kind == YamlNode::Kind::map) {
    check_keys(section);
    return;
  }
  std::vector<std::string_view> names;
  for (const Key& key : keys(section)) {
    if (key.built) names.push_back(key.name);
  }
  report(context, node, path_, "a map belongs here, with some of " + list_of(names));
}

void SectionReader::check_keys(Section section) const {
  const std::span<const Key> known = keys(section);
  for (const YamlNode::Entry& entry : node_.entries) {
    const auto key = std::find_if(known.begin(), known.end(), [&](const Key& k) { return k.name == entry.key; });
    if (key == known.end() && context_.problems.errors_are_full()) {
      context_.problems.error_unlisted();
    } else if (key == known.end()) {
      std::vector<std::string_view> names;
      for (const Key& candidate : known) names.push_back(candidate.name);
      context_.problems.error(entry.at, (path_.empty() ? "" : path_ + ": ") + "unknown key " + shown(entry.key) +
                                            suggestion(entry.key, names));
    } else if (!key->built) {
      context_.problems.error(entry.at, this->path(entry.key) + ": not built yet");
    }
  }
}

std::string SectionReader::hint(std::string_view name, const std::vector<std::string_view>& known) const {
  return context_.problems.errors_are_full() ? std::string{} : suggestion(name, known);
}

const YamlNode* SectionReader::find(std::string_view key) const { return node_.find(key); }

std::string SectionReader::path(std::string_view key) const {
  if (path_.empty()) return std::string{key};
  return key.empty() ? path_ : path_ + '.' + std::string{key};
}

void SectionReader::error(const YamlNode& node, std::string_view key, std::string_view text) const {
  report(context_, node, path(key), text);
}

std::optional<Value> SectionReader::text(std::string_view key) const {
  const YamlNode* node = find(key);
  if (node == nullptr) return std::nullopt;
  return read_scalar(context_, *node, path(key));
}

std::vector<Value> SectionReader::texts(std::string_view key) const {
  std::vector<Value> values;
  const YamlNode* node = find(key);
  if (node == nullptr) return values;
  const auto add = [&](const YamlNode& item) {
    if (std::optional<Value> value = read_scalar(context_, item, path(key))) values.push_back(std::move(*value));
  };
  if (node->kind != YamlNode::Kind::list) {
    add(*node);
    return values;
  }
  for (const YamlNode& item : node->items) add(item);
  return values;
}

template <typename T, typename Parse>
std::optional<T> SectionReader::parsed(std::string_view key, Parse parse) const {
  const std::optional<Value> value = text(key);
  if (!value || !value->known) return std::nullopt;
  const Parsed<T> result = parse(value->text);
  if (const T* quantity = std::get_if<T>(&result)) return *quantity;
  // What a substitution put in place is not shown, not even when it is no secret: nobody can tell.
  error(*find(key), key,
        value->replaced ? shown(value->written) + " gives no good value" : std::get<UnitError>(result).text);
  return std::nullopt;
}

bool SectionReader::in_range(std::string_view key, std::uint64_t number, Range range,
                             std::string (*write)(std::uint64_t)) const {
  if (number >= range.min && number <= range.max) return true;
  error(*find(key), key, write(number) + " is not between " + write(range.min) + " and " + write(range.max));
  return false;
}

void SectionReader::size(std::string_view key, std::size_t& into, Range range) const {
  const auto bytes = parsed<std::uint64_t>(key, parse_size);
  if (bytes && in_range(key, *bytes, range, size_text)) into = *bytes;
}

void SectionReader::duration(std::string_view key, std::chrono::milliseconds& into, Range range) const {
  const auto duration = parsed<std::chrono::milliseconds>(key, parse_duration);
  if (duration && in_range(key, static_cast<std::uint64_t>(duration->count()), range, milliseconds_text)) {
    into = *duration;
  }
}

void SectionReader::count(std::string_view key, std::size_t& into, Range range) const {
  const auto number = parsed<std::uint64_t>(key, parse_count);
  if (number && in_range(key, *number, range, plain_number)) into = *number;
}

void SectionReader::endpoint(std::string_view key, Endpoint& into) const {
  if (auto endpoint = parsed<Endpoint>(key, parse_endpoint)) into = std::move(*endpoint);
}

void SectionReader::refuse_choice(std::string_view key, const Value& value,
                                  const std::vector<std::string_view>& names) const {
  const std::string what =
      value.replaced ? shown(value.written) + " gives no good value" : shown(value.text) + " is unknown";
  std::string hint = this->hint(value.written, names);
  if (hint.empty()) hint = "; write " + list_of(names);
  error(*find(key), key, what + hint);
}

}  // namespace penstock::config
