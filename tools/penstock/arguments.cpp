#include "arguments.hpp"

#include "config/problem.hpp"
#include "config/units.hpp"
#include "http/request.hpp"
#include "wrong_use.hpp"

#include <algorithm>

namespace penstock::command {
namespace {

using config::shown;

// RFC 9110, 5.6.2.
bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
  });
}

}  // namespace

bool is_field_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F; });
}

FieldLine field_line(const std::string& text) {
  const std::size_t colon = text.find(':');
  // Neither is quoted whole: the value may be a secret.
  if (colon == std::string::npos || !is_token(std::string_view{text}.substr(0, colon))) {
    throw WrongUse{"-H: write 'name: value', with a name as HTTP has it"};
  }
  if (!is_field_value(text)) {
    throw WrongUse{"-H " + shown(text.substr(0, colon)) +
                   ": its value holds a control character, such as a line's end"};
  }
  const std::size_t begin = text.find_first_not_of(" \t", colon + 1);
  const std::size_t end = text.find_last_not_of(" \t");
  return {text.substr(0, colon), begin == std::string::npos ? "" : text.substr(begin, end - begin + 1)};
}

FieldLine own_field_line(const std::string& text) {
  FieldLine line = field_line(text);
  for (const std::string_view own : {"host", "content-length", "transfer-encoding", "connection"}) {
    if (http::equal_without_case(line.first, own))
      throw WrongUse{"-H " + shown(line.first) +
                     ": the request's own; it follows from where it goes and from its body"};
  }
  return line;
}

double rate(const std::string& text) {
  if (text.empty()) return 0;
  const bool bare = std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  const config::Parsed<config::Rate> parsed = config::parse_rate(bare ? text + "/s" : text);
  if (const auto* error = std::get_if<config::UnitError>(&parsed)) throw WrongUse{"--rate " + error->text};
  const auto value = std::get<config::Rate>(parsed);
  if (value.count == 0) throw WrongUse{"--rate must be above 0"};
  return static_cast<double>(value.count) * 1000.0 / static_cast<double>(value.per.count());
}

void require_method(const std::string& text) {
  if (!is_token(text)) throw WrongUse{"--method " + shown(text) + ": write a method, such as POST"};
}

void require_target(const std::string& text) {
  const bool good = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != 0x7F;
  });
  // Not quoted: it may hold a path token.
  if (!good) throw WrongUse{"--target: write a path, such as '/hooks/github?a=b', without blanks"};
}

void require_certificate(const std::string& text) {
  const std::size_t equals = text.rfind('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
    throw WrongUse{"--certificate " + shown(text) + ": write URL=FILE"};
  }
}

}  // namespace penstock::command
