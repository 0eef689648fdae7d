// The one type that holds a secret: it cannot be printed, copied or compared by accident.
//
//     verify::Secret secret{std::move(text)};     // wipes `text`
//     if (secret.equals(given)) ...               // the time depends on `given` alone
//
// Threads: equals() and reveal() from any number at once. Never blocks; equals() is O(length of `given`).

#pragma once

#include "verify/hmac.hpp"

#include <string>
#include <string_view>

namespace penstock::verify {

class Secret {
 public:
  explicit Secret(std::string&& text) noexcept;
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();  ///< Wipes the bytes.

  [[nodiscard]] bool empty() const noexcept { return bytes_.empty(); }
  /// Compares SHA-256 digests in constant time, so that not even the secret's length can be measured. An empty secret
  /// equals nothing.
  [[nodiscard]] bool equals(std::string_view given) const noexcept;  ///< False too when OpenSSL has no memory.
  /// The same for the digest of what was given: one hash for many secrets, and its failure is the caller's to tell.
  [[nodiscard]] bool has_digest(const Digest& given) const noexcept { return equal(digest_, given) && usable_; }
  /// False: it equals nothing, since it is empty, moved from, or OpenSSL had no memory when it was made.
  [[nodiscard]] bool usable() const noexcept { return usable_; }

  /// The bytes, for a key schedule or for a sender's side (penstock send). Never for logs, answers or metadata.
  [[nodiscard]] std::string_view reveal() const noexcept { return bytes_; }

 private:
  std::string bytes_;
  Digest digest_{};
  bool usable_ = false;  // Not empty, and digested.
};

}  // namespace penstock::verify
