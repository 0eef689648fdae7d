#include "verify/shown_secret.hpp"

#include "verify/encoding.hpp"
#include "verify/scheme_rules.hpp"
#include <openssl/crypto.h>

#include <cstring>
#include <optional>

namespace penstock::verify {
namespace {

// memmem and not find(): linear whatever a stranger sends.
bool contains(std::string_view value, std::string_view text) noexcept {
  return !text.empty() && ::memmem(value.data(), value.size(), text.data(), text.size()) != nullptr;
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

ShownSecret::~ShownSecret() { OPENSSL_cleanse(decoded_.data(), decoded_bytes_); }

bool ShownSecret::is_within(std::string_view value) const noexcept {
  return contains(value, text_) || contains(value, password_);
}

}  // namespace penstock::verify
