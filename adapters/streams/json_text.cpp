#include "streams/json_text.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

namespace penstock::streams {

namespace json = boost::json;

namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

json::parse_options strict_but_deep() {
  json::parse_options options;
  options.max_depth = kJsonDepthMax;
  return options;
}

// What Boost.JSON's parser tells about a value, and nobody wants to know. The names and values are Boost's.
// NOLINTBEGIN(readability-identifier-naming,readability-convert-member-functions-to-static)
struct Nobody {
  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();
  using Code = json::error_code;
  using Text = json::string_view;

  bool on_document_begin(Code& /*ec*/) { return true; }
  bool on_document_end(Code& /*ec*/) { return true; }
  bool on_array_begin(Code& /*ec*/) { return true; }
  bool on_array_end(std::size_t /*n*/, Code& /*ec*/) { return true; }
  bool on_object_begin(Code& /*ec*/) { return true; }
  bool on_object_end(std::size_t /*n*/, Code& /*ec*/) { return true; }
  bool on_string_part(Text /*s*/, std::size_t /*n*/, Code& /*ec*/) { return true; }
  bool on_string(Text /*s*/, std::size_t /*n*/, Code& /*ec*/) { return true; }
  bool on_key_part(Text /*s*/, std::size_t /*n*/, Code& /*ec*/) { return true; }
  bool on_key(Text /*s*/, std::size_t /*n*/, Code& /*ec*/) { return true; }
  bool on_number_part(Text /*s*/, Code& /*ec*/) { return true; }
  bool on_int64(std::int64_t /*i*/, Text /*s*/, Code& /*ec*/) { return true; }
  bool on_uint64(std::uint64_t /*u*/, Text /*s*/, Code& /*ec*/) { return true; }
  bool on_double(double /*d*/, Text /*s*/, Code& /*ec*/) { return true; }
  bool on_bool(bool /*b*/, Code& /*ec*/) { return true; }
  bool on_null(Code& /*ec*/) { return true; }
  bool on_comment_part(Text /*s*/, Code& /*ec*/) { return true; }
  bool on_comment(Text /*s*/, Code& /*ec*/) { return true; }
};
// NOLINTEND(readability-identifier-naming,readability-convert-member-functions-to-static)

std::uint8_t byte_at(std::string_view text, std::size_t at) { return static_cast<std::uint8_t>(text[at]); }

/// Lead bytes, the length that they announce, and the second bytes that may follow: RFC 3629, 4. The narrow ones keep
/// out sequences longer than needed, surrogates, and what is above U+10FFFF.
struct Utf8Row {
  std::uint8_t lead_first, lead_last;
  std::size_t length;
  std::uint8_t second_first, second_last;
};
constexpr std::array kUtf8{Utf8Row{0xC2, 0xDF, 2, 0x80, 0xBF}, Utf8Row{0xE0, 0xE0, 3, 0xA0, 0xBF},
                           Utf8Row{0xE1, 0xEC, 3, 0x80, 0xBF}, Utf8Row{0xED, 0xED, 3, 0x80, 0x9F},
                           Utf8Row{0xEE, 0xEF, 3, 0x80, 0xBF}, Utf8Row{0xF0, 0xF0, 4, 0x90, 0xBF},
                           Utf8Row{0xF1, 0xF3, 4, 0x80, 0xBF}, Utf8Row{0xF4, 0xF4, 4, 0x80, 0x8F}};

/// Bytes of the UTF-8 sequence at `at`; 0: there is none.
std::size_t utf8_length(std::string_view text, std::size_t at) {
  const auto within = [&](std::size_t i, std::uint8_t first, std::uint8_t last) {
    return i < text.size() && byte_at(text, i) >= first && byte_at(text, i) <= last;
  };
  if (byte_at(text, at) < 0x80) return 1;
  const auto* const row =
      std::find_if(kUtf8.begin(), kUtf8.end(), [&](const Utf8Row& r) { return within(at, r.lead_first, r.lead_last); });
  if (row == kUtf8.end() || !within(at + 1, row->second_first, row->second_last)) return 0;
  for (std::size_t i = at + 2; i < at + row->length; ++i) {
    if (!within(i, 0x80, 0xBF)) return 0;
  }
  return row->length;
}

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  out += "\\u00";
  out += kHex[static_cast<std::uint8_t>(c) >> 4U];
  out += kHex[static_cast<std::uint8_t>(c) & 0xFU];
}

bool stands_as_it_is(char c) {
  const auto byte = static_cast<std::uint8_t>(c);
  return byte >= 0x20 && byte < 0x7F && c != '"' && c != '\\';
}

}  // namespace

struct JsonChecker::Parser : json::basic_parser<Nobody> {
  Parser() : json::basic_parser<Nobody>{strict_but_deep()} {}
};

JsonChecker::JsonChecker() : parser_{std::make_unique<Parser>()} {}
JsonChecker::JsonChecker(JsonChecker&& other) noexcept = default;
JsonChecker& JsonChecker::operator=(JsonChecker&& other) noexcept = default;
JsonChecker::~JsonChecker() = default;

bool JsonChecker::valid(std::string_view text) {
  parser_->reset();
  json::error_code error;
  const std::size_t read = parser_->write_some(false, text.data(), text.size(), error);
  return !error && read == text.size() && parser_->done();
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t run = at;
    while (at < text.size() && stands_as_it_is(text[at])) ++at;
    out.append(text, run, at - run);
    if (at == text.size()) break;
    const std::size_t length = utf8_length(text, at);
    if (length == 0) {
      out += "\xEF\xBF\xBD";  // U+FFFD: a reader of JSON may refuse the whole text for one wrong byte.
    } else if (length == 1) {
      append_escaped(out, text[at]);
    } else {
      out.append(text, at, length);
    }
    at += length == 0 ? 1 : length;
  }
  out += '"';
}

void append_base64(std::string& out, std::string_view bytes) {
  out.reserve(out.size() + (bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t given = bytes.size() - at < 3 ? bytes.size() - at : 3;
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) group = group << 8U | (i < given ? byte_at(bytes, at + i) : 0U);
    std::array<char, 4> letters{kBase64[group >> 18U], kBase64[group >> 12U & 63U], '=', '='};
    if (given > 1) letters[2] = kBase64[group >> 6U & 63U];
    if (given > 2) letters[3] = kBase64[group & 63U];
    out.append(letters.data(), letters.size());
  }
}

}  // namespace penstock::streams
