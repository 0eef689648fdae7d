#include "sending/json_place.hpp"

#include <algorithm>
#include <string>

namespace penstock::sending {
namespace {

/// Steps through JSON text; every step says whether it found what it looked for.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_{text} {}

  [[nodiscard]] std::size_t at() const noexcept { return at_; }

  bool take(char c) {
    skip_blanks();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  void skip_blanks() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }

  /// The text between the quotes, as it is written.
  std::optional<std::string_view> take_string() {
    skip_blanks();
    const std::size_t begin = at_ + 1;
    if (!skip_string()) return std::nullopt;
    return text_.substr(begin, at_ - 1 - begin);
  }

  bool skip_value() {
    skip_blanks();
    if (at_ >= text_.size()) return false;
    if (text_[at_] == '"') return skip_string();
    if (text_[at_] != '{' && text_[at_] != '[') {
      at_ = std::min(text_.find_first_of(" \t\r\n,]}", at_), text_.size());
      return true;
    }
    for (std::size_t depth = 0; at_ < text_.size();) {
      const char c = text_[at_];
      if (c == '"') {
        if (!skip_string()) return false;
        continue;
      }
      ++at_;
      if (c == '{' || c == '[') ++depth;
      if ((c == '}' || c == ']') && --depth == 0) return true;
    }
    return false;
  }

 private:
  bool skip_string() {
    if (at_ >= text_.size() || text_[at_] != '"') return false;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == '"') {
        ++at_;
        return true;
      }
    }
    return false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

/// RFC 6901, 4: `~1` is `/`, then `~0` is `~`.
std::string unescaped(std::string_view step) {
  std::string name;
  for (std::size_t i = 0; i < step.size(); ++i) {
    const bool escape = step[i] == '~' && i + 1 < step.size();
    if (escape) ++i;
    name += escape ? (step[i] == '1' ? '/' : '~') : step[i];
  }
  return name;
}

/// Goes into the object at hand, to the value of `name`.
bool enter(Scanner& scanner, std::string_view name) {
  if (!scanner.take('{')) return false;
  do {
    const std::optional<std::string_view> key = scanner.take_string();
    if (!key || !scanner.take(':')) return false;
    if (*key == name) return true;
    if (!scanner.skip_value()) return false;
  } while (scanner.take(','));
  return false;
}

}  // namespace

std::optional<Place> find_json(std::string_view text, std::string_view pointer) {
  Scanner scanner{text};
  while (!pointer.empty()) {
    if (pointer.front() != '/') return std::nullopt;
    pointer.remove_prefix(1);
    const std::size_t end = std::min(pointer.find('/'), pointer.size());
    if (!enter(scanner, unescaped(pointer.substr(0, end)))) return std::nullopt;
    pointer.remove_prefix(end);
  }
  scanner.skip_blanks();
  const std::size_t begin = scanner.at();
  if (!scanner.skip_value()) return std::nullopt;
  return Place{begin, scanner.at()};
}

}  // namespace penstock::sending
