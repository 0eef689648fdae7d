// What a request shows as its secret, to be found again in fields that are not meant to hold one: proxies copy a path
// token into X-Original-URI, X-Forwarded-Uri or Referer.
//
//     const verify::ShownSecret shown{verifier.scheme(), request};
//     if (verifier.is_secret_field(name) || shown.is_within(value)) continue;   // no metadata
//
// It looks for what the request shows, not for what is configured: so the time tells a stranger nothing that he did not
// send himself, and it costs the same for one secret as for many. A request that shows none of the configured secrets
// is never published, so nothing else needs to be found. A signature opens nothing: hmac and none show no secret.
// One thread; valid while the request is. Allocates nothing, never throws. is_within() is O(value), whatever is sent.

#pragma once

#include "verify/verifier.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace penstock::verify {

inline constexpr std::size_t kCredentialsBytesMax = 4096;  // Of a decoded user and password; more is malformed.

/// The only value of that field; nullopt, and `result` says why, when there is none or several.
[[nodiscard]] std::optional<std::string_view> only_value(std::span<const Field> fields, std::string_view name,
                                                         Result& result) noexcept;

/// RFC 7617, 2 and RFC 6750, 2.1: what stands behind the scheme's name and its spaces; empty for another scheme.
[[nodiscard]] std::string_view credentials_of(std::string_view value, std::string_view scheme) noexcept;

class ShownSecret {
 public:
  ShownSecret(const Scheme& scheme, const Request& request) noexcept;
  ~ShownSecret();  ///< Wipes what it decoded.
  ShownSecret(const ShownSecret&) = delete;
  ShownSecret& operator=(const ShownSecret&) = delete;

  /// Nothing is shown, so nothing need be looked for.
  [[nodiscard]] bool empty() const noexcept { return text_.empty() && password_.empty() && declared_count_ == 0; }
  [[nodiscard]] bool is_within(std::string_view value) const noexcept;

 private:
  void show_basic(std::string_view credentials) noexcept;
  void show_declared(const Scheme& scheme, const Request& request) noexcept;

  std::string_view text_;      // Token, path token, or credentials of basic as they are sent.
  std::string_view password_;  // basic; in decoded_.
  std::array<unsigned char, kCredentialsBytesMax> decoded_;
  std::size_t decoded_bytes_ = 0;
  std::array<std::string_view, kSecretFieldsMax> declared_{};  // function: what its fields show.
  std::size_t declared_count_ = 0;                             // Past the array: more than can be looked for.
};

}  // namespace penstock::verify
