#include "http/field_rules.hpp"

#include "http/grammar.hpp"
#include "http/target.hpp"

#include <algorithm>

namespace penstock::http {

int FieldRules::take(const Field& field) noexcept {
  const auto& [name, value] = field;
  // Lengths first: nearly every field of a webhook is decided by its length alone.
  switch (name.size()) {
    case 4: return equal_without_case(name, "host") ? take_host(value) : 0;
    case 6: return equal_without_case(name, "expect") ? take_expect(value) : 0;
    case 10: return equal_without_case(name, "connection") ? take_connection(value) : 0;
    case 14: return equal_without_case(name, "content-length") ? take_content_length(value) : 0;
    case 17: return equal_without_case(name, "transfer-encoding") ? take_transfer_encoding(value) : 0;
    default: return 0;
  }
}

int FieldRules::take_host(std::string_view value) noexcept {
  if (host_ || !is_authority(value)) return 400;
  host_ = value;
  return 0;
}

int FieldRules::take_content_length(std::string_view value) noexcept {
  // 19 digits cannot overflow 64 bits. Equal repeats are legal (RFC 9112 6.3), but only a broken or hostile peer sends
  // them, so they are refused.
  if (content_length_ || value.empty() || value.size() > 19) return 400;
  if (!std::all_of(value.begin(), value.end(), grammar::is_digit)) return 400;
  std::uint64_t length = 0;
  for (const char c : value) length = length * 10 + static_cast<std::uint64_t>(c - '0');
  content_length_ = length;
  return 0;
}

int FieldRules::take_transfer_encoding(std::string_view value) noexcept {
  if (transfer_encoding_ || value.empty()) return 400;
  transfer_encoding_ = true;
  chunked_ = equal_without_case(value, "chunked");
  return chunked_ ? 0 : 501;
}

int FieldRules::take_connection(std::string_view value) noexcept {
  while (true) {
    const std::size_t comma = value.find(',');
    const std::string_view option = grammar::trim(value.substr(0, comma));
    if (!option.empty() && !grammar::is_token(option)) return 400;
    names_close_ = names_close_ || equal_without_case(option, "close");
    names_keep_alive_ = names_keep_alive_ || equal_without_case(option, "keep-alive");
    if (comma == std::string_view::npos) return 0;
    value.remove_prefix(comma + 1);
  }
}

int FieldRules::take_expect(std::string_view value) noexcept {
  (equal_without_case(value, "100-continue") ? names_continue_ : names_other_expectation_) = true;
  return 0;
}

int FieldRules::finish(int minor_version) noexcept {
  const bool is_1_0 = minor_version == 0;
  if (!host_ && !is_1_0) return 400;
  // Both at once, or a transfer coding in a version without them: two readers would see two different ends.
  if (transfer_encoding_ && (is_1_0 || content_length_)) return 400;
  if (names_other_expectation_ && !is_1_0) return 417;
  expects_continue_ = names_continue_ && !is_1_0;
  keep_alive_ = !names_close_ && (!is_1_0 || names_keep_alive_);
  return 0;
}

}  // namespace penstock::http
