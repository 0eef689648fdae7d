#include "verify/verifier.hpp"

#include "verify/encoding.hpp"
#include "verify/hmac.hpp"
#include "verify/scheme_rules.hpp"
#include "verify/shown_secret.hpp"
#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace penstock::verify {
namespace {

constexpr std::string_view kAuthorization = "authorization";
constexpr std::array<std::string_view, 4> kSecretFields{kAuthorization, "proxy-authorization", "cookie",
                                                        "x-amz-security-token"};

// Every secret is compared, whichever fits: the time tells neither which one nor whether one did.
Result equals_any(const std::vector<Secret>& secrets, std::string_view given) {
  if (given.empty()) return Result::malformed;
  Digest digest{};
  if (!sha256(given, digest)) return Result::unavailable;
  bool fits = false;
  for (const Secret& secret : secrets) fits = secret.has_digest(digest) || fits;
  return fits ? Result::authentic : Result::forged;
}

std::string_view text_of(std::span<const unsigned char> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::span<const unsigned char> bytes_of(std::string_view text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

// In one allocation, which the Secret takes over: no copy of the password is left behind.
Secret credentials(const Scheme& scheme, const Secret& password) {
  std::string text;
  text.reserve(scheme.user.size() + 1 + password.reveal().size());
  text.append(scheme.user).append(":").append(password.reveal());
  return Secret{std::move(text)};
}

}  // namespace

struct Verifier::Impl {
  Scheme scheme;
  std::vector<Secret> secrets;  // basic: "user:password".
  std::vector<HmacKey> keys;    // hmac: one a secret.
  std::string before, after;    // hmac: the item around {sig}.
  CheckFunction function;       // function.

  [[nodiscard]] Result check_hmac(const Request& request) const;
  [[nodiscard]] Result check_authorization(const Request& request) const;
  [[nodiscard]] Result call(const Request& request, std::chrono::system_clock::time_point now) const noexcept;
  [[nodiscard]] bool decode_signature(std::string_view item, Digest& given) const;
};

Verifier::Verifier(Scheme scheme, std::vector<Secret> secrets) : impl_{std::make_unique<Impl>()} {
  require_usable(scheme, secrets);
  if (scheme.kind == Kind::hmac) {
    const std::size_t at = scheme.item.find(kSignaturePlace);
    impl_->before = scheme.item.substr(0, at);
    impl_->after = scheme.item.substr(at + kSignaturePlace.size());
    for (const Secret& secret : secrets) impl_->keys.emplace_back(secret.reveal());
  }
  if (scheme.kind == Kind::basic) {
    for (Secret& secret : secrets) secret = credentials(scheme, secret);
  }
  // One without its digest would make its sender's every request a forgery.
  if (std::any_of(secrets.begin(), secrets.end(), [](const Secret& secret) { return !secret.usable(); })) {
    throw std::runtime_error("OpenSSL could not hash a secret: it has no memory");
  }
  impl_->scheme = std::move(scheme);
  impl_->secrets = std::move(secrets);
}

Verifier::Verifier(std::unique_ptr<Impl> impl) noexcept : impl_{std::move(impl)} {}

Verifier Verifier::from_function(std::string name, CheckFunction check, FunctionOptions options) {
  auto impl = std::make_unique<Impl>();
  impl->scheme = {.kind = Kind::function,
                  .name = std::move(name),
                  .secret_fields = std::move(options.secret_fields),
                  .reads_path = options.path_token};
  impl->function = std::move(check);
  require_usable_function(impl->scheme, impl->function != nullptr);
  return Verifier{std::move(impl)};
}

Verifier::Verifier(Verifier&& other) noexcept = default;
Verifier& Verifier::operator=(Verifier&& other) noexcept = default;
Verifier::~Verifier() = default;

bool Verifier::Impl::decode_signature(std::string_view item, Digest& given) const {
  if (item.size() < before.size() + after.size() || !item.starts_with(before) || !item.ends_with(after)) return false;
  const std::string_view text = item.substr(before.size(), item.size() - before.size() - after.size());
  if (scheme.encoding == Encoding::hex) return decode_hex(text, given);
  return decode_base64(text, given) == given.size();
}

Result Verifier::Impl::check_hmac(const Request& request) const {
  Result result = Result::malformed;
  const std::optional<std::string_view> item = only_value(request.fields, scheme.header, result);
  Digest given{};
  if (!item || !decode_signature(*item, given)) return result;
  bool fits = false;
  for (const HmacKey& key : keys) {
    Digest wanted{};
    if (!key.sign(request.body, wanted)) return Result::unavailable;
    fits = equal(wanted, given) || fits;
  }
  return fits ? Result::authentic : Result::forged;
}

Result Verifier::Impl::check_authorization(const Request& request) const {
  Result result = Result::malformed;
  const std::optional<std::string_view> value = only_value(request.fields, kAuthorization, result);
  if (!value) return result;
  if (scheme.kind == Kind::bearer) return equals_any(secrets, credentials_of(*value, "bearer"));
  std::array<unsigned char, kCredentialsBytesMax> decoded{};
  const auto bytes = decode_base64(credentials_of(*value, "basic"), decoded);
  if (bytes) result = equals_any(secrets, text_of(std::span{decoded}.first(*bytes)));
  OPENSSL_cleanse(decoded.data(), decoded.size());  // The sender's password, if it was right.
  return result;
}

// Whatever goes wrong inside: nobody has said that the request is authentic.
Result Verifier::Impl::call(const Request& request, std::chrono::system_clock::time_point now) const noexcept {
  try {
    const Result result = function(request, now);
    return result <= Result::unavailable ? result : Result::unavailable;
  } catch (...) {
    return Result::unavailable;
  }
}

Result Verifier::check(const Request& request, std::chrono::system_clock::time_point now) const noexcept {
  Result result = Result::malformed;
  switch (impl_->scheme.kind) {
    case Kind::hmac: return impl_->check_hmac(request);
    case Kind::token: {
      const std::optional<std::string_view> given = only_value(request.fields, impl_->scheme.header, result);
      return given ? equals_any(impl_->secrets, *given) : result;
    }
    case Kind::basic:
    case Kind::bearer: return impl_->check_authorization(request);
    case Kind::path_token:
      return request.path_token.empty() ? Result::unsigned_ : equals_any(impl_->secrets, request.path_token);
    case Kind::none: return Result::authentic;
    case Kind::function: return impl_->call(request, now);
  }
  return result;
}

const Scheme& Verifier::scheme() const noexcept { return impl_->scheme; }

bool Verifier::reads_path() const noexcept {
  return impl_->scheme.kind == Kind::path_token || impl_->scheme.reads_path;
}

bool Verifier::is_secret_field(std::string_view name) const noexcept {
  const Scheme& scheme = impl_->scheme;
  if (scheme.kind == Kind::token && equal_without_case(name, scheme.header)) return true;
  const auto is_name = [name](std::string_view secret) { return equal_without_case(name, secret); };
  return std::any_of(kSecretFields.begin(), kSecretFields.end(), is_name) ||
         std::any_of(scheme.secret_fields.begin(), scheme.secret_fields.end(), is_name);
}

Verifier::Proof Verifier::prove(std::string_view body) const {
  const Scheme& scheme = impl_->scheme;
  if (scheme.kind == Kind::none) return {};
  if (scheme.kind == Kind::function) throw std::logic_error("verify " + scheme.name + ": a function proves nothing");
  const std::string secret{impl_->secrets.front().reveal()};
  switch (scheme.kind) {
    case Kind::hmac: {
      Digest mac{};
      if (!impl_->keys.front().sign(body, mac)) throw std::runtime_error("OpenSSL could not sign a body");
      const std::string text = scheme.encoding == Encoding::hex ? encode_hex(mac) : encode_base64(mac);
      return {.fields = {{scheme.header, impl_->before + text + impl_->after}}};
    }
    case Kind::token: return {.fields = {{scheme.header, secret}}};
    case Kind::basic: return {.fields = {{"Authorization", "Basic " + encode_base64(bytes_of(secret))}}};
    case Kind::bearer: return {.fields = {{"Authorization", "Bearer " + secret}}};
    case Kind::path_token: return {.path_token = secret};
    case Kind::none:
    case Kind::function: break;
  }
  return {};
}

}  // namespace penstock::verify
