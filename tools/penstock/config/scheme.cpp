#include "config/scheme.hpp"

#include <algorithm>
#include <array>

namespace penstock::config {
namespace {

constexpr std::array<std::string_view, 5> kPlaces{"{body}", "{ts}", "{url}", "{method}", "{secret}"};
constexpr std::string_view kHeaderPlace = "{header:";

/// The kind that is written; the preset's when none is; nullopt: a problem was noted.
std::optional<verify::Kind> read_kind(const SectionReader& reader, const verify::Scheme* base) {
  constexpr std::string_view key = "kind";
  constexpr std::array<std::string_view, 6> built{"hmac", "token", "basic", "bearer", "path-token", "none"};
  if (reader.find(key) == nullptr) {
    if (base != nullptr) return base->kind;
    reader.error(reader.node(), "", "'kind' is missing; write hmac, token, basic, bearer, path-token or none");
    return std::nullopt;
  }
  const std::optional<Value> value = reader.text(key);
  if (!value) return std::nullopt;
  if (const std::optional<verify::Kind> kind = verify::kind_named(value->text)) return kind;
  const auto later = kinds_not_built();
  if (std::find(later.begin(), later.end(), value->text) != later.end()) {
    reader.error(*reader.find(key), key, "not built yet: " + shown(value->written));
    return std::nullopt;
  }
  std::string hint = reader.hint(value->written, {built.begin(), built.end()});
  if (hint.empty()) hint = "; write hmac, token, basic, bearer, path-token or none";
  reader.error(*reader.find(key), key, shown(value->written) + " is unknown" + hint);
  return std::nullopt;
}

/// A key of which this version knows one value only. False: a problem was noted.
bool only_value(const SectionReader& reader, std::string_view key, std::string_view known) {
  const std::optional<Value> value = reader.text(key);
  if (!value) return reader.find(key) == nullptr;
  if (value->text == known || !value->known) return true;
  reader.error(*reader.find(key), key,
               "not built yet: " + shown(value->written) + "; this version knows '" + std::string{known} + "'");
  return false;
}

/// The first {…} of `text` that no version will ever know; empty if there is none.
std::string_view unknown_place(std::string_view text) {
  for (std::size_t open = text.find('{'); open != std::string_view::npos; open = text.find('{', open + 1)) {
    const std::size_t close = std::min(text.find('}', open), text.size() - 1);
    const std::string_view place = text.substr(open, close - open + 1);
    const bool known =
        std::find(kPlaces.begin(), kPlaces.end(), place) != kPlaces.end() || place.rfind(kHeaderPlace, 0) == 0;
    if (!known) return place;
  }
  return {};
}

/// What is signed: the body alone so far. False: a problem was noted.
bool signs_body(const SectionReader& reader) {
  constexpr std::string_view key = "signed";
  const std::optional<Value> value = reader.text(key);
  if (!value) return reader.find(key) == nullptr;
  if (value->text == kPlaces.front() || !value->known) return true;
  if (value->replaced) return only_value(reader, key, kPlaces.front());
  if (const std::string_view place = unknown_place(value->written); !place.empty()) {
    std::string hint = reader.hint(place, {kPlaces.begin(), kPlaces.end()});
    if (hint.empty()) hint = "; write {body}";
    reader.error(*reader.find(key), key, shown(place) + " is unknown" + hint);
    return false;
  }
  if (value->written.find(kPlaces.front()) == std::string::npos) {
    reader.error(*reader.find(key), key, shown(value->written) + " leaves the body unsigned; write {body}");
    return false;
  }
  return only_value(reader, key, kPlaces.front());
}

/// A key that says nothing under this kind is a mistake: its writer believes that it does.
bool belongs(const SectionReader& reader, verify::Kind kind) {
  using verify::Kind;
  struct Rule {
    std::string_view key;
    std::array<bool, 6> kinds;  // By Kind.
  };
  constexpr std::array rules{Rule{"header", {true, true, false, false, false, false}},
                             Rule{"item", {true, false, false, false, false, false}},
                             Rule{"encoding", {true, false, false, false, false, false}},
                             Rule{"signed", {true, false, false, false, false, false}},
                             Rule{"hash", {true, false, false, false, false, false}},
                             Rule{"key", {true, false, false, false, false, false}},
                             Rule{"user", {false, false, true, false, false, false}}};
  bool good = true;
  for (const Rule& rule : rules) {
    const YamlNode* node = reader.find(rule.key);
    if (node == nullptr || rule.kinds.at(static_cast<std::size_t>(kind))) continue;
    reader.error(*node, rule.key, "has no meaning for kind " + std::string{verify::to_string(kind)} + "; take it away");
    good = false;
  }
  return good;
}

void take_text(const SectionReader& reader, std::string_view key, std::string& into, bool& replaced) {
  std::optional<Value> value = reader.text(key);
  if (!value || !value->known) return;
  into = std::move(value->text);
  replaced = replaced || value->replaced;
}

}  // namespace

std::optional<ReadScheme> read_scheme(const Context& context, const YamlNode& node, const std::string& path,
                                      const verify::Scheme* base) {
  const SectionReader reader{context, node, path, Section::verify};
  if (node.kind != YamlNode::Kind::map) return std::nullopt;
  const std::optional<verify::Kind> kind = read_kind(reader, base);
  if (!kind) return std::nullopt;
  ReadScheme read{base != nullptr && base->kind == *kind ? *base : verify::Scheme{.kind = *kind}};
  bool good = belongs(reader, *kind);
  good = signs_body(reader) && good;
  good = only_value(reader, "hash", "sha256") && good;
  good = only_value(reader, "key", "text") && good;
  if (!good) return std::nullopt;
  take_text(reader, "header", read.scheme.header, read.replaced);
  take_text(reader, "item", read.scheme.item, read.replaced);
  take_text(reader, "user", read.scheme.user, read.replaced);
  reader.choice("encoding", read.scheme.encoding,
                {{"hex", verify::Encoding::hex}, {"base64", verify::Encoding::base64}});
  return read;
}

}  // namespace penstock::config
