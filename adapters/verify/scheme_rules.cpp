#include "verify/scheme_rules.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>

namespace penstock::verify {
namespace {

constexpr std::array<std::pair<Kind, std::string_view>, 7> kKinds{{{Kind::hmac, "hmac"},
                                                                   {Kind::token, "token"},
                                                                   {Kind::basic, "basic"},
                                                                   {Kind::bearer, "bearer"},
                                                                   {Kind::path_token, "path-token"},
                                                                   {Kind::none, "none"},
                                                                   {Kind::function, "function"}}};

bool is_alnum(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// RFC 9110, 5.6.2: token.
bool is_field_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return is_alnum(c) || std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
  });
}

// RFC 9110, 5.5: what can arrive as a field's value; blanks at its ends are trimmed on the way.
bool is_field_value(std::string_view value) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  return !is_blank(value.front()) && !is_blank(value.back()) && std::none_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
}

// RFC 3986, 2.3: unreserved, which every client sends as it stands; and no dot segment, which clients resolve.
bool is_path_token(std::string_view token) {
  return token != "." && token != ".." && std::all_of(token.begin(), token.end(), [](char c) {
           return is_alnum(c) || std::string_view{"-._~"}.find(c) != std::string_view::npos;
         });
}

[[noreturn]] void refuse(const Scheme& scheme, const std::string& why) {
  throw std::invalid_argument("verify " + std::string{to_string(scheme.kind)} + ": " + why);
}

void require_whole(const Scheme& scheme) {
  if (scheme.kind == Kind::hmac || scheme.kind == Kind::token) {
    if (scheme.header.empty()) refuse(scheme, "'header' is missing: name the field that carries the proof");
    if (!is_field_name(scheme.header)) refuse(scheme, "'" + scheme.header + "' cannot be the name of a header");
  }
  if (scheme.kind == Kind::hmac) {
    const std::size_t at = scheme.item.find(kSignaturePlace);
    if (at == std::string::npos || scheme.item.find(kSignaturePlace, at + 1) != std::string::npos) {
      refuse(scheme, R"('item' must hold {sig} exactly once, as in "sha256={sig}"; it is ")" + scheme.item + "\"");
    }
    if (!is_field_value(scheme.item))
      refuse(scheme, "'item' cannot be sent as a header: blanks around it, or control bytes");
  }
  if (scheme.kind == Kind::basic && scheme.user.find(':') != std::string::npos) {
    refuse(scheme, "'user' must hold no colon (RFC 7617, 2)");
  }
}

void require_sendable(const Scheme& scheme, std::string_view secret) {
  if (secret.empty()) refuse(scheme, "a secret is empty: set it, or take it off the list");
  switch (scheme.kind) {
    case Kind::token:
    case Kind::bearer:
      if (!is_field_value(secret)) {
        refuse(scheme, "a secret cannot be sent as a header: it has blanks or a line end around it, or control bytes");
      }
      break;
    case Kind::path_token:
      if (!is_path_token(secret)) {
        refuse(scheme, "a path token may hold letters, digits and - . _ ~ only, for senders to send it as it stands");
      }
      break;
    default: break;
  }
}

}  // namespace

void require_usable(const Scheme& scheme, const std::vector<Secret>& secrets) {
  require_whole(scheme);
  if (scheme.kind == Kind::function) refuse(scheme, "has a function, not secrets: use Verifier::from_function()");
  if (scheme.kind == Kind::none) {
    if (!secrets.empty()) refuse(scheme, "checks no secret, and one was given: take it away, or choose another kind");
    return;
  }
  if (secrets.empty()) refuse(scheme, "a secret is missing: give at least one, or write kind: none to take anything");
  if (secrets.size() > kSecretsMax) {
    refuse(scheme, "more than " + std::to_string(kSecretsMax) + " secrets: each is tried on every body");
  }
  for (const Secret& secret : secrets) require_sendable(scheme, secret.reveal());
}

void require_usable_function(const Scheme& scheme, bool has_function) {
  if (!is_field_name(scheme.name)) {
    refuse(scheme, "'" + scheme.name + "' cannot be its name: use letters, digits and - . _");
  }
  if (!has_function) refuse(scheme, scheme.name + " is empty: nothing would decide");
  if (scheme.secret_fields.size() > kSecretFieldsMax) {
    refuse(scheme, scheme.name + " declares more than " + std::to_string(kSecretFieldsMax) + " secret fields");
  }
  for (const std::string& field : scheme.secret_fields) {
    if (!is_field_name(field)) refuse(scheme, "'" + field + "' cannot be the name of a header");
  }
}

bool same_letters(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view to_string(Result result) noexcept {
  constexpr std::array<std::string_view, 6> names{"authentic", "forged",    "unsigned",
                                                  "stale",     "malformed", "unavailable"};
  return names[static_cast<std::size_t>(result)];
}

std::string_view to_string(Kind kind) noexcept {
  const auto* const found = std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& k) { return k.first == kind; });
  return found->second;
}

std::optional<Kind> kind_named(std::string_view name) noexcept {
  for (const auto& [kind, text] : kKinds) {
    if (text == name && kind != Kind::function) return kind;
  }
  return std::nullopt;
}

std::optional<Encoding> encoding_named(std::string_view name) noexcept {
  if (name == "hex") return Encoding::hex;
  if (name == "base64") return Encoding::base64;
  return std::nullopt;
}

}  // namespace penstock::verify
