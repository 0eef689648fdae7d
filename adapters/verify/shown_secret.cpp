#include "verify/shown_secret.hpp"

#include "verify/encoding.hpp"
#include "verify/scheme_rules.hpp"
#include <openssl/crypto.h>

#include <algorithm>
#include <cstring>
#include <optional>

namespace penstock::verify {
namespace {

// memmem and not find(): linear whatever a stranger sends.
bool contains(std::string_view value, std::string_view text) noexcept {
  return !text.empty() && ::memmem(value.data(), value.size(), text.data(), text.size()) != nullptr;
}

// `Bearer abc` shows abc: the word in front of the blanks is no secret, and copies lose it.
std::string_view secret_part(std::string_view value) noexcept {
  const std::size_t blank = value.find(' ');
  const std::size_t begin = value.find_first_not_of(' ', blank);
  return begin == std::string_view::npos ? value : value.substr(begin);
}

}  // namespace

std::optional<std::string_view> only_value(std::span<const Field> fields, std::string_view name,
                                           Result& result) noexcept {
  std::optional<std::string_view> value;
  for (const Field& field : fields) {
    if (!equal_without_case(field.first, name)) continue;
    if (value) {
      result = Result::malformed;
      return std::nullopt;
    }
    value = field.second;
  }
  if (!value) result = Result::unsigned_;
  return value;
}

std::string_view credentials_of(std::string_view value, std::string_view scheme) noexcept {
  if (value.size() <= scheme.size() || !equal_without_case(value.substr(0, scheme.size()), scheme)) return {};
  const std::string_view rest = value.substr(scheme.size());
  const std::size_t begin = rest.find_first_not_of(' ');
  return begin == 0 || begin == std::string_view::npos ? std::string_view{} : rest.substr(begin);
}

// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): decoded_ is written before it is read, and often not at all
ShownSecret::ShownSecret(const Scheme& scheme, const Request& request) noexcept {
  Result ignored = Result::malformed;
  const auto value_of = [&](std::string_view name) { return only_value(request.fields, name, ignored).value_or(""); };
  switch (scheme.kind) {
    case Kind::token: text_ = value_of(scheme.header); return;
    case Kind::bearer: text_ = credentials_of(value_of("authorization"), "bearer"); return;
    case Kind::basic: show_basic(credentials_of(value_of("authorization"), "basic")); return;
    case Kind::path_token: text_ = request.path_token; return;
    case Kind::function: show_declared(scheme, request); return;
    case Kind::hmac:
    case Kind::none: return;
  }
}

void ShownSecret::show_basic(std::string_view credentials) noexcept {
  const auto bytes = decode_base64(credentials, decoded_);
  decoded_bytes_ = bytes.value_or(decoded_.size());  // What was decoded before an error stands there too.
  if (!bytes) return;
  // Without the padding, which copies often lose.
  text_ = credentials.substr(0, credentials.find_last_not_of('=') + 1);
  const std::string_view decoded{reinterpret_cast<const char*>(decoded_.data()), *bytes};
  const std::size_t colon = decoded.find(':');  // RFC 7617, 2: the user holds none.
  if (colon != std::string_view::npos) password_ = decoded.substr(colon + 1);
}

void ShownSecret::show_declared(const Scheme& scheme, const Request& request) noexcept {
  if (scheme.reads_path) text_ = request.path_token;
  const auto is_declared = [&scheme](std::string_view name) {
    return std::any_of(scheme.secret_fields.begin(), scheme.secret_fields.end(),
                       [name](const std::string& secret) { return equal_without_case(name, secret); });
  };
  for (const Field& field : request.fields) {
    if (!is_declared(field.first)) continue;
    if (declared_count_ < declared_.size()) declared_[declared_count_] = secret_part(field.second);
    ++declared_count_;
  }
}

ShownSecret::~ShownSecret() { OPENSSL_cleanse(decoded_.data(), decoded_bytes_); }

bool ShownSecret::is_within(std::string_view value) const noexcept {
  if (declared_count_ > declared_.size()) return true;
  return contains(value, text_) || contains(value, password_) ||
         std::any_of(declared_.begin(), declared_.begin() + declared_count_,
                     [value](std::string_view secret) { return contains(value, secret); });
}

}  // namespace penstock::verify
