#include "config/yaml_tree.hpp"

#include "config/utf8.hpp"
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>
#include <unordered_map>
#include <utility>

namespace penstock::config {
namespace {

struct TooDeep {
  Position at;
};

/// Where lines begin, to turn yaml-cpp's byte columns into characters.
class Text {
 public:
  explicit Text(std::string_view bytes) : bytes_{bytes}, starts_{0} {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (bytes[i] == '\n') starts_.push_back(i + 1);
    }
  }

  [[nodiscard]] std::size_t offset(const YAML::Mark& mark) const {
    const std::size_t line = std::min(static_cast<std::size_t>(std::max(mark.line, 0)), starts_.size() - 1);
    return std::min(starts_[line] + static_cast<std::size_t>(std::max(mark.column, 0)), bytes_.size());
  }

  [[nodiscard]] Position position(const YAML::Mark& mark) const { return position(offset(mark)); }

  [[nodiscard]] Position position(std::size_t offset) const {
    const auto behind = std::upper_bound(starts_.begin(), starts_.end(), offset);
    const std::size_t start = *std::prev(behind);
    const auto* const from = bytes_.begin() + start;
    const auto characters = std::count_if(from, bytes_.begin() + offset,
                                          [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
    return {static_cast<int>(behind - starts_.begin()), static_cast<int>(characters) + 1};
  }

  [[nodiscard]] std::string_view line(int number) const {
    const std::size_t start = starts_.at(static_cast<std::size_t>(number - 1));
    return bytes_.substr(start, bytes_.find('\n', start) - start);
  }

  /// Whether the quoted scalar at `mark` ends; yaml-cpp 0.7 takes the end of the file for its end.
  [[nodiscard]] bool quote_ends(const YAML::Mark& mark) const {
    std::size_t at = offset(mark);
    const char quote = at < bytes_.size() ? bytes_[at] : '\0';
    if (quote == '\'') return bytes_.find('\'', at + 1) != std::string_view::npos;
    if (quote != '"') return true;  // A block scalar.
    for (++at; at < bytes_.size() && bytes_[at] != '"'; ++at) {
      if (bytes_[at] == '\\') ++at;
    }
    return at < bytes_.size();
  }

 private:
  std::string_view bytes_;
  std::vector<std::size_t> starts_;
};

class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(const Text& text, Problems& problems) : text_{text}, problems_{problems} {}

  [[nodiscard]] YamlNode take() && { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override { (void)mark; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add({.kind = YamlNode::Kind::null, .at = plain(mark, "?", anchor)});
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    problems_.error(text_.position(mark), "an alias (*name) cannot stand here; write the value out");
    add({.kind = YamlNode::Kind::null, .at = text_.position(mark)});
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    const Position at = plain(mark, tag, anchor);
    const bool quoted = tag == "!";
    if (quoted && !text_.quote_ends(mark)) problems_.error(at, "the quote that begins here never ends");
    add({.kind = YamlNode::Kind::scalar, .at = at, .text = value, .quoted = quoted});
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open({.kind = YamlNode::Kind::list, .at = plain(mark, tag, anchor)});
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open({.kind = YamlNode::Kind::map, .at = plain(mark, tag, anchor)});
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    YamlNode node;
    std::optional<YamlNode> key = {};  ///< A key whose value has not come yet.
    std::unordered_map<std::string, Position> seen = {};
  };

  Position plain(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    const Position at = text_.position(mark);
    if (anchor != 0) problems_.error(at, "an anchor (&name) cannot stand here; write the value out where it is needed");
    if (!tag.empty() && tag != "?" && tag != "!") problems_.error(at, "a tag cannot stand here; leave it out");
    return at;
  }

  void open(YamlNode&& node) {
    if (open_.size() >= kDepthMax) throw TooDeep{node.at};
    open_.push_back({.node = std::move(node)});
  }

  void close() {
    YamlNode done = std::move(open_.back().node);
    open_.pop_back();
    add(std::move(done));
  }

  void add(YamlNode&& node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.kind == YamlNode::Kind::list) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.key) {
      parent.key = std::move(node);
    } else {
      add_entry(parent, std::move(node));
    }
  }

  void add_entry(Open& parent, YamlNode&& value) {
    const YamlNode key = std::move(*parent.key);
    parent.key.reset();
    if (key.kind != YamlNode::Kind::scalar) {
      problems_.error(key.at, "a key must be a name");
      return;
    }
    const auto [first, fresh] = parent.seen.emplace(key.text, key.at);
    if (!fresh) {
      problems_.error(key.at, "key " + shown(key.text) + " stands twice; the first is at " +
                                  std::to_string(first->second.line) + ':' + std::to_string(first->second.column));
      return;
    }
    if (value.kind == YamlNode::Kind::null) value.at = key.at;  // yaml-cpp gives the next token's place.
    parent.node.add(key.text, key.at, std::move(value));
  }

  const Text& text_;
  Problems& problems_;
  std::vector<Open> open_;
  YamlNode root_;
};

/// Offset of the first byte that is not UTF-8, or a NUL; npos if there is none.
std::size_t first_bad_byte(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_at(text.substr(at)).length;
    if (length == 0 || text[at] == '\0') return at;
    at += length;
  }
  return std::string_view::npos;
}

std::string syntax_error(const YAML::Exception& error, const Text& text, Position at) {
  const std::string_view line = text.line(at.line);
  std::string what = "not YAML: " + error.msg;
  if (line.find("${") != std::string_view::npos) return what + R"(; write ${…} in quotes: "${env:NAME}")";
  if (line.find('\t') != std::string_view::npos) return what + "; indent with spaces, not tabs";
  return what;
}

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const noexcept {
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &items[found->item];
}

YamlNode& YamlNode::add(std::string key, Position key_at, YamlNode&& value) {
  entries.push_back({std::move(key), key_at, items.size()});
  items.push_back(std::move(value));
  return items.back();
}

std::optional<YamlNode> read_yaml(std::string_view bytes, Problems& problems) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (bytes.substr(0, byte_order_mark.size()) == byte_order_mark) bytes.remove_prefix(byte_order_mark.size());
  const Text text{bytes};
  if (const std::size_t bad = first_bad_byte(bytes); bad != std::string_view::npos) {
    problems.error(text.position(bad), "not UTF-8 text");
    return std::nullopt;
  }
  TreeBuilder builder{text, problems};
  try {
    std::istringstream stream{std::string{bytes}};
    YAML::Parser parser{stream};
    if (!parser.HandleNextDocument(builder)) return YamlNode{.at = {1, 1}};
    YamlNode root = std::move(builder).take();
    Problems rest{""};
    TreeBuilder second{text, rest};
    if (parser.HandleNextDocument(second)) problems.error(std::move(second).take().at, "a second document; write one");
    return root;
  } catch (const TooDeep& deep) {
    problems.error(deep.at, "nested deeper than " + std::to_string(kDepthMax) + " levels");
  } catch (const YAML::Exception& error) {
    const Position at = text.position(error.mark);
    problems.error(at, syntax_error(error, text, at));
  }
  return std::nullopt;
}

}  // namespace penstock::config
